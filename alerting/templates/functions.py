"""The functions of Prometheus's templates and those of Go's own, of values alone: none does I/O, all are bounded."""

from __future__ import annotations

import ipaddress
import math
import re
import urllib.parse
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from ..rules.durations import duration_ms
from . import escaping
from .comparing import equal, ordered, truth
from .gofmt import NO_VALUE, NOTHING, Nothing, Sample, special, sprint, text_of
from .gotime import LARGEST_NS, MS_NS, Duration, Instant
from .lexer import digits_of
from .printf import sprintf
from .record import Struct

SPECIAL = re.compile(r"[+-]?inf(?:inity)?|nan", re.IGNORECASE)
FLOAT = re.compile(
    r"[+-]?(?:(?:\d[\d_]*\.?[\d_]*|\.[\d_]+)(?:[eE][+-]?\d+)?|0[xX](?:[\da-fA-F_]+\.?[\da-fA-F_]*|\.[\da-fA-F_]+)[pP][+-]?\d+)",
    re.ASCII,
)
LARGE, SMALL = ("k", "M", "G", "T", "P", "E", "Z", "Y"), ("m", "u", "n", "p", "f", "a", "z", "y")
BINARY = ("ki", "Mi", "Gi", "Ti", "Pi", "Ei", "Zi", "Yi")
MAX_ARGUMENTS = 64 * 1024  # characters of what `args` holds, all that is within it counted as often as it is there
HOST_PORT = re.compile(r"(?:\[([^\[\]]*)\]|([^:\[\]]*)):([^:\[\]]*)", re.DOTALL)
# These write down whatever they are given, maps and lists too.
WRITERS = frozenset({"print", "println", "printf", "html", "js", "urlquery"})


class Arguments(dict[str, Any]):
    """The map that `args` makes: maps within it take no room, and may be as long as anything once they are written."""

    kind = "map[string]interface {}"
    weight = 0


def arguments(*values: Any) -> Arguments:
    """`args`: ValueError where much would be written of it."""
    made = Arguments({f"arg{place}": value for place, value in enumerate(values)})
    made.weight = weight(made)
    if made.weight > MAX_ARGUMENTS:
        raise ValueError(f"more than {MAX_ARGUMENTS} characters are within it")
    return made


def weight(value: Any) -> int:
    """About how many characters a value is once it is written."""
    if isinstance(value, str):
        return len(value)
    if isinstance(value, Arguments) and value.weight:
        return value.weight
    if isinstance(value, Struct):
        return weight(value.parts)
    if isinstance(value, Mapping):
        return 1 + sum(len(str(key)) + weight(one) for key, one in value.items())
    if isinstance(value, Sequence):
        return 1 + sum(map(weight, value))
    return 1


def number(value: Any) -> float:
    """What a function of numbers is given, as a float; ValueError for what is none."""
    if isinstance(value, Duration):
        return value.ns / 1e9
    if isinstance(value, bool) or not isinstance(value, (int, float, str)):
        raise ValueError(f"can't convert {type(value).__name__} to float")
    return _parsed(value) if isinstance(value, str) else float(value)


def _parsed(text: str) -> float:
    """A number as Go reads one: also `0x1p4` and `1_000`, and nothing that a float does not hold."""
    try:
        if SPECIAL.fullmatch(text):
            return float(text)
        if not FLOAT.fullmatch(text):
            raise ValueError
        digits = digits_of(text).lower()
        found = float.fromhex(digits) if "x" in digits else float(digits)
    except (ValueError, OverflowError):
        raise ValueError(f"{text[:40]!r} is not a number") from None
    if math.isinf(found):
        raise ValueError(f"{text[:40]!r} is out of range")
    return found


Numeric = Callable[[Any], Any]


def known(function: Numeric, otherwise: Any = NO_VALUE) -> Numeric:
    """The function, and what it makes of the value of an instance that has none."""
    return lambda value: otherwise if isinstance(value, Nothing) else function(value)


def _digits(value: float) -> str:
    """`%.4g` of Go, which writes exponents with two digits as Python does."""
    return format(value, ".4g") if math.isfinite(value) else special(value)


def humanize(value: Any) -> str:
    """A number with an SI prefix: `1.234M`."""
    v = number(value)
    if v == 0 or not math.isfinite(v):
        return _digits(v)
    if abs(v) >= 1:
        return _scaled_down(v, LARGE, 1000)
    return _scaled_up(v)


