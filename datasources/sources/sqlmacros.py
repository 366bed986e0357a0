"""The macros of SQL (`$__timeFilter(ts)`, `$__timeGroup(ts, 5m)`, `$__from` …) in the dialect of each server.

Names and meanings are those of Grafana's sources for PostgreSQL and ClickHouse, and `$__bucket(ts)`, which is
`$__timeGroup` by the step. A column may be of any type of time that its server has. Macros are found by the server's
own tokens: what stands in a comment or a quoted name is none; in a string `$__interval` and its like are filled in.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Final

from ...errors import SourceError
from ..macros import unmarked
from ..sqltokens import Token, tokens
from ..steps import interval_text
from ..timerange import TimeRange
from ..variables.formats import write
from .sqldialects import DIALECTS, Dialect, plain_number

MAX_WITHIN: Final = 6  # macros in the arguments of macros
UNITS_MS: Final = {"ms": 1, "s": 1000, "m": 60_000, "h": 3_600_000, "d": 86_400_000, "w": 604_800_000}
WIDTH: Final = re.compile(r"(\d{1,9}(?:\.\d{1,3})?)\s*(ms|s|m|h|d|w)")
STEP_WORDS: Final = frozenset({"", "auto", "$__interval", "${__interval}"})
FILTERS: Final = frozenset({"timeFilter", "timeFilter_ms"})
BUCKETS: Final = frozenset({"bucket", "timeGroup", "timeGroupAlias", "timeInterval", "timeInterval_ms"})
WORDS: Final = ["from", "to", "interval", "interval_ms", "interval_s", "fromTime", "toTime", "fromTime_ms", "toTime_ms"]
REFERENCE: Final = re.compile(
    rf"\$__(?P<plain>{'|'.join(WORDS)})\b|\[\[__(?P<square>{'|'.join(WORDS)})(?::(?P<square_format>\w+))?\]\]"
    rf"|\$\{{__(?P<curly>{'|'.join(WORDS)})(?::(?P<curly_format>[^}}]+))?\}}"
)
SQUARE: Final = re.compile(rf"\[\[__(?:{'|'.join(WORDS)})(?::\w+)?\]\]")
NAME: Final = re.compile(r"\$__(\w+)|\$\{__(\w+)(?::([^}]*))?\}")
VARIABLE: Final = re.compile(r"[$\[{](\w+)")
PLAIN: Final = re.compile(r"[\w.\"`\[\]]+")  # a name, needing no parentheses
OPENING, CLOSING = "([{", ")]}"


@dataclass(frozen=True, slots=True)
class Call:
    """`$__name(arguments)` as an author wrote it."""

    name: str
    arguments: tuple[str, ...]

    @property
    def column(self) -> str:
        """The first argument as an expression, in parentheses unless it is a plain name; SourceError without one."""
        if not self.arguments or not self.arguments[0]:
            raise SourceError(f"$__{self.name} takes a column: $__{self.name}(ts)")
        column = self.arguments[0]
        return column if PLAIN.fullmatch(column) else f"({column})"

    def width_ms(self, step_ms: float, at: int = 1) -> float:
        """The width of a bucket: `5m`, `'5m'`, `$__interval`, or none: the step."""
        text = self.arguments[at] if len(self.arguments) > at else ""
        text = text.strip().strip("'\"").strip()
        if text in STEP_WORDS:
            return step_ms
        match = WIDTH.fullmatch(text)
        width = float(match[1]) * UNITS_MS[match[2]] if match else 0.0
        if width < 1:
            raise SourceError(f"{text[:50]!r} is no width of $__{self.name}: 5m, '1h' or $__interval")
        return width


def expand(sql: str, range_: TimeRange, step_s: float, dialect: str, *, whole_buckets: bool = False) -> str:
    """The text with its macros in a dialect; SourceError naming one that there is not.

    `whole_buckets`: the filter ends with the bucket that begins at the end of the range, not within it.
    """
    writer = _Writer(range_, max(step_s * 1000, 1.0), DIALECTS[dialect], whole_buckets)
    return unmarked(rewritten(sql, dialect, writer.call, writer.word, writer.text))


def rewritten(
    sql: str,
    dialect: str,
    call: Callable[[Call], str],
    word: Callable[[str, str], str],
    text: Callable[[str], str],
    *,
    depth: int = 0,
) -> str:
    """The text with each macro as `call` and `word` (name, format) write it, and each string as `text` does.

    SourceError for macros within macros without end: each of them may write what stands in it twice.
    """
    if depth > MAX_WITHIN:
        raise SourceError(f"more than {MAX_WITHIN} macros stand within each other")
    sql = SQUARE.sub(lambda match: "${" + match[0][2:-2] + "}", sql)
    pieces, found = [], list(tokens(sql, dialect))
    at = 0
    while at < len(found):
        token = found[at]
        piece = sql[token.start : token.end]
        at += 1
        if token.kind in ("string", "escaped", "heredoc"):
            piece = text(piece)
        elif token.kind == "macro" and (match := NAME.fullmatch(piece)):
            arguments, end = _arguments(sql, found, at) if match[1] else (None, at)
            if arguments is None:
                piece = word(match[1] or match[2], match[3] or "")
            else:
                at = end
                kept, within = _kept_interval(word), depth + 1
                inner = [rewritten(one, dialect, call, kept, text, depth=within).strip() for one in arguments]
                piece = call(Call(match[1], tuple(inner)))
        pieces.append(piece)
    return "".join(pieces)


def _kept_interval(word: Callable[[str, str], str]) -> Callable[[str, str], str]:
    """As an argument `$__interval` is a width, which the macro reads itself."""
    return lambda name, spec: "$__interval" if name == "interval" and not spec else word(name, spec)


def _arguments(sql: str, found: Sequence[Token], at: int) -> tuple[list[str] | None, int]:
    """What stands in the parentheses that follow, by its commas, and the token behind them; None where none follow."""
    while at < len(found) and found[at].kind == "space":
        at += 1
    if at == len(found) or sql[found[at].start] != "(":
        return None, at
    depth, start, parts = 0, found[at].end, []
    for index in range(at, len(found)):
        token = found[index]
        char = sql[token.start] if token.kind == "mark" else ""
        depth += (char != "" and char in OPENING) - (char != "" and char in CLOSING)
        if depth == 0 or (depth == 1 and char == ","):
            parts.append(sql[start : token.start])
            start = token.end
        if depth == 0:
            return ([] if len(parts) == 1 and not parts[0].strip() else parts), index + 1
    raise SourceError("the parentheses of a macro are not closed")


def conditions(sql: str, dialect: str, is_all: Callable[[str], bool]) -> str:
    """The text with `$__conditionalAll(condition, $x)` as its condition, or as what is always true where All is chosen
    of `x`."""
    pieces, found, at, copied = [], list(tokens(sql, dialect)), 0, 0
    while at < len(found):
        token = found[at]
        at += 1
        if token.kind != "macro" or sql[token.start : token.end] != "$__conditionalAll":
            continue
        arguments, end = _arguments(sql, found, at)
        if arguments is None or len(arguments) < 2:
            raise SourceError("$__conditionalAll takes a condition and a variable: $__conditionalAll(x IN ($x), $x)")
        name = VARIABLE.search(arguments[-1])
        condition = ",".join(arguments[:-1]).strip()
        pieces += [sql[copied : token.start], "1 = 1" if name and is_all(name[1]) else condition]
        at, copied = end, found[end - 1].end
    return "".join([*pieces, sql[copied:]])


def calls(sql: str, dialect: str) -> Iterator[Call]:
    """The macros with parentheses that a text holds, outermost first of each; SourceError as `expand`."""
    found: list[Call] = []

    def call(one: Call) -> str:
        found.append(one)
        return one.arguments[0] if one.arguments else "1"

    rewritten(sql, dialect, call, lambda name, spec: "1", lambda text: text)
    return iter(found)


@dataclass(frozen=True, slots=True)
class _Writer:
    """Writes macros for one range and step."""

    range: TimeRange
    step_ms: float
    dialect: Dialect
    whole_buckets: bool

    def call(self, call: Call) -> str:
        made = self._of_time(call) or self._of_epoch(call)
        if made is None:
            raise SourceError(f"there is no macro $__{call.name}")
        return made

    def _of_time(self, call: Call) -> str | None:
        sql = self.dialect
        match call.name:
            case "timeFilter" | "timeFilter_ms":
                until = self.range.to_ms + (round(self.step_ms) if self.whole_buckets else 0)
                return sql.filter(call.column, self.range.from_ms, until, self.whole_buckets)
            case "bucket" | "timeGroup" | "timeInterval" | "timeInterval_ms":
                return sql.bucket(call.column, call.width_ms(self.step_ms))
            case "timeGroupAlias":
                return f"{sql.bucket(call.column, call.width_ms(self.step_ms))} AS {sql.alias}"
            case "time":
                return f"{call.column} AS {sql.alias}"
            case "timeEpoch":
                return f"{sql.epoch(call.column)} AS {sql.alias}"
            case "timeFrom" | "fromTime" | "fromTime_ms":
                return sql.instant(self.range.from_ms)
            case "timeTo" | "toTime" | "toTime_ms":
                return sql.instant(self.range.to_ms)
            case "dateFilter":
                return self._dates(call.column)
            case "dateTimeFilter" | "dt":
                times = call.arguments[1] if len(call.arguments) > 1 else call.column
                return (
                    f"{self._dates(call.column)} AND {sql.filter(times, self.range.from_ms, self.range.to_ms, False)}"
                )
        return None

    def _of_epoch(self, call: Call) -> str | None:
        first_s, last_s = self.range.from_ms // 1000, self.range.to_ms // 1000
        match call.name:
            case "unixEpochFilter":
                return f"({call.column} >= {first_s} AND {call.column} <= {last_s})"
            case "unixEpochNanoFilter":
                first, last = self.range.from_ms * 1_000_000, self.range.to_ms * 1_000_000
                return f"({call.column} >= {first} AND {call.column} <= {last})"
            case "unixEpochFrom" | "unixEpochTo":
                return str(first_s if call.name.endswith("From") else last_s)
            case "unixEpochNanoFrom" | "unixEpochNanoTo":
                return str((self.range.from_ms if call.name.endswith("From") else self.range.to_ms) * 1_000_000)
            case "unixEpochGroup" | "unixEpochGroupAlias":
                grouped = self.dialect.epoch_bucket(call.column, call.width_ms(self.step_ms))
                return f"{grouped} AS {self.dialect.alias}" if call.name.endswith("Alias") else grouped
        return None

    def _dates(self, column: str) -> str:
        first, last = (_date(ms) for ms in (self.range.from_ms, self.range.to_ms))
        return f"({column} >= {self.dialect.date(first)} AND {column} <= {self.dialect.date(last)})"

    def word(self, name: str, spec: str) -> str:
        """`$__interval` is an interval of the server; what else there is stands as in a string."""
        if name == "interval" and not spec:
            return self.dialect.interval(self.step_ms)
        if name in ("fromTime", "toTime", "fromTime_ms", "toTime_ms"):
            return self.dialect.instant(self.range.from_ms if name.startswith("from") else self.range.to_ms)
        return self._value(name, spec)

    def text(self, piece: str) -> str:
        return REFERENCE.sub(
            lambda match: self._value(
                match["plain"] or match["square"] or match["curly"],
                match["square_format"] or match["curly_format"] or "",
            ),
            piece,
        )

    def _value(self, name: str, spec: str) -> str:
        values = {
            "from": str(self.range.from_ms),
            "to": str(self.range.to_ms),
            "interval": interval_text(self.step_ms),
            "interval_ms": str(int(self.step_ms)),
            "interval_s": plain_number(self.step_ms / 1000),
            "fromTime": str(self.range.from_ms // 1000),
            "toTime": str(self.range.to_ms // 1000),
            "fromTime_ms": str(self.range.from_ms),
            "toTime_ms": str(self.range.to_ms),
        }
        if name not in values:
            raise SourceError(f"there is no macro or variable $__{name}")
        return write(f"__{name}", values[name], spec) if spec else values[name]


def _date(ms: int) -> str:
    return datetime.fromtimestamp(ms / 1000, UTC).strftime("%Y-%m-%d")
