// What tests of forms have in their page: a draft that saves a dashboard with each change, so that the server judges.

class StandIn {
  constructor(document) {
    this.document = document;
    this.confirmed = document;
    this.version = 1;
    this.waiting = [];
    this.untaken = new Set();
    this.last = Promise.resolve();
  }

  get viewId() {
    return this.document.dashboard_id;
  }

  get dashboardId() {
    return this.document.dashboard_id;
  }

  get revision() {
    return this.version;
  }

  /** A change is there at once, and taken back where the server refuses it; one is sent after the other. */
  apply(patch) {
    this.document = patched(this.document, patch);
    this.waiting.push(patch);
    this.tell();
    const judged = this.last.then(() => this.judge(patch));
    this.last = judged.catch(() => null);
    return judged;
  }

  doubt(what, is) {
    if (is) this.untaken.add(what);
    else this.untaken.delete(what);
  }

  async judge(patch) {
    const wanted = patched(this.confirmed, patch);
    const answer = await sent("PUT", `dashboards/${wanted.dashboard_id}`, { ...wanted, version: this.version });
    const said = await answer.json();
    if (answer.ok) [this.version, this.confirmed] = [said.version, wanted];
    this.waiting.shift();
    this.document = this.waiting.reduce(patched, this.confirmed);
    this.tell();
    if (answer.ok) return { ok: true };
    return { ok: false, faults: said.faults ?? [{ path: said.path ?? "$", detail: said.detail }] };
  }

  tell() {
    for (const told of this.listeners ?? []) told();
  }

  on(name, callback) {
    if (name === "changed") this.listeners = [...(this.listeners ?? []), callback];
    return () => (this.listeners = this.listeners.filter((one) => one !== callback));
  }
}

function patched(before, patch) {
  const document = structuredClone(before);
  for (const { op, path, value } of patch) {
    const parts = path.split("/").slice(1).map((part) => part.replaceAll("~1", "/").replaceAll("~0", "~"));
    const last = parts.pop();
    const parent = parts.reduce((inner, part) => inner[part], document);
    if (op === "remove") Array.isArray(parent) ? parent.splice(Number(last), 1) : delete parent[last];
    else if (Array.isArray(parent) && op === "add") parent.splice(last === "-" ? parent.length : Number(last), 0, value);
    else parent[last] = value;
  }
  return document;
}

function sent(method, path, body) {
  const headers = { "Content-Type": "application/json" };
  return fetch(`/api/v1/${path}`, { method, headers, body: JSON.stringify(body) });
}

window.sent = sent;

/** Load the forms, make the dashboard, and lay out where a form goes. */
window.begin = async ({ base, document }) => {
  window.base = base;
  window.forms = await import(`${base}/js/editor/forms.js`);
  const parts = await Promise.all(["panel_editor", "settings"].map((name) => import(`${base}/js/editor/${name}.js`)));
  window.forms = Object.assign({}, window.forms, ...parts);
  window.forms.styled();
  window.into = window.document.createElement("aside");
  window.into.style.cssText = "position:fixed;inset:0 0 0 auto;width:334px;overflow:auto;background:var(--raised);z-index:99";
  window.document.body.append(window.into);
  window.declared = await window.forms.declarations();
  const made = await sent("POST", "dashboards", document);
  if (!made.ok) throw new Error(await made.text());
  window.draft = new StandIn(document);
  window.draft.on("changed", () => window.form?.refresh());
};

window.show = ({ schema, path, only }) => {
  window.form?.unmount();
  const store = path ? new window.forms.DraftStore(window.draft, () => path) : new window.forms.LocalStore({});
  window.form = new window.forms.Form({ declared: window.declared, schema, store, into: window.into, only });
};

/** Every field that is shown: what names it, what explains it, and what draws it. */
window.fields = () => [...window.into.querySelectorAll(".option[data-field]")].map((field) => {
  const label = field.querySelector(":scope > .lab > label, :scope > .lab > span:first-child");
  const named = label.htmlFor ? `#${label.htmlFor}` : `[aria-labelledby="${label.id}"]`;
  const control = window.document.querySelector(named);
  const [help] = (control?.getAttribute("aria-describedby") ?? "").split(" ");
  const said = window.document.getElementById(help)?.textContent ?? "";
  return { name: field.dataset.field, label: label.textContent, drawn: Boolean(control), help: said, kind: field.className };
});

/** Lay the editor of the draft's panel out, with these targets. */
window.edit = async (targets) => {
  await window.draft.apply([
    { op: "add", path: "/panels/0/targets", value: targets },
    { op: "remove", path: "/panels/0/query" },
  ]);
  window.below = window.document.createElement("section");
  window.below.style.cssText = "position:fixed;inset:0 334px 0 0;overflow:auto;background:var(--raised);z-index:99";
  window.document.body.append(window.below);
  window.forms.mountPanelEditor({ draft: window.draft, panelId: 1, options: window.into, below: window.below });
};