def _scaled_down(v: float, prefixes: Sequence[str], by: float) -> str:
    prefix = ""
    for one in prefixes:
        if abs(v) < by:
            break
        prefix, v = one, v / by
    return _digits(v) + prefix


def _scaled_up(v: float) -> str:
    prefix = ""
    for one in SMALL:
        if abs(v) >= 1:
            break
        prefix, v = one, v * 1000
    return _digits(v) + prefix


def humanize1024(value: Any) -> str:
    """`1Ki`, `1Mi`, …; a number of 1 or less, or one that is not finite, as it is."""
    v = number(value)
    return _digits(v) if abs(v) <= 1 or not math.isfinite(v) else _scaled_down(v, BINARY, 1024)


def humanize_duration(value: Any) -> str:
    """Seconds in words: `2d 3h 4m 5s`, below one `250ms`."""
    v = number(value)
    if not math.isfinite(v):
        return _digits(v)
    if abs(v) < 1:
        return (_scaled_up(v) if v else _digits(v)) + "s"
    sign, v = ("-" if v < 0 else ""), abs(v)
    if v > LARGEST_NS:
        return f"{sign}{_digits(v)}s"
    minutes, seconds = divmod(int(v), 60)
    hours, minutes = divmod(minutes, 60)
    days, hours = divmod(hours, 24)
    if days:
        return f"{sign}{days}d {hours}h {minutes}m {seconds}s"
    if hours:
        return f"{sign}{hours}h {minutes}m {seconds}s"
    return f"{sign}{minutes}m {seconds}s" if minutes else f"{sign}{_digits(v)}s"


def humanize_percentage(value: Any) -> str:
    """A share of 1 as percents: 0.25 is `25%`."""
    return _digits(number(value) * 100) + "%"


def to_time(value: Any) -> Instant | None:
    """Seconds since the epoch as an instant; ValueError where they are not finite, or too many for Go's clock."""
    v = number(value)
    if not math.isfinite(v):
        raise ValueError(f"{special(v)} is no time")
    if abs(v * 1e9) > LARGEST_NS:
        raise ValueError(f"{v:g} cannot be represented as a nanoseconds timestamp since it overflows int64")
    return Instant(int(int(v * 1e9) / MS_NS) * MS_NS)  # what is below a millisecond is cut off


def humanize_timestamp(value: Any) -> str:
    """Seconds since the epoch as Go writes an instant."""
    v = number(value)
    return text_of(to_time(v)) if math.isfinite(v) else _digits(v)


def to_duration(value: Any) -> Duration:
    """Seconds as a duration; ValueError where nanoseconds of 64 bits do not hold it."""
    v = number(value)
    if not abs(v * 1e9) <= LARGEST_NS:
        raise ValueError(f"{v:g} cannot be represented as a duration")
    return Duration(int(v * 1e9))


def _text(value: Any) -> str:
    if not isinstance(value, str):
        raise ValueError(f"expected string; got {type(value).__name__}")
    return value


def title(value: Any) -> str:
    """The first letter of each word large."""
    text, before = "", ""
    for character in _text(value):
        text += upper(character) if not before or _separates(before) else character
        before = character
    return text


def upper(text: str) -> str:
    """Each character large, those that are large as one character."""
    return "".join(large if len(large := one.upper()) == 1 else one for one in text)


def lower(text: str) -> str:
    """Each character small."""
    return "".join(one.lower()[0] for one in text)


def _separates(character: str) -> bool:
    """Whether a word ends there, as Go's `strings.Title` sees it."""
    if character.isascii():
        return not (character.isalnum() or character == "_")
    return character.isspace()


def strip_port(value: Any) -> str:
    """An address without its port; any other text as it is."""
    host, port = _host_port(_text(value))
    return host if port is not None else _text(value)


def _host_port(text: str) -> tuple[str, str | None]:
    found = HOST_PORT.fullmatch(text)
    if found is None:
        return text, None
    return found[1] if found[1] is not None else found[2], found[3]


def strip_domain(value: Any) -> str:
    """A host without its domain, its port kept; addresses stay as they are."""
    host, port = _host_port(_text(value))
    if _is_address(host):
        return _text(value)
    host = host.partition(".")[0]
    if not port:
        return host
    return f"[{host}]:{port}" if ":" in host else f"{host}:{port}"


def _is_address(host: str) -> bool:
    """Whether it is an address, one without a zone."""
    try:
        ipaddress.ip_address(host)
    except ValueError:
        return False
    return "%" not in host


