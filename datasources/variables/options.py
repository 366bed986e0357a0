"""The options of a variable: written out by an author, or made of a source's answer by a regular expression."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final, Literal

from ...errors import InvalidError
from ..sources.base import VariableOption
from .collation import natural_key

PART: Final = re.compile(r"(?:\\,|[^,])+")
LINE: Final = r"[^\n\r\u2028\u2029]+"
PAIR: Final = re.compile(rf"\s*({LINE})\s:\s({LINE})")
DELIMITED: Final = re.compile(rf"/({LINE[:-1]}*?)/(g?i?m?y?)")
NAMED_GROUP: Final = re.compile(r"(\\.)|\(\?<(?=[A-Za-z_])", re.DOTALL)
NAMED_REFERENCE: Final = re.compile(r"(\\\\)|\\k<(\w+)>")
# An answer's text is cut to this many characters before it is searched: backtracking is for names, not for documents.
MAX_SEARCHED: Final = 1000


@dataclass(frozen=True, slots=True)
class Option(VariableOption):
    """An option with the properties that `${x.field}` finds."""

    properties: Mapping[str, Any] = field(default_factory=dict, compare=False)


@dataclass(frozen=True, slots=True)
class Pattern:
    """The regular expression of a variable; `everywhere` is its flag `g`: every match makes an option."""

    compiled: re.Pattern[str]
    everywhere: bool = False

    def matches(self, text: str) -> list[re.Match[str]]:
        """The first match, or with the flag `g` all up to an empty one."""
        found: list[re.Match[str]] = []
        for match in self.compiled.finditer(text[:MAX_SEARCHED]):
            found.append(match)
            if not self.everywhere or not match[0]:
                break
        return found


def custom_options(text: str) -> list[Option]:
    r"""`a, b, Text : value`: commas between options (`\,` is a comma), ` : ` between what is shown and the value."""
    return [_custom_option(part.replace("\\,", ",")) for part in PART.findall(text)]


def _custom_option(text: str) -> Option:
    pair = PAIR.fullmatch(text)
    if pair is None:
        return Option(text.strip(), text.strip())
    return Option(pair[2].strip(), pair[1].strip())


def custom_options_json(text: str) -> list[Option]:
    """A JSON list of objects with a `value`, perhaps a `text`, and properties; InvalidError for anything else."""
    if not text.strip():
        return []
    try:
        items = json.loads(text)
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
    pattern = NAMED_GROUP.sub(lambda match: match[1] or "(?P<", pattern)
    pattern = NAMED_REFERENCE.sub(lambda match: match[1] or f"(?P={match[2]})", pattern)
    # In JavaScript \w, \d and \b know ASCII alone; a pattern that goes beyond it wants its letters folded, though.
    options = (
        (re.ASCII if pattern.isascii() else 0)
        | (re.IGNORECASE if "i" in flags else 0)
        | (re.MULTILINE if "m" in flags else 0)
    )
    try:
        return Pattern(re.compile(pattern, options), "g" in flags)
    except (re.error, RecursionError, OverflowError) as error:
        raise InvalidError(f"the variable's regular expression {text!r}: {error}") from None


def query_options(
    found: Sequence[VariableOption], regex: str = "", sort: int = 0, applied_to: Literal["value", "text"] = "value"
) -> list[VariableOption]:
    """The options that a source's answer makes: matched, cut to what the groups found, each value once, sorted.

    Groups named `text` and `value` set the one and the other; an unnamed first group sets both.
    """
    options: list[VariableOption] = list(found)
    if regex:
        pattern = parse_regex(regex)
        options = [made for option in found for made in _matched(option, pattern, applied_to)]
    unique: dict[str, VariableOption] = {}
    for option in options:
        unique.setdefault(option.value, option)
    return sorted_options(list(unique.values()), sort)


def _matched(option: VariableOption, pattern: Pattern, applied_to: str) -> Iterator[VariableOption]:
    matches = pattern.matches(option.text if applied_to == "text" else option.value)
    if not matches:
        return
    value = _named(matches, "value")
    text = _named(matches, "text")
    if value or text:
        yield VariableOption(value or text, text or value)
    elif not pattern.compiled.groups:
        yield option
    else:
        for match in matches:
            group = match[1] or ""
            yield VariableOption(group, group)


def _named(matches: Sequence[re.Match[str]], name: str) -> str:
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
