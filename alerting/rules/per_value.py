"""PromQL of a panel as that of a rule: a variable that a matcher asks for becomes an instance for each of its values.

`sum(rate(x{service="$service"}[5m]))` is `sum by (service) (rate(x{service=~"api|web"}[5m]))`.
"""

from __future__ import annotations

import re
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
    """Aggregations over a selector that asks for a label keep it: the innermost first, so that places stay true."""
    bare = TEXT.sub(lambda match: match[0][0] + "." * (len(match[0]) - 2) + match[0][0], text)
    selector = re.compile(rf"\b{re.escape(label)}\s*=~")
    for match in reversed(list(AGGREGATION.finditer(bare))):
        end = _closing(bare, match.end())
        if not selector.search(bare, match.end(), end):
            continue
        behind = None if match["clause"] else BEHIND.match(bare, end)
        start, stop, clause = _clause(match, behind, label)
        text, bare = text[:start] + clause + text[stop:], bare[:start] + clause + bare[stop:]
    return text


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


def _closing(text: str, opening: int) -> int:
    """The place behind the parenthesis that closes the one at `opening`; the end of a text that has none."""
    depth = 0
    for at in range(opening, len(text)):
        depth += (text[at] == "(") - (text[at] == ")")
        if depth == 0:
            return at + 1
    return len(text)
