// The drawer that shows how a panel came to what it shows: its queries, where the time went, the data, the answer.

import { csvOf, download, rowsOf } from "./csv.js";
import { h, icon } from "./dom.js";
import { dialog } from "./menus.js";
import { localText } from "./zone.js";

const LEAST_MS = 0.05; // what a stage takes that is worth a line
const MOST_ROWS = 500;
const TABS = ["Query", "Data", "JSON"];

/** @param {string} title @param {() => Promise<Record<string, any>>} ask @param {[number, number]} range */
export async function inspect(title, ask, range) {
  const body = h("div", { class: "scroll", tabindex: "0", role: "tabpanel", "aria-label": "Query" }, h("p", { class: "muted", role: "status" }, "Asking the data source"));
  const tabs = h("div", { class: "tabs", role: "tablist" });
  const copy = h("button", { class: "btn sm", type: "button" }, icon("copy"), "Copy");
  const box = dialog("drawer", title, [tabs, body], [copy]);
  let results = {};
  try {
    results = await ask();
  } catch (error) {
    body.replaceChildren(fault(/** @type {Error} */ (error).message));
    return;
  }
  const json = JSON.stringify(results, null, 2);
  const pages = [() => queries(results, range), () => [table(Object.values(results), title)], () => [h("pre", { class: "code" }, json.slice(0, 200_000))]];
  const choose = (/** @type {number} */ index) => {
    [...tabs.children].forEach((tab, i) => {
      tab.setAttribute("aria-selected", String(i === index));
      tab.setAttribute("tabindex", i === index ? "0" : "-1");
    });
    body.setAttribute("aria-label", TABS[index]);
    body.replaceChildren(...pages[index]());
  };
  tabs.append(...TABS.map((name, index) => h("button", { type: "button", role: "tab", onclick: () => choose(index) }, name)));
  tabs.addEventListener("keydown", (event) => {
    const at = [...tabs.children].indexOf(/** @type {Element} */ (document.activeElement));
    const next = { ArrowRight: (at + 1) % TABS.length, ArrowLeft: (at + TABS.length - 1) % TABS.length }[event.key];
    if (next === undefined) return;
    choose(next);
    /** @type {HTMLElement} */ (tabs.children[next]).focus();
  });
  copy.addEventListener("click", () => navigator.clipboard?.writeText(json).then(() => (copy.lastChild ? copy.lastChild.textContent = "Copied" : null)));
  choose(0);
  return box;
}

/** @param {string} text */
function fault(text) {
  return h("div", { class: "message error still" }, icon("broken"), h("strong", {}, "This panel cannot be inspected"), h("p", {}, text));
}

/** @param {Record<string, any>} results @param {[number, number]} range */
function queries(results, range) {
  const parts = Object.entries(results).map(([ref, answer]) => target(ref, answer));
  if (!parts.length) return [h("p", { class: "muted" }, "This panel asks no data source.")];
  const asked = h("section", {}, h("h3", {}, "What was asked"), facts([["From", localText(range[0])], ["To", localText(range[1])]]));
  return [...parts, asked];
}

/** @param {string} ref @param {any} answer */
function target(ref, answer) {
  const head = h("h3", {}, `Target ${ref}`);
  if (answer.error) return h("section", {}, head, h("p", { class: "fault" }, answer.error.detail ?? answer.error.title));
  const seen = answer.inspect ?? {};
  const stages = Object.entries(seen.stages_ms ?? {});
  const took = stages.reduce((sum, [, ms]) => sum + Number(ms), 0);
  const figures = [["Took", `${took.toFixed(1)} ms`], ["Cache", cached(seen)], ["Fetched", `${Number(seen.points_fetched ?? 0).toLocaleString("en")} pts`], ["Drawn", `${Number(seen.points_returned ?? 0).toLocaleString("en")} pts`]];
  const numbers = h("dl", { class: "facts" }, ...figures.map(([name, value]) => h("div", {}, h("dt", {}, name), h("dd", {}, value))));
  const text = typeof seen.query === "string" ? seen.query : JSON.stringify(seen.query, null, 2) ?? "";
  const notes = [...(answer.warnings ?? []), ...(answer.partial ? ["The answer is partial"] : []), ...(answer.stale ? [`From ${answer.stale.age_s} s ago`] : [])];
  return h("section", {}, head, numbers, h("pre", { class: "code" }, text), ...notes.map((/** @type {string} */ note) => h("p", { class: "muted" }, note)), bars(stages, took));
}

/** @param {any} seen the cache's result, and how old what it had is */
function cached(seen) {
  const old = seen.cache !== "miss" && typeof seen.age_s === "number";
  return old ? `${seen.cache}, ${seen.age_s.toFixed(1)} s old` : seen.cache ?? "–";
}

/** @param {[string, any][]} stages @param {number} took */
function bars(stages, took) {
  let before = 0;
  const rows = stages.filter(([, ms]) => Number(ms) >= LEAST_MS).reverse().map(([name, ms]) => {
    const style = `left:${(100 * before) / (took || 1)}%;width:${Math.max(0.5, (100 * ms) / (took || 1))}%`;
    before += Number(ms);
    return h("div", {}, h("span", { class: "muted" }, name.replaceAll("_", " ")), h("span", { class: "t" }, h("i", { style })), h("span", { class: "num" }, `${Number(ms).toFixed(1)} ms`));
  });
  return h("div", { class: "stages" }, h("h4", {}, "Where the time went"), ...rows);
}

/** @param {string[][]} pairs */
function facts(pairs) {
  return h("table", { class: "tbl" }, h("tbody", {}, ...pairs.map(([name, value]) => h("tr", {}, h("th", { scope: "row", class: "muted" }, name), h("td", { class: "num" }, value)))));
}

/** @param {any[]} answers @param {string} title */
function table(answers, title) {
  const [names, ...rows] = rowsOf(answers);
  const save = h("button", { class: "btn sm", type: "button", onclick: () => download(`${title}.csv`, csvOf([names, ...rows])) }, icon("download"), "Download CSV");
  const numeric = names.map((_, index) => rows.some((row) => typeof row[index] === "number"));
  const line = (/** @type {any[]} */ row) => h("tr", {}, ...names.map((_, i) => h("td", { class: numeric[i] ? "num" : null }, row[i] === null || row[i] === undefined ? "–" : String(row[i]))));
  const head = h("thead", {}, h("tr", {}, ...names.map((name, i) => h("th", { scope: "col", class: numeric[i] ? "num" : null }, String(name)))));
  const shown = h("div", { class: "scrollx", tabindex: "0", role: "region", "aria-label": "Data" }, h("table", { class: "tbl" }, head, h("tbody", {}, ...rows.slice(0, MOST_ROWS).map(line))));
  const note = rows.length > MOST_ROWS ? `The first ${MOST_ROWS} of ${rows.length.toLocaleString("en")} rows` : `${rows.length.toLocaleString("en")} rows`;
  return h("section", {}, h("div", { class: "bar" }, h("span", { class: "muted grow" }, note), save), shown);
}
