// Light or dark: the system's, unless the address or the person says otherwise.

const KEY = "heliograph-theme";
const html = document.documentElement;

export function currentTheme() {
  return html.dataset.theme ?? (matchMedia("(prefers-color-scheme: dark)").matches ? "dark" : "light");
}

export function applyTheme() {
  const wanted = new URLSearchParams(location.search).get("theme") ?? localStorage.getItem(KEY);
  if (wanted === "light" || wanted === "dark") html.dataset.theme = wanted;
}

export function switchTheme() {
  html.dataset.theme = currentTheme() === "dark" ? "light" : "dark";
  localStorage.setItem(KEY, html.dataset.theme);
  dispatchEvent(new Event("themechange"));
}

applyTheme();
for (const button of document.querySelectorAll("[data-theme-switch]")) {
  button.addEventListener("click", switchTheme);
}
