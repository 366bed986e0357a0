// The drawer that shows how a panel came to what it shows: its queries, where the time went, the data, figures, the answer.

import { download } from "./csv.js";
import { h, icon } from "./dom.js";
import { answeredColumns, dataTable, drawnColumns, statistics } from "./inspect_data.js";
import { queries } from "./inspect_query.js";
import { dialog } from "./menus.js";
import { copyText } from "./copying.js";
import { tabList } from "./tabs.js";

const MOST_JSON = 200_000;
const TABS = ["Query", "Data", "Statistics", "JSON"];

/**
 * @typedef {object} Panel
 * @property {() => Promise<import("./inspect_query.js").Seen>} seen how what is drawn came about
 * @property {() => Promise<Record<string, any>>} ask what its targets answer now
 * @property {() => any} body what is drawn
 * @property {[number, number]} range what is shown, ms
 */

/** @param {string} title @param {Panel} panel */
export function inspect(title, panel) {
  const body = h("div", { class: "scroll", tabindex: "0", role: "tabpanel", "aria-label": TABS[0] });
  const { list, choose } = tabList(TABS, (index) => open(index));
  const words = h("span", {}, "Copy");
  const copy = h("button", { class: "btn sm", type: "button" }, icon("copy"), words);
  const box = dialog("drawer", title, [list, body], [copy]);
  /** @type {Promise<Record<string, any>>|null} */
  let answers = null;
  const asked = () => (answers ??= panel.ask());
  const columns = async () => drawnColumns(panel.body(), panel.range) ?? answeredColumns(await asked());
  const pages = [
    async () => queries(await panel.seen()),
    async () => {
      const drawn = drawnColumns(panel.body(), panel.range);
      return dataTable(title, drawn, drawn ? {} : await asked());
    },
    async () => statistics(await columns()),
    async () => {
      const json = JSON.stringify(await asked(), null, 2);
      const save = h("button", { class: "btn sm", type: "button", onclick: () => download(`${title}.json`, json, "application/json") }, icon("download"), "Download JSON");
      return [h("section", {}, h("div", { class: "bar" }, h("span", { class: "muted grow" }, `${json.length.toLocaleString("en")} characters`), save), h("pre", { class: "code" }, json.slice(0, MOST_JSON)))];
    },
  ];
  let turn = 0;
  const open = async (/** @type {number} */ index) => {
    const mine = ++turn;
    body.setAttribute("aria-label", TABS[index]);
    body.replaceChildren(h("p", { class: "muted", role: "status" }, "Asking"));
    const content = await pages[index]().catch((error) => [fault(error instanceof Error ? error.message : String(error))]);
    if (mine === turn) body.replaceChildren(...content);
  };
  copy.addEventListener("click", async () => {
    words.textContent = (await copyText(body.innerText)) ? "Copied" : "Not allowed here";
  });
  choose(0);
  return box;
}

/** @param {string} text */
function fault(text) {
  return h("div", { class: "message error still" }, icon("broken"), h("strong", {}, "This panel cannot be inspected"), h("p", {}, text));
}
