"""How the values of a variable are written into a text: Grafana's formats, `${name:format}`.

A format gets the variable's name, its values and the format's arguments. A single value (`str`) and a list of one are
not the same thing to some formats: `json` writes `a` for the one and `["a"]` for the other.
"""

from __future__ import annotations

import html
import json
import re
from collections.abc import Callable, Mapping, Sequence
from typing import Final
from urllib.parse import quote

from .chosen import Chosen, Macro, Values, Verbatim, as_list, is_single
from .dates import write_date

URI_SAFE: Final = "-_.~;/?:@&=+$,#"  # what encodeURI leaves as it is, but !'()*
COMPONENT_SAFE: Final = "-_.~"
PARAMETER_SAFE: Final = COMPONENT_SAFE + "$:,@;"
ALL_VALUE: Final = "$__all"
ALL_TEXT: Final = "All"


def glob(name: str, values: Values, _: Sequence[str]) -> str:
    """`{a,b}`, and a lone value as it is."""
    many = as_list(values)
    return "{" + ",".join(many) + "}" if len(many) > 1 else "".join(many)


def csv(name: str, values: Values, _: Sequence[str]) -> str:
    """`a,b`."""
    return ",".join(as_list(values))


def join(name: str, values: Values, arguments: Sequence[str]) -> str:
    """Joined by the first argument, or else a comma."""
    return (arguments[0] if arguments else ",").join(as_list(values))


def as_json(name: str, values: Values, _: Sequence[str]) -> str:
    """A list of JSON; a single value as it is."""
    if isinstance(values, str):
        return values
    return json.dumps(list(values), ensure_ascii=False, separators=(",", ":"))


def pipe(name: str, values: Values, _: Sequence[str]) -> str:
    """`a|b`."""
    return "|".join(as_list(values))


def regex(name: str, values: Values, _: Sequence[str]) -> str:
    """`(a|b)` with each value escaped, and a lone one without parentheses."""
    escaped = [escape_regex(value) for value in as_list(values)]
    return escaped[0] if len(escaped) == 1 else "(" + "|".join(escaped) + ")"


def doublequote(name: str, values: Values, _: Sequence[str]) -> str:
    """`"a","b"`, quotes escaped by a backslash."""
    return ",".join('"' + value.replace('"', '\\"') + '"' for value in as_list(values))


def singlequote(name: str, values: Values, _: Sequence[str]) -> str:
    """`'a','b'`, quotes escaped by a backslash."""
    return ",".join("'" + value.replace("'", "\\'") + "'" for value in as_list(values))


def sqlstring(name: str, values: Values, _: Sequence[str]) -> str:
    """`'a','b'`, single quotes doubled as SQL wants them."""
    return ",".join("'" + value.replace("'", "''").replace('"', '\\"') + "'" for value in as_list(values))


def lucene(name: str, values: Values, _: Sequence[str]) -> str:
    """`("a" OR "b")` with each value escaped; `__empty__` for none."""
    if isinstance(values, str):
        return _lucene_term(values)
    if not values:
        return "__empty__"
    return "(" + " OR ".join('"' + _lucene_term(value) + '"' for value in values) + ")"


def _lucene_term(value: str) -> str:
    return value if is_number(value) else escape_lucene(value)


def percentencode(name: str, values: Values, _: Sequence[str]) -> str:
    """As `glob`, percent-encoded as a part of an address."""
    return percent(_braced(values), COMPONENT_SAFE)


def uriencode(name: str, values: Values, _: Sequence[str]) -> str:
    """As `glob`, percent-encoded as a whole address."""
    return percent(_braced(values), URI_SAFE)


def _braced(values: Values) -> str:
    return values if isinstance(values, str) else "{" + ",".join(values) + "}"


def queryparam(name: str, values: Values, _: Sequence[str]) -> str:
    """`var-name=a&var-name=b`, as addresses of dashboards have it."""
    return "&".join(f"var-{name}={percent(value, PARAMETER_SAFE)}" for value in as_list(values) or [""])


