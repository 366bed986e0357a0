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
 * @property {(() => Promise<Record<string, any>>)|null} before the same before its transformations, for who may see that
 * @property {() => Promise<any>} written its JSON; null where there is none
 * @property {(form: "arrow"|"json") => string} file the address of a file of its data; empty where there is none
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
  /** @type {Promise<any>|null} */
  let own = null;
  const written = () => (own ??= panel.written());
  let isBefore = false;
  const stages = () => stageChoice(isBefore, (chosen) => {
    isBefore = chosen;
    open(TABS.indexOf("Data"));
  });
  const columns = async () => drawnColumns(panel.body(), panel.range) ?? answeredColumns(await asked());
  const pages = [
    async () => queries(await panel.seen()),
    async () => {
      const transformed = panel.before && (await written())?.transformations?.length;
      const drawn = drawnColumns(panel.body(), panel.range);
      if (isBefore && panel.before) return [stages(), ...dataTable(`${title} before`, null, await panel.before())];
      return [transformed ? stages() : "", ...dataTable(title, drawn, drawn ? {} : await asked(), files(panel))];
    },
    async () => statistics(await columns()),
    async () => {
      const [answer, own] = await Promise.all([asked(), written()]);
      return [jsonOf("Answer", `${title}.json`, answer), own ? jsonOf("Panel", `${title} panel.json`, own) : ""];
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

/** Which data are shown of a panel that transforms them. @param {boolean} isBefore @param {(isBefore: boolean) => void} choose */
function stageChoice(isBefore, choose) {
  const ways = /** @type {[string, boolean][]} */ ([["As drawn", false], ["Before transformations", true]]);
  return h("div", { class: "seg2", role: "group", "aria-label": "Which data" }, ...ways.map(([text, value]) => h("button", { type: "button", "aria-pressed": String(value === isBefore), onclick: () => choose(value) }, text)));
}

/** @param {Panel} panel */
function files(panel) {
  const forms = /** @type {["arrow"|"json", string][]} */ ([["arrow", "Arrow"], ["json", "JSON"]]);
  return forms.flatMap(([form, text]) => {
    const href = panel.file(form);
    return href ? [h("a", { class: "btn sm", href, download: "", "aria-label": `Download ${text}` }, text)] : [];
  });
}

/** @param {string} heading @param {string} name of its file @param {any} value */
function jsonOf(heading, name, value) {
  const json = JSON.stringify(value, null, 2);
  const save = h("button", { class: "btn sm", type: "button", onclick: () => download(name, json, "application/json") }, icon("download"), "Download JSON");
  return h("section", {}, h("div", { class: "bar" }, h("h3", { class: "of grow" }, heading, h("span", { class: "muted" }, `${json.length.toLocaleString("en")} characters`)), save), h("pre", { class: "code" }, json.slice(0, MOST_JSON)));
}

/** @param {string} text */
function fault(text) {
  return h("div", { class: "message error still" }, icon("broken"), h("strong", {}, "This panel cannot be inspected"), h("p", {}, text));
}
