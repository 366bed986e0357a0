// Links that open a dashboard without a login: made, listed, revoked, and as frames of other pages.

import { copied, quoted } from "./copying.js";
import { h } from "./dom.js";
import { ask } from "./askfor.js";
import { stillness, timesOf } from "./share_link.js";
import { expiry, makingPage, viewOf } from "./share_made.js";
import { fullTime } from "./zone.js";

const ROW_PX = 38, AROUND_PX = 8;

/** @param {import("./share.js").Shared} shared @returns {Node[]} */
export function publicPage(shared) {
  const { boot, range } = shared;
  const name = /** @type {HTMLInputElement} */ (h("input", { maxlength: "200", autocomplete: "off", placeholder: "Canteen screen" }));
  const password = /** @type {HTMLInputElement} */ (h("input", { type: "password", autocomplete: "new-password", minlength: "8", placeholder: "None" }));
  const [variables, time, texts] = ["Variables, from their options", "Time range", "Text boxes"].map((text) => tick(text));
  const { still, label } = stillness(() => undefined);
  const expires = expiry();
  const hasTexts = boot.variables.some((/** @type {any} */ one) => (one.type === "textbox" || one.type === "adhoc") && one.hide !== "variable");
  texts.label.hidden = !hasTexts;
  variables.label.hidden = !boot.variables.some((/** @type {any} */ one) => one.hide !== "variable" && one.type !== "constant");
  // Text boxes are variables: who may fill them in may choose the others too.
  texts.input.addEventListener("change", () => { variables.input.checked ||= texts.input.checked; });
  variables.input.addEventListener("change", () => { texts.input.checked &&= variables.input.checked; });
  return makingPage({
    path: `dashboards/${encodeURIComponent(boot.dashboard_id)}/shares`, key: "share_id", action: "Make a link",
    words: "Whoever has it sees this dashboard, live, without a login.",
    fields: [h("div", { class: "half" }, h("label", { class: "lab" }, "Name", h("span", { class: "field" }, name)), expires.label),
      h("label", { class: "lab" }, "Password", h("span", { class: "field" }, password)),
      h("fieldset", { class: "ticks" }, h("legend", {}, "Viewers may change"), variables.label, texts.label, time.label), label],
    body: () => ({
      name: name.value.trim(), ...viewOf(boot), ...(still.checked ? timesOf(true, range) : boot.range),
      variables: variables.input.checked ? "free" : "fixed", time: time.input.checked ? "free" : "fixed", text_boxes: texts.input.checked,
      ...expires.asked(), ...(password.value ? { password: password.value } : {}),
    }),
    told: (link) => told(link, shared), line,
  });
}

/** A link that was just made, which is shown this once. @param {any} link @param {import("./share.js").Shared} shared @returns {Node[]} */
function told(link, { panelId, boot, title }) {
  const rows = [h("p", {}, h("strong", {}, "Copy it now: it is not shown again.")), copied("Public link", panelId === null ? link.url : `${link.url}?viewPanel=${panelId}`).row];
  if (!link.embed_url) return [...rows, h("p", { class: "muted" }, "A link with a password cannot be embedded.")];
  const panel = panelId === null ? "" : `?panel=${panelId}`;
  const height = heightOf(boot.panels, panelId);
  const token = link.url.split("/").at(-1);
  const base = link.embed_url.replace(/s\/[\w-]+$/, "");
  const frame = `<iframe src="${quoted(link.embed_url + panel)}" title="${quoted(title)}" width="100%" height="${height}" style="border:0" loading="lazy" referrerpolicy="no-referrer"></iframe>`;
  const script = `<script src="${quoted(base)}heliograph.js" data-link="${token}"${panelId === null ? "" : ` data-panel="${panelId}"`} data-title="${quoted(title)}" async></script>`;
  return [...rows, copied("Frame", frame).row, copied("Script, which adjusts its own height", script).row,
    h("p", { class: "muted" }, "Pages of other sites may embed it where the operator lists them: embed_origins.")];
}

/** How high what is shown is on a desk, px. @param {any[]} heads @param {number|null} panelId */
function heightOf(heads, panelId) {
  const shown = heads.filter((one) => panelId === null || one.id === panelId);
  const rows = panelId === null ? Math.max(...shown.map((one) => one.position.y + one.position.h), 4) : shown[0]?.position.h ?? 8;
  return Math.min(rows * ROW_PX + AROUND_PX, 2000);
}

/** @param {any} link @param {() => Promise<void>} changed @param {(error: unknown) => void} failed */
function line(link, changed, failed) {
  const free = link.variables === "free";
  const may = [free ? "variables" : "", free && link.text_boxes ? "text boxes" : "", link.time === "free" ? "the time range" : ""].filter(Boolean).join(", ");
  const facts = [may ? `Viewers may change ${may}` : "Fixed", link.has_password ? "password" : "", link.expires_at ? `until ${fullTime(link.expires_at)}` : "", link.used_at ? `opened ${fullTime(link.used_at)}` : "never opened"];
  const name = link.name || `Link ${link.share_id}`;
  const revoke = () => ask("DELETE", `shares/${link.share_id}`).then(changed, failed);
  return h("li", { class: "shared" }, h("strong", { class: "cut" }, name), h("span", { class: "muted about", title: link.created_by_name ? `Made by ${link.created_by_name}` : null }, facts.filter(Boolean).join(" · ")),
    h("button", { class: "btn sm", type: "button", "aria-label": `Revoke ${name}`, onclick: revoke }, "Revoke"));
}

/** @param {string} text */
function tick(text) {
  const input = /** @type {HTMLInputElement} */ (h("input", { type: "checkbox" }));
  return { input, label: h("label", { class: "tick" }, input, text) };
}
