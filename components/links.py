"""Data links and names with references, such as `${__field.name}`, `${__value.raw}`, `${__target.B}`.

What is each tab's own stays in the address, and the page fills it in: `${__url_time_range}`, `${__all_variables}`,
`${__url.path}`, `$__timezone`, `${__user.login}`, `${__from:date:iso}`. So do the references to a value where it is not
known yet, as that of a point which somebody will click.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final
from urllib.parse import quote

from ..datasources.frame import Field as Column
from ..datasources.frame import Frame
from ..datasources.scripttext import script_text
from ..datasources.variables.formats import write
from .link_spec import Link

REFERENCE: Final = re.compile(
    r"\$\{(?P<name>__\w+)(?P<path>(?:\.\w+|\[\d+\]|\[\"[^\"\]]+\"\]|\['[^'\]]+'\])*)(?::(?P<spec>[^}]{1,100}))?\}"
    r"|\$(?P<plain>__\w+)"
)
PART: Final = re.compile(r"\.(\w+)|\[(\d+)\]|\[[\"']([^\"'\]]+)[\"']\]")
# Formats whose text an address takes as it is.
READY: Final = frozenset({"raw", "percentencode", "uriencode", "queryparam", "customqueryparam"})
SCHEME: Final = re.compile(r"([a-zA-Z][a-zA-Z0-9+.-]*):")
SAFE_SCHEMES: Final = frozenset({"http", "https", "mailto"})
# What browsers leave out of an address, and what they take for a slash.
MAX_FILLED: Final = 20_000  # characters that values write into one text: each cell has its own
IGNORED: Final = re.compile(r"[\x00-\x20\x7f-\x9f\u2028\u2029]")
# (a column by its name or place, `text`, `numeric`, `raw` or nothing) → its value in the row of the one that is linked
Reads = Callable[[str, str], str]


@dataclass(frozen=True, slots=True)
class Place:
    """What references of a link stand for: the field, its value, the row around it, values of other targets.

    `later`: the value is not known yet.
    """

    frame: Frame
    column: Column
    name: str
    value: Any = None
    text: str = ""
    time_ms: float | None = None
    row: Reads | None = None
    targets: Mapping[str, str] | None = None
    later: bool = False


def links_of(links: Sequence[Link], place: Place) -> list[dict[str, Any]]:
    """The links of one value as the page draws them; one whose address would not be safe is left out."""
    made = []
    for link in links:
        url = safe_url(_filled(link.url, place, encode=True))
        if url:
            title = _filled(link.title, place, encode=False) or url
            made.append({"href": url, "title": title, "tab": link.new_tab})
    return made


def filled(template: str, place: Place) -> str:
    """A text with its references filled in."""
    return _filled(template, place, encode=False)


def shown_name(template: str, frame: Frame, column: Column, name: str) -> str:
    """A display name with its references filled in."""
    return _filled(template, Place(frame, column, name), encode=False)


def safe_url(text: str) -> str | None:
    """An address of http, https, mailto, or within this site; None for any other scheme, hidden ones included."""
    url = text.strip()
    bare = IGNORED.sub("", url)
    scheme = SCHEME.match(bare)
    if not bare or (scheme is not None and scheme[1].lower() not in SAFE_SCHEMES):
        return None
    return bare if scheme is not None or bare != url else url


def _filled(text: str, place: Place, *, encode: bool) -> str:
    """Values that have no room any more are left out; an address (`encode`) is none without them."""
    left = MAX_FILLED

    def written(match: re.Match[str]) -> str:
        nonlocal left
        name = match["name"] or match["plain"]
        path = ["".join(one) for one in PART.findall(match["path"] or "")]
        value = _value(name, path, place)
        if value is None:
            return match[0]
        left -= len(value)
        if left < 0:
            return ""
        kind = (match["spec"] or "").partition(":")[0]
        text = write(name, value, match["spec"]) if kind and kind != "raw" else value
        return quote(text, safe=":" if kind == "date" else "") if encode and kind not in READY else text

    made = REFERENCE.sub(written, text)
    return "" if encode and left < 0 else made


def _value(name: str, path: Sequence[str], place: Place) -> str | None:
    """What a reference stands for; None where it is not known."""
    first, rest = (path[0], path[1:]) if path else ("", [])
    if name == "__series" and first == "name":
        return place.frame.name or place.name
    if name == "__field":
        return _field_value(first, rest, place)
    if name == "__target" and place.targets is not None and len(path) == 1:
        return place.targets.get(first)
    if name == "__value" and not place.later:
        known = {"raw": place.value, "numeric": place.value, "text": place.text, "time": place.time_ms}
        return script_text(known[first or "text"]) if (first or "text") in known else None
    if name == "__data" and first and not place.later:
        return _of_data(first, rest, place)
    return None


def _of_data(first: str, rest: Sequence[str], place: Place) -> str | None:
    """The frame's name and ref, or a value of the same row; what there is not is empty."""
    if first == "fields" and rest:
        if place.row is None:
            return None
        return place.row(".".join(rest), "") or place.row(".".join(rest[:-1]), rest[-1])  # names may hold points
    return {"name": place.frame.name, "refId": place.frame.ref}.get(first, "")


def _field_value(first: str, rest: Sequence[str], place: Place) -> str | None:
    if first in ("name", "displayName"):
        return place.name
    labels = place.column.labels
    if first == "labels" and rest:
        return ", ".join(sorted(labels.values())) if rest[0] == "__values" else labels.get(".".join(rest), "")
    if first in ("labels", "formattedLabels"):
        return ", ".join(f"{key}={json.dumps(labels[key], ensure_ascii=False)}" for key in sorted(labels))
    return None
