"""What PromQL's text tells before it is asked: whether ranges may be asked in pieces, how far back a rate looks.

Rules of steps: https://grafana.com/docs/grafana/latest/datasources/prometheus/template-variables/ and, for a least
step, grafana/grafana#77234.
"""

from __future__ import annotations

import json
import math
import re
from dataclasses import dataclass
from functools import lru_cache
from typing import Any, Final

import promql_parser

from ..macros import unmarked
from ..steps import interval_ms
from .promql_patterns import MATCHER, plain

DEFAULT_SCRAPE: Final = "15s"
MAX_LENGTH: Final = 20_000  # characters
MAX_DEPTH: Final = 100
FEW_PIECES: Final = 120  # of a text that is parsed where it is asked for: a millisecond or two
# A string or a comment, a bracket, a sign, or a run of anything else but space.
PIECE: Final = re.compile(
    r"\"(?:[^\"\\]|\\(?:.|\Z))*(?:\"|\Z)|'(?:[^'\\]|\\(?:.|\Z))*(?:'|\Z)|`[^`]*(?:`|\Z)|#[^\n]*|[()\[\]{}+^-]|[^\s()\[\]{}+^\"'`#-]+",
    re.DOTALL,
)
# Strings and comments as they are, so that what is looked for is found outside of them alone.
RAW: Final = re.compile(
    MATCHER
    + r"|\"(?:[^\"\\]|\\(?:.|\Z))*(?:\"|\Z)|'(?:[^'\\]|\\(?:.|\Z))*(?:'|\Z)|`[^`]*(?:`|\Z)|#[^\n]*"
    + r"|\bholt_winters\b(?=\s*\()",
    re.DOTALL,
)
WHOLE_RANGE: Final = frozenset({"start", "end", "range"})
RATE_INTERVAL: Final = re.compile(
    r"\$__rate_interval(_ms)?\b|\$\{__rate_interval(_ms)?\}|\[\[__rate_interval(_ms)?\]\]"
)


def chunkable(text: str, from_ms: float = -math.inf) -> bool:
    """Whether each value depends on data of its own time and earlier alone, so that a range may be asked in pieces.

    `from_ms` is where the range starts, if that is known: a fixed `@` before it is earlier than all of it. False for
    what cannot be read, such as a macro that was left in it, and for what is too long or too deep to be read.
    """
    return shape(text).is_readable and horizon(text) <= from_ms


@dataclass(frozen=True, slots=True)
class Shape:
    """How large a text is for its parser, found without parsing it: characters, pieces, and how deep it goes."""

    characters: int
    pieces: int
    depth: int

    @property
    def is_readable(self) -> bool:
        """Whether the parser may see it at all."""
        return self.characters <= MAX_LENGTH and self.depth <= MAX_DEPTH

    @property
    def is_small(self) -> bool:
        """Whether it may be parsed on the loop."""
        return self.is_readable and self.pieces <= FEW_PIECES


def shape(text: str) -> Shape:
    """The shape of a text. Parentheses go deeper, and signs one after the other; strings and comments do not."""
    now = deepest = signs = pieces = 0
    for match in PIECE.finditer(text[: MAX_LENGTH + 1]):
        piece = match[0]
        pieces += 1
        if piece in "([{":
            now += 1
        elif piece in ")]}":
            now -= 1
        signs = signs + 1 if piece in "+-^" else 0
        deepest = max(deepest, now + signs)
    return Shape(len(text), pieces, deepest)


@lru_cache(maxsize=4096)
def horizon(text: str) -> float:
    """From when on (ms) a range may be asked in pieces: infinite where none may, or the text cannot be read.

    The parser takes quadratic time: ask the judge about what is not small.
    """
    try:
        todo: list[Any] = [_parsed(text)]
    except (ValueError, OverflowError):
        return math.inf
    latest = -math.inf
    while todo:
        node = todo.pop()
        latest = max(latest, _horizon_of(node))
        todo += _below(node)
    return latest


