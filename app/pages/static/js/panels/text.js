// Texts: HTML that the server made of Markdown and sanitised, or plain words.

import { HtmlPanel } from "./html_panel.js";
import { ofPersonIn } from "./links.js";

export class Text extends HtmlPanel {
  write() {
    const plain = this.texts.text !== undefined;
    this.element.className = `text prose scroller${plain ? " plain" : ""}`;
    this.element.setAttribute("tabindex", "0");
    if (plain) this.element.textContent = this.texts.text;
    else this.element.innerHTML = this.texts.html ?? "";
    if (this.element.textContent?.includes("${__") || this.element.textContent?.includes("$__")) tellPerson(this.element);
  }
}

/** Fills in who looks, which the server, that makes one text for all who do, cannot. @param {Node} element */
function tellPerson(element) {
  const walker = document.createTreeWalker(element, NodeFilter.SHOW_TEXT);
  for (let node = walker.nextNode(); node; node = walker.nextNode()) {
    const filled = ofPersonIn(node.nodeValue ?? "");
    if (filled !== node.nodeValue) node.nodeValue = filled;
  }
}
