// A dashboard, or one panel, in a frame of another page: it tells that page how high it would like to be.

const ROW_PX = 30, GAP_PX = 8, AROUND_PX = 16;

/** What a page that is embedded says to the one around it: its height and nothing else. @param {any[]} heads @param {number} panelId 0: all */
export function installEmbed(heads, panelId) {
  if (!document.documentElement.hasAttribute("data-embed") || parent === window) return;
  let told = 0;
  const tell = () => {
    const height = panelId ? panelHeight(heads, panelId) : Math.ceil((document.querySelector("main")?.getBoundingClientRect().height ?? 0));
    if (height && height !== told) parent.postMessage({ heliograph: "height", height: told = height }, "*");
  };
  new ResizeObserver(tell).observe(document.querySelector("main") ?? document.body);
  addEventListener("message", (event) => {
    if (event.source !== parent || event.data?.heliograph !== "height?") return;
    told = 0;
    tell();
  });
  tell();
}

/** As high as on its dashboard. @param {any[]} heads @param {number} panelId */
function panelHeight(heads, panelId) {
  const rows = heads.find((one) => one.id === panelId)?.position.h ?? 8;
  return rows * (ROW_PX + GAP_PX) - GAP_PX + AROUND_PX;
}
