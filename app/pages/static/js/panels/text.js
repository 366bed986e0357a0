// Texts: HTML that the server made of Markdown and sanitised.

import { HtmlPanel } from "./html_panel.js";

export class Text extends HtmlPanel {
  /** The server made this HTML of Markdown and sanitised it. */
  write() {
    this.element.className = "text prose";
    this.element.innerHTML = this.texts.html ?? "";
  }
}
