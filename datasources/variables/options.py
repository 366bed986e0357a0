"""The options of a variable: written out by an author, or made of a source's answer by a regular expression."""

from __future__ import annotations

import json
import re
from bisect import bisect_left
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import islice
from typing import Any, Final, Literal

from ...errors import InvalidError
from ...patterns import Found, Patience, Pattern, of_script
from ...unpaired import from_json
from ..sources.base import VariableOption
from .collation import natural_key

MAX_OPTIONS: Final = 10_000
PART: Final = re.compile(r"(?:\\,|[^,])+")
LINE: Final = r"[^\n\r\u2028\u2029]+"
COLON: Final = re.compile(r"\s:(?=\s)")
BREAK: Final = re.compile(r"[\n\r\u2028\u2029]")
DELIMITED: Final = re.compile(rf"/({LINE[:-1]}*?)/(g?i?m?y?)")


@dataclass(frozen=True, slots=True)
class Option(VariableOption):
    """An option with the properties that `${x.field}` finds."""

    properties: Mapping[str, Any] = field(default_factory=dict, compare=False)


def custom_options(text: str) -> list[Option]:
    r"""`a, b, Text : value`: commas between options (`\,` is a comma), ` : ` between what is shown and the value.

    The first MAX_OPTIONS of them."""
    parts = islice(PART.finditer(text), MAX_OPTIONS)
    return [_custom_option(part[0].replace("\\,", ",")) for part in parts]


def _custom_option(text: str) -> Option:
    shown = len(text) - len(text.lstrip())
    breaks = [match.start() for match in BREAK.finditer(text)]
    for colon in reversed([match.start() for match in COLON.finditer(text)]):
        begin, value = min(shown, colon - 1), colon + 3
        if colon and value < len(text) and not _within(breaks, begin, colon) and not _within(breaks, value, len(text)):
            return Option(text[value:].strip(), text[begin:colon].strip())
    return Option(text.strip(), text.strip())


def _within(places: Sequence[int], start: int, end: int) -> bool:
    return bisect_left(places, start) < bisect_left(places, end)


def custom_options_json(text: str) -> list[Option]:
    """A JSON list of objects with a `value`, perhaps a `text`, and properties; InvalidError for anything else."""
    if not text.strip():
        return []
    try:
        items = from_json(text)
    except (ValueError, RecursionError) as error:
        raise InvalidError(f"the variable's options are no JSON: {error}") from None
    if not isinstance(items, list):
        raise InvalidError("the variable's options are no JSON list")
    return [_json_option(item) for item in items]


def _json_option(item: Any) -> Option:
    if not isinstance(item, Mapping) or item.get("value") is None:
        raise InvalidError('each of the variable\'s options is an object with a "value"')
    value = _as_text(item["value"])
    text = item.get("text")
    return Option(value, value if text in (None, "") else _as_text(text), dict(item))


def _as_text(value: Any) -> str:
    return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)


def parse_regex(text: str) -> Pattern:
    """`/pattern/flags` (of g, i, m, y) as JavaScript writes it, else a text that has to match whole; InvalidError."""
    pattern, flags = f"^{text}$", ""
    if text.startswith("/"):
        delimited = DELIMITED.fullmatch(text)
        if delimited is None:
            raise InvalidError(f"{text!r} is not a regular expression such as /web-(.*)/i")
        pattern, flags = delimited[1], delimited[2]
    try:
        return of_script(pattern, flags)
    except ValueError as error:
        raise InvalidError(f"the variable's regular expression {text[:200]!r}: {error}") from None


def query_options(
    found: Sequence[VariableOption], regex: str = "", sort: int = 0, applied_to: Literal["value", "text"] = "value"
) -> list[VariableOption]:
    """The options that a source's answer makes: matched, cut to what the groups found, each value once, sorted.

    Groups named `text` and `value` set the one and the other; an unnamed first group sets both.
    """
    options: list[VariableOption] = list(found)
    if regex:
        pattern = parse_regex(regex)
        options = [made for option in _patiently(found) for made in _matched(option, pattern, applied_to)]
    unique: dict[str, VariableOption] = {}
    for option in options:
        unique.setdefault(option.value, option)
    return sorted_options(list(unique.values()), sort)


def _patiently(found: Sequence[VariableOption]) -> Iterator[VariableOption]:
    patience = Patience()
    for option in found:
        patience.check()
        yield option


def _matched(option: VariableOption, pattern: Pattern, applied_to: str) -> Iterator[VariableOption]:
    matches = pattern.find(option.text if applied_to == "text" else option.value)
    if not matches:
        return
    value = _named(matches, "value")
    text = _named(matches, "text")
    if value or text:
        yield VariableOption(value or text, text or value)
    elif not pattern.groups:
        yield option
    else:
        for match in matches:
            group = match[1] or ""
            yield VariableOption(group, group)


def _named(matches: Sequence[Found], name: str) -> str:
    """What a named group found in the first match where it found something."""
    return next((found for match in matches if (found := match.groupdict().get(name))), "")


def sorted_options(options: Sequence[VariableOption], sort: int) -> list[VariableOption]:
    """By text: 0 as they are, 1/2 by characters, 3/4 by the first number, 5/6 any case, 7/8 naturally; even: reversed.

    InvalidError for another number.
    """
    if sort == 0:
        return list(options)
    kind = (sort + 1) // 2
    if kind not in SORT_KEYS:
        raise InvalidError(f"{sort} is not a way to sort options (0 to 8)")
    ordered = sorted(options, key=lambda option: SORT_KEYS[kind](option.text))
    return ordered[::-1] if sort % 2 == 0 else ordered


def _first_number(text: str) -> int:
    match = re.search(r"[0-9]+", text)
    return int(match[0][:MAX_DIGITS]) if match else -1


# Python refuses to read integers of more than 4300 digits.
MAX_DIGITS: Final = 300
SORT_KEYS: Final[Mapping[int, Callable[[str], Any]]] = {1: str, 2: _first_number, 3: str.lower, 4: natural_key}
