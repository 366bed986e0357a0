"""How the values of a variable are written into a text: Grafana's formats, `${name:format}`."""

from __future__ import annotations

import html
import json
import re
from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, datetime
from typing import Final
from urllib.parse import quote

URI_SAFE: Final = "-_.!~*'();/?:@&=+$,#"  # what encodeURI leaves as it is
COMPONENT_SAFE: Final = "-_.~"

Values = Sequence[str]


def glob(name: str, values: Values, _: Sequence[str]) -> str:
    return "{" + ",".join(values) + "}" if len(values) > 1 else "".join(values)


def csv(name: str, values: Values, _: Sequence[str]) -> str:
    return ",".join(values)


def join(name: str, values: Values, arguments: Sequence[str]) -> str:
    return (arguments[0] if arguments else ",").join(values)


def as_json(name: str, values: Values, _: Sequence[str]) -> str:
    return json.dumps(list(values), ensure_ascii=False, separators=(",", ":"))


def pipe(name: str, values: Values, _: Sequence[str]) -> str:
    return "|".join(values)


def regex(name: str, values: Values, _: Sequence[str]) -> str:
    escaped = [escape_regex(value) for value in values]
    return "(" + "|".join(escaped) + ")" if len(escaped) > 1 else "".join(escaped)


def doublequote(name: str, values: Values, _: Sequence[str]) -> str:
    return ",".join('"' + value.replace('"', '\\"') + '"' for value in values)


def singlequote(name: str, values: Values, _: Sequence[str]) -> str:
    return ",".join("'" + value.replace("'", "\\'") + "'" for value in values)


def sqlstring(name: str, values: Values, _: Sequence[str]) -> str:
    return ",".join("'" + value.replace("'", "''") + "'" for value in values)


def lucene(name: str, values: Values, _: Sequence[str]) -> str:
    if not values:
        return "__empty__"
    if len(values) > 1:
        return "(" + " OR ".join('"' + escape_lucene(value) + '"' for value in values) + ")"
    return escape_lucene(values[0])


def percentencode(name: str, values: Values, _: Sequence[str]) -> str:
    return quote(glob(name, values, ()), safe=COMPONENT_SAFE)


def uriencode(name: str, values: Values, _: Sequence[str]) -> str:
    return quote(glob(name, values, ()), safe=URI_SAFE)


def queryparam(name: str, values: Values, _: Sequence[str]) -> str:
    return "&".join(f"var-{name}={quote(value, safe=COMPONENT_SAFE + '$:,@')}" for value in values)


def customqueryparam(name: str, values: Values, arguments: Sequence[str]) -> str:
    key = arguments[0] if arguments else name
    prefix = arguments[1] if len(arguments) > 1 else ""
    return "&".join(f"{quote(key, safe='')}={prefix}{quote(value, safe=COMPONENT_SAFE)}" for value in values)


def as_text(name: str, values: Values, _: Sequence[str]) -> str:
    return " + ".join(values)


def as_html(name: str, values: Values, _: Sequence[str]) -> str:
    return ", ".join(html.escape(value).replace("&#x27;", "&#39;") for value in values)


def distributed(name: str, values: Values, _: Sequence[str]) -> str:
    return ",".join(value if index == 0 else f"{name}={value}" for index, value in enumerate(values))


def date(name: str, values: Values, arguments: Sequence[str]) -> str:
    """A time in ms, as ISO 8601, in seconds or ms, or after a pattern of `YYYY MM DD HH mm ss`; NaN for no number."""
    try:
        ms = int(float("".join(values)))
        moment = datetime.fromtimestamp(ms / 1000, UTC)
    except (ValueError, OverflowError, OSError):
        return "NaN"
    pattern = arguments[0] if arguments else "iso"
    if pattern == "iso":
        return moment.strftime("%Y-%m-%dT%H:%M:%S.") + f"{ms % 1000:03d}Z"
    if pattern in ("seconds", "ms"):
        return str(ms // 1000 if pattern == "seconds" else ms)
    codes = {"YYYY": "%Y", "MM": "%m", "DD": "%d", "HH": "%H", "mm": "%M", "ss": "%S"}
    return re.sub("YYYY|MM|DD|HH|mm|ss", lambda match: moment.strftime(codes[match[0]]), pattern)


Formatter = Callable[[str, Values, Sequence[str]], str]
FORMATS: Final[Mapping[str, Formatter]] = {
    "": glob,
    "glob": glob,
    "csv": csv,
    "raw": csv,
    "join": join,
    "json": as_json,
    "pipe": pipe,
    "regex": regex,
    "doublequote": doublequote,
    "singlequote": singlequote,
    "sqlstring": sqlstring,
    "lucene": lucene,
    "percentencode": percentencode,
    "uriencode": uriencode,
    "queryparam": queryparam,
    "customqueryparam": customqueryparam,
    "text": as_text,
    "html": as_html,
    "distributed": distributed,
    "date": date,
}


def write(name: str, values: Values, spec: str) -> str:
    """The values of variable `name` after a format such as `csv` or `join:;`; an unknown one is `glob`."""
    kind, *arguments = spec.split(":")
    return FORMATS.get(kind, glob)(name, values, arguments)


def escape_regex(text: str) -> str:
    """Text that matches itself in a regular expression."""
    return re.sub(r"[\\^$*+?.()|\[\]{}/]", lambda match: "\\" + match[0], text)


def escape_lucene(text: str) -> str:
    return re.sub(r'[\s!*+\-=<>&|()\[\]{}^~?:\\/"]', lambda match: "\\" + match[0], text)
