// Stands in pages of other sites: puts a frame in its own place, as high as what is shown in it.
// <script src="…/embed/heliograph.js" data-link="<token>" data-panel="3" data-theme="dark" data-transparent async></script>

(() => {
  const own = /** @type {HTMLScriptElement|null} */ (document.currentScript);
  if (!own?.dataset.link) return;
  const { link, panel, theme, transparent, title } = own.dataset;
  const server = new URL(own.src);
  const address = new URL(server.href.replace(/heliograph\.js.*$/, `s/${encodeURIComponent(link)}`));
  if (panel) address.searchParams.set("panel", panel);
  if (theme) address.searchParams.set("theme", theme);
  if (transparent !== undefined) address.searchParams.set("transparent", "");
  for (const [name, value] of new URLSearchParams(own.dataset.query ?? "")) address.searchParams.append(name, value);
  const frame = document.createElement("iframe");
  frame.src = address.href;
  frame.title = title ?? "Dashboard";
  frame.loading = "lazy";
  frame.referrerPolicy = "no-referrer";
  frame.style.cssText = `border:0;display:block;width:100%;height:${panel ? 320 : 600}px`;
  if (transparent !== undefined) frame.style.colorScheme = "light"; // as what is in it: else a page that is dark puts a ground under it
  addEventListener("message", (event) => {
    const { heliograph, height } = event.data ?? {};
    if (event.source === frame.contentWindow && event.origin === server.origin && heliograph === "height" && height > 0) frame.style.height = `${Math.min(height, 20000)}px`;
  });
  own.after(frame);
})();
