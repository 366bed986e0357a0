"""The words of HTML."""

from __future__ import annotations

from html.parser import HTMLParser
from typing import Final

BREAK_TAGS: Final = "br p div li tr h1 h2 h3 h4 h5 h6 ul ol table section header footer"
BREAKS: Final = frozenset(BREAK_TAGS.split())
SILENT: Final = frozenset({"script", "style"})


class _Words(HTMLParser):
    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.found: list[str] = []
        self._silent = 0

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self._silent += tag in SILENT
        if tag in BREAKS:
            self.found.append("\n")

    def handle_endtag(self, tag: str) -> None:
        self._silent = max(0, self._silent - (tag in SILENT))
        if tag in BREAKS:
            self.found.append("\n")

    def handle_data(self, data: str) -> None:
        if not self._silent:
            self.found.append(data)


def plain_text(html: str) -> str:
    """What a person reads of HTML, in lines."""
    words = _Words()
    words.feed(html)
    words.close()
    lines = [" ".join(line.split()) for line in "".join(words.found).splitlines()]
    return "\n".join(line for line in lines if line)
