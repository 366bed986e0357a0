// Light or dark: the system's, unless the address or the person says otherwise.

const KEY = "heliograph-theme";
const html = document.documentElement;

export function currentTheme() {
  return html.dataset.theme ?? (matchMedia("(prefers-color-scheme: dark)").matches ? "dark" : "light");
}

/** What this browser keeps, where it may keep anything: a frame of another page may not. */
function kept() {
  try {
    return localStorage.getItem(KEY);
  } catch {
    return null;
  }
}

export function applyTheme() {
  const wanted = new URLSearchParams(location.search).get("theme") ?? html.dataset.theme ?? kept();
  if (wanted === "light" || wanted === "dark") html.dataset.theme = wanted;
}

export function switchTheme() {
  html.dataset.theme = currentTheme() === "dark" ? "light" : "dark";
  try {
    localStorage.setItem(KEY, html.dataset.theme);
  } catch {
    // then it holds for this page alone
  }
  dispatchEvent(new Event("themechange"));
}

applyTheme();
for (const button of document.querySelectorAll("[data-theme-switch]")) {
  button.addEventListener("click", switchTheme);
}