def _link(tab: int) -> Callable[[Any], str]:
    return lambda value: f"/graph?g0.expr={urllib.parse.quote_plus(_text(value))}&g0.tab={tab}"


def first(values: Any) -> Any:
    """The first sample; ValueError where there is none."""
    if isinstance(values, Sequence) and not isinstance(values, str) and values:
        return values[0]
    raise ValueError("first() called on vector with no elements")


def label(name: Any, sample: Any) -> str:
    """The value of a sample's label; empty where it has none of that name."""
    return _sample(sample).labels.get(_text(name), "")


def value_of(sample: Any) -> float:
    """The value of a sample."""
    return _sample(sample).value


def _sample(sample: Any) -> Sample:
    if not isinstance(sample, Sample):
        raise ValueError("a sample of a query is expected")
    return sample


def sort_by_label(name: Any, samples: Any) -> list[Sample]:
    """Samples in the order of the values of a label."""
    return sorted((_sample(one) for one in samples), key=lambda one: one.labels.get(_text(name), ""))


def length(value: Any) -> int:
    """Of a text in bytes, of a list or a map in items; ValueError for all else."""
    if isinstance(value, str):
        return len(value.encode())
    if isinstance(value, (Mapping, Sequence)):
        return len(value)
    raise ValueError(f"len of type {type(value).__name__}")


def index(value: Any, *keys: Any) -> Any:
    """What stands at the keys, one after the other; ValueError where there is nothing to look into."""
    for key in keys:
        if isinstance(value, Mapping):
            value = value.get(_text(key), absent(value))
        elif isinstance(value, (Sequence, str)) and isinstance(key, int) and not isinstance(key, bool):
            items = value.encode() if isinstance(value, str) else value
            if not 0 <= key < len(items):
                raise ValueError(f"index out of range: {key}")
            value = items[key]
        else:
            raise ValueError(f"can't index item of type {type(value).__name__}")
    return value


def absent(value: Any) -> Any:
    """What a map has for a key that is not there: one of texts an empty one, that of `args` nothing at all."""
    return None if isinstance(value, Arguments) else ""


def cut(value: Any, *ends: Any) -> Any:
    """`slice`"""
    listed = isinstance(value, Sequence) and not isinstance(value, Mapping)
    if not listed or not all(isinstance(end, int) for end in ends) or len(ends) > 2:
        raise ValueError("slice of a text or a list, by one or two numbers")
    items: Any = value.encode() if isinstance(value, str) else value
    start = ends[0] if ends else 0
    stop = ends[1] if len(ends) > 1 else len(items)
    if not 0 <= start <= stop <= len(items):
        raise ValueError(f"index out of range: {start}:{stop}")
    found = items[start:stop]
    return found.decode("utf-8", "replace") if isinstance(found, bytes) else found


PURE: Mapping[str, Callable[..., Any]] = {
    "humanize": known(humanize),
    "humanize1024": known(humanize1024),
    "humanizeDuration": known(humanize_duration),
    "humanizePercentage": known(humanize_percentage),
    "humanizeTimestamp": known(humanize_timestamp),
    "toTime": known(to_time, NOTHING),
    "toDuration": known(to_duration, NOTHING),
    "parseDuration": lambda value: duration_ms(_text(value)) / 1000,
    "title": title,
    "toUpper": lambda value: upper(_text(value)),
    "toLower": lambda value: lower(_text(value)),
    "stripPort": strip_port,
    "stripDomain": strip_domain,
    "graphLink": _link(0),
    "tableLink": _link(1),
    "safeHtml": _text,
    "first": first,
    "label": label,
    "value": value_of,
    "strvalue": lambda sample: _sample(sample).labels.get("__value__", ""),
    "sortByLabel": sort_by_label,
    "args": arguments,
    "len": length,
    "index": index,
    "slice": cut,
    "not": lambda value: not truth(value),
    "eq": equal,
    "ne": lambda one, other: not equal(one, other),
    "lt": ordered(lambda one, other: one < other),
    "le": ordered(lambda one, other: one <= other),
    # As Go has them: so NaN is greater than all.
    "gt": ordered(lambda one, other: not one <= other),
    "ge": ordered(lambda one, other: not one < other),
    "print": lambda *values: sprint(values),
    "println": lambda *values: " ".join(sprint([one]) for one in values) + "\n",
    "printf": lambda template, *values: sprintf(_text(template), values),
    "html": escaping.for_page,
    "js": escaping.for_script,
    "urlquery": escaping.for_address,
    "urlQueryEscape": lambda value: urllib.parse.quote_plus(_text(value)),
}