def fault(text: str, *, any_size: bool = False) -> str:
    """What its parser says against a text; empty where it is PromQL. What is not small is only parsed where time does
    not matter (`any_size`), and what it may not see at all is its size's fault.
    """
    form = shape(text)
    if not form.is_readable:
        return f"longer than {MAX_LENGTH} characters, or deeper than {MAX_DEPTH}"
    if not (form.is_small or any_size):
        return ""
    try:
        _parsed(text)
    except (ValueError, OverflowError) as error:
        return " ".join(str(error).split())[:300]
    return ""


def _parsed(text: str) -> Any:
    """The tree of a text; ValueError. Its parser takes raw strings for others where matchers have them, knows
    `holt_winters` by the name that Prometheus 3 gave it alone, and judges patterns by the wrong syntax.
    """
    return promql_parser.parse(RAW.sub(_as_its_parser_reads, text))


def _as_its_parser_reads(match: re.Match[str]) -> str:
    piece = match[0]
    if match["quoted"] is not None:
        return plain(match)
    if piece == "holt_winters":
        return "double_exponential_smoothing"
    return json.dumps(piece[1:-1], ensure_ascii=False) if piece[0] == "`" and piece[-1:] == "`" != piece else piece


def _below(node: Any) -> list[Any]:
    if isinstance(node, promql_parser.BinaryExpr):
        return [node.lhs, node.rhs]
    if isinstance(node, promql_parser.Call):
        return list(node.args)
    if isinstance(node, promql_parser.MatrixSelector):
        return [node.vector_selector]
    if isinstance(node, promql_parser.AggregateExpr):
        return [node.expr, *([node.param] if node.param is not None else [])]
    if isinstance(node, (promql_parser.ParenExpr, promql_parser.UnaryExpr, promql_parser.SubqueryExpr)):
        return [node.expr]
    return []


def _horizon_of(node: Any) -> float:
    if isinstance(node, promql_parser.Call):
        return math.inf if node.func.name in WHOLE_RANGE else -math.inf
    if not isinstance(node, (promql_parser.VectorSelector, promql_parser.SubqueryExpr)):
        return -math.inf
    if node.offset is not None and node.offset.total_seconds() < 0:
        return math.inf
    if node.at is None:
        return -math.inf
    fixed = node.at.at if node.at.type == promql_parser.AtModifierType.At else None
    return math.inf if fixed is None else float(fixed.timestamp() * 1000)


def rate_interval(interval_ms: float, scrape_ms: float) -> int:
    """How far back a rate looks, in ms, so that it always sees two samples: `$__rate_interval`."""
    return round(max(interval_ms + scrape_ms, 4 * scrape_ms))


def duration_text(ms: float) -> str:
    """A duration as `1m0s`, `5m15s`, `1h0m0s`, below a second as `500ms`: what PromQL reads in full precision."""
    if ms < 1000:
        return f"{math.floor(ms)}ms"
    seconds, rest_ms = divmod(math.floor(ms), 1000)
    minutes, seconds = divmod(seconds, 60)
    hours, minutes = divmod(minutes, 60)
    text = f"{hours}h{minutes}m{seconds}s" if hours else f"{minutes}m{seconds}s" if minutes else f"{seconds}s"
    return text + (f"{rest_ms}ms" if rest_ms else "")


def rate_interval_s(step_s: float, scrape: str) -> float:
    """`$__rate_interval` in seconds, for a step in seconds and a scrape interval such as `15s`."""
    return rate_interval(step_s * 1000, interval_ms(scrape or DEFAULT_SCRAPE)) / 1000


def expand(text: str, step_s: float, scrape_ms: float) -> str:
    """The text with `$__rate_interval` and `$__rate_interval_ms` written out, for a step of `step_s` seconds."""
    rate_ms = rate_interval(step_s * 1000, scrape_ms)
    return unmarked(
        RATE_INTERVAL.sub(lambda match: str(rate_ms) if any(match.groups()) else duration_text(rate_ms), text)
    )
