// Texts: HTML that the server made of Markdown and sanitised, or plain words.

import { HtmlPanel } from "./html_panel.js";

export class Text extends HtmlPanel {
  write() {
    const plain = this.texts.text !== undefined;
    this.element.className = `text prose scroller${plain ? " plain" : ""}`;
    this.element.setAttribute("tabindex", "0");
    if (plain) this.element.textContent = this.texts.text;
    else this.element.innerHTML = this.texts.html ?? "";
  }
}
