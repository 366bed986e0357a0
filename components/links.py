"""Data links: where a value leads, with what its row, field and value are filled in, and nothing that runs."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Any, Final
from urllib.parse import quote, urlsplit

from .field_options import Link
from .fields import ResolvedField
from .scripttext import script_text

REFERENCE: Final = re.compile(r"\$\{(__[a-zA-Z]+(?:\.[^}]{1,200}|\[\"[^\"]{1,200}\"\])*)\}")
FIELD_OF_ROW: Final = re.compile(r"^__data\.fields(?:\.(?P<dot>.+)|\[\"(?P<bracket>.+)\"\])$")
SCHEMES: Final = frozenset({"", "http", "https", "mailto"})
HIDDEN: Final = re.compile(r"[\x00-\x20\x7f]")  # browsers leave these out before they read a scheme


def links_of(
    links: Sequence[Link], field: ResolvedField, value: Any, text: str, row: Mapping[str, Any]
) -> list[dict[str, Any]]:
    """The links of one value that may be followed: `href`, `title`, `tab`."""
    found = []
    for link in links:
        href = filled(link.url, field, value, text, row, url=True)
        if is_safe(href):
            title = filled(link.title, field, value, text, row, url=False)
            found.append({"href": href, "title": title, "tab": link.new_tab})
    return found


def filled(template: str, field: ResolvedField, value: Any, text: str, row: Mapping[str, Any], *, url: bool) -> str:
    """The template with its references replaced, in an address percent-encoded; unknown ones are empty."""

    def replaced(match: re.Match[str]) -> str:
        found = _value(match[1], field, value, text, row)
        return quote(found, safe="") if url else found

    return REFERENCE.sub(replaced, template)


def _value(name: str, field: ResolvedField, value: Any, text: str, row: Mapping[str, Any]) -> str:
    plain = {
        "__value.raw": lambda: "" if value is None else script_text(value),
        "__value.numeric": lambda: script_text(value) if isinstance(value, float) else "",
        "__value.text": lambda: text,
        "__field.name": lambda: field.name,
    }
    if name in plain:
        return plain[name]()
    if name.startswith("__field.labels."):
        return field.labels.get(name.removeprefix("__field.labels."), "")
    of_row = FIELD_OF_ROW.match(name)
    if of_row:
        found = row.get(of_row["dot"] or of_row["bracket"])
        return "" if found is None else script_text(found)
    return ""


def is_safe(href: str) -> bool:
    """Whether an address is one of the web, of mail or of this site."""
    try:
        scheme = urlsplit(HIDDEN.sub("", href)).scheme.lower()
    except ValueError:
        return False
    return bool(href) and scheme in SCHEMES
