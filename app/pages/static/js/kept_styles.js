// What BokehJS asks of CSS for each visual of each paint, asked once: a page that changes works out its styles anew for
// each such question.

/** @param {(path: string) => any} model the module of BokehJS at a path */
export function keepStyles(model) {
  const visual = model("core/visuals/visual").VisualProperties.prototype, plot = model("models/plots/plot_canvas").PlotView.prototype;
  const value = visual._get_css_value;
  const fontSize = /** @type {PropertyDescriptor & {get: () => any}} */ (Object.getOwnPropertyDescriptor(plot, "base_font_size")).get;
  /** @type {WeakMap<object, Map<string, any>>} by who asks, until the theme is another */
  let kept = new WeakMap();
  /** @param {any} asker @param {HTMLElement|undefined} element @param {string} name @param {() => any} ask */
  const once = (asker, element, name, ask) => {
    const known = kept.get(asker)?.get(name);
    if (known !== undefined) return known;
    const answer = ask();
    if (!element?.isConnected) return answer; // no style reaches it yet
    if (!kept.has(asker)) kept.set(asker, new Map());
    kept.get(asker)?.set(name, answer);
    return answer;
  };
  visual._get_css_value = function (/** @type {string} */ name) {
    return once(this, this.obj.el, name, () => value.call(this, name));
  };
  Object.defineProperty(plot, "base_font_size", {
    configurable: true,
    get() {
      return once(this, this.el, "font-size", () => fontSize.call(this));
    },
  });
  const forget = () => (kept = new WeakMap());
  new MutationObserver(forget).observe(document.documentElement, { attributes: true, attributeFilter: ["data-theme", "data-transparent", "class"] });
  matchMedia("(prefers-color-scheme: dark)").addEventListener("change", forget);
  for (const name of ["beforeprint", "afterprint", "stylechange"]) addEventListener(name, forget);
}
