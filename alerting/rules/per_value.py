"""PromQL of a panel as that of a rule: a variable that a matcher asks for becomes an instance for each of its values.

`sum(rate(x{service="$service"}[5m]))` is `sum by (service) (rate(x{service=~"api|web"}[5m]))`.
"""

from __future__ import annotations

import re
from bisect import bisect_left
from collections.abc import Collection, Iterator, Mapping
from typing import Final

from ...datasources.variables.formats import escape_regex

TEXT: Final = re.compile(r"\"(?:[^\"\\]|\\.)*\"|'(?:[^'\\]|\\.)*'|`[^`]*`")
MATCHER: Final = re.compile(
    r"(?P<label>[A-Za-z_][A-Za-z0-9_]*)\s*=~?\s*(?P<quote>[\"'])"
    r"(?:\$(?P<plain>\w+)|\$\{(?P<curly>\w+)(?::\w+)?\}|\[\[(?P<square>\w+)(?::\w+)?\]\])(?P=quote)",
    re.ASCII,
)
AGGREGATION: Final = re.compile(
    r"\b(?:sum|avg|min|max|count|group|stddev|stdvar|quantile)\b(?P<clause>\s*(?P<how>by|without)\s*\((?P<labels>[^()]*)\))?"
    r"\s*(?=\()",
    re.IGNORECASE,
)
BEHIND: Final = re.compile(r"\s*(?P<how>by|without)\s*\((?P<labels>[^()]*)\)", re.IGNORECASE)
EVERY: Final = ".+"  # every series that has the label


def per_value(text: str, values: Mapping[str, Collection[str]]) -> tuple[str, dict[str, str]]:
    """The text with the matchers of these variables asking for all of their values, and by the name of each variable
    that was found so the label that tells its instances apart. No values: every one there is.
    """
    found: dict[str, str] = {}

    def asked(match: re.Match[str]) -> str:
        name = match["plain"] or match["curly"] or match["square"]
        if name not in values:
            return match[0]
        found[name] = match["label"]
        pattern = "|".join(map(escape_regex, values[name])) or EVERY
        escaped = pattern.replace("\\", "\\\\").replace('"', '\\"')
        return f'{match["label"]}=~"{escaped}"'

    made = MATCHER.sub(asked, text)
    for label in dict.fromkeys(found.values()):
        made = _kept_apart(made, label)
    return made, found


def _kept_apart(text: str, label: str) -> str:
    """Aggregations over a selector that asks for a label keep it."""
    bare = TEXT.sub(lambda match: match[0][0] + "." * (len(match[0]) - 2) + match[0][0], text)
    asked = [match.start() for match in re.finditer(rf"\b{re.escape(label)}\s*=~", bare)]
    closing = _closings(bare)
    pieces, place = [], 0
    changes = []
    for match in AGGREGATION.finditer(bare):
        end = closing.get(match.end(), len(bare))
        if bisect_left(asked, match.end()) == bisect_left(asked, end):
            continue  # none of its selectors asks for the label
        behind = None if match["clause"] else BEHIND.match(bare, end)
        changes.append(_clause(match, behind, label))
    for start, stop, clause in sorted(changes):
        pieces += [text[place:start], clause]
        place = stop
    return "".join([*pieces, text[place:]])


def _clause(match: re.Match[str], behind: re.Match[str] | None, label: str) -> tuple[int, int, str]:
    """Where a clause stands, and what is to stand there instead."""
    given = behind or (match if match["clause"] else None)
    if given is None:
        at = len(match[0].rstrip()) + match.start()
        return at, match.end(), f" by ({label}) "
    names = [name.strip() for name in given["labels"].split(",") if name.strip()]
    is_by = given["how"].lower() == "by"
    names = list(_with(names, label) if is_by else (name for name in names if name != label))
    start, stop = given.span("labels")
    return start, stop, ", ".join(names)


def _with(names: list[str], label: str) -> Iterator[str]:
    yield from names
    if label not in names:
        yield label


def _closings(text: str) -> dict[int, int]:
    """By the place of each parenthesis that opens, the place behind the one that closes it."""
    found: dict[int, int] = {}
    opened: list[int] = []
    for place, char in enumerate(text):
        if char == "(":
            opened.append(place)
        elif char == ")" and opened:
            found[opened.pop()] = place + 1
    return found