def customqueryparam(name: str, values: Values, arguments: Sequence[str]) -> str:
    """`key=a&key=b`. Arguments: another key than the name, and what stands before each value."""
    key = arguments[0] if arguments else name
    prefix = arguments[1] if len(arguments) > 1 else ""
    return "&".join(f"{percent(key, '')}={prefix}{percent(value, COMPONENT_SAFE)}" for value in as_list(values))


def as_text(name: str, values: Values, _: Sequence[str]) -> str:
    """`a + b`, as people read it."""
    return " + ".join(as_list(values))


def as_html(name: str, values: Values, _: Sequence[str]) -> str:
    """`a, b`, escaped for HTML."""
    return ", ".join(html.escape(value).replace("&#x27;", "&#39;") for value in as_list(values))


def distributed(name: str, values: Values, _: Sequence[str]) -> str:
    """`a,name=b`, as tags of OpenTSDB have it."""
    many = as_list(values)
    return ",".join(value if index == 0 else f"{name}={value}" for index, value in enumerate(many))


def date(name: str, values: Values, arguments: Sequence[str]) -> str:
    """A time in ms, as ISO 8601, in seconds or ms, or after a pattern such as `YYYY-MM-DD`; NaN for a list."""
    return write_date(values, ":".join(arguments) or "iso") if isinstance(values, str) else "NaN"


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


def write(name: str, values: Values, spec: str, texts: Values | None = None) -> str:
    """The values of variable `name` after a format such as `csv` or `join:;`; an unknown one is `glob`.

    A `str` is the one value of a variable that takes one, a sequence what is chosen of many. `texts` is what a person
    sees for them, for the format `text`. A `Chosen` says these things itself, and whether it is All.
    """
    kind, *arguments = spec.split(":")
    if isinstance(values, Chosen):
        if values.everything and kind in ("text", "queryparam"):
            return _write_all(name, kind)
        texts = values.texts or texts
    many = as_list(values)
    if many and all(isinstance(value, Verbatim) and not isinstance(value, Macro) for value in many):
        return _write_verbatim(name, "".join(many), kind)
    if kind == "text" and texts is not None:
        return as_text(name, texts, arguments)
    return FORMATS.get(kind, glob)(name, many[0] if is_single(values) else many, arguments)


def _write_all(name: str, kind: str) -> str:
    return ALL_TEXT if kind == "text" else f"var-{name}={ALL_VALUE}"


def _write_verbatim(name: str, text: str, kind: str) -> str:
    """The custom text of All: a format neither escapes nor quotes it, but an address stays one."""
    if kind in ("text", "queryparam"):
        return _write_all(name, kind)
    return percent(text, COMPONENT_SAFE) if kind == "percentencode" else text


def percent(text: str, safe: str) -> str:
    """Text as percent-encoded UTF-8; half a surrogate pair, which has no UTF-8, becomes `?`."""
    return quote(text, safe=safe, errors="replace")


def is_number(text: str) -> bool:
    """Whether JavaScript's `Number` reads the text: decimal, hexadecimal, octal, binary, infinite, or blank."""
    return NUMBER.fullmatch(text.strip()) is not None


NUMBER: Final = re.compile(
    r"|[+-]?(?:[0-9]+\.?[0-9]*|\.[0-9]+)(?:[eE][+-]?[0-9]+)?|[+-]?Infinity|0[xX][0-9a-fA-F]+|0[oO][0-7]+|0[bB][01]+"
)


def escape_regex(text: str) -> str:
    """Text that matches itself in a regular expression."""
    return re.sub(r"[\\^$*+?.()|\[\]{}/]", lambda match: "\\" + match[0], text)


def escape_lucene(text: str) -> str:
    """Text that is one term, or a part of a phrase, of a Lucene query."""
    return re.sub(r'[\s!*+\-=<>&|()\[\]{}^~?:\\/"]', lambda match: "\\" + match[0], text)
