"""SQL that a person wrote as it may be sent. It is read, and the store's is parsed: never on the loop."""

from __future__ import annotations

from typing import Final

from ..parsing import Parsing
from ..timerange import TimeRange
from .sqlmacros import expand

SHORT: Final = 300  # characters that are read in less time than a thread takes to begin


async def read(  # noqa: PLR0917 - the text, and in whose turn
    text: str, range_: TimeRange, step_s: float, dialect: str, parsing: Parsing, who: str
) -> str:
    """What `selected` gives; of a text that is not short, or has macros, in the turn of `who`."""
    if len(text) <= SHORT and not has_macros(text):
        return selected(text, range_, step_s, dialect)
    return await parsing.run(who, selected, text, range_, step_s, dialect)


def has_macros(text: str) -> bool:
    """Whether a text may have macros with arguments."""
    return "$__" in text


def selected(text: str, range_: TimeRange, step_s: float, dialect: str) -> str:
    """The one SELECT of a text, as it was written but for its macros. It may take ms: call it from a thread."""
    from .sqlselect import judged  # noqa: PLC0415

    whole_buckets = in_pieces(text, dialect, step_s)
    return judged(expand(text, range_, step_s, dialect, whole_buckets=whole_buckets), dialect)


def guarded(text: str, range_: TimeRange, step_s: float, org: int, database: str) -> str:
    """A text for the built-in store, over the rows of one org. It takes ms: call it from a thread."""
    from .sqlguard import guard  # noqa: PLC0415

    whole_buckets = in_pieces(text, "clickhouse", step_s)
    return guard(expand(text, range_, step_s, "clickhouse", whole_buckets=whole_buckets), org, database)


def in_pieces(text: str, dialect: str, step_s: float) -> bool:
    """Whether it may be asked in pieces of its range. It takes ms the first time: call it from a thread."""
    if not has_macros(text):
        return False  # without a bucket of time it never may: the parser need not look
    from .sqlchunks import chunkable  # noqa: PLC0415

    return chunkable(text, dialect, round(step_s * 1000))
