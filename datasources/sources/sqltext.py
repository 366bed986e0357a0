"""SQL that a person wrote as it may be sent. The parser is loaded where somebody writes SQL, and never on the loop."""

from __future__ import annotations

from ..timerange import TimeRange


def selected(text: str, range_: TimeRange, step_s: float, dialect: str) -> str:
    """The one SELECT of a text, rendered anew, its macros in a dialect. It takes ms: call it from a thread."""
    from .sqlselect import expand, select_only  # noqa: PLC0415

    whole_buckets = in_pieces(text, dialect, step_s)
    return select_only(expand(text, range_, step_s, dialect, whole_buckets=whole_buckets), dialect)


def guarded(text: str, range_: TimeRange, step_s: float, org: int, database: str) -> str:
    """A text for the built-in store, over the rows of one org. It takes ms: call it from a thread."""
    from .sqlguard import expand_macros, guard  # noqa: PLC0415

    whole_buckets = in_pieces(text, "clickhouse", step_s)
    return guard(expand_macros(text, range_, step_s, whole_buckets=whole_buckets), org, database)


def in_pieces(text: str, dialect: str, step_s: float) -> bool:
    """Whether it may be asked in pieces of its range. It takes ms the first time: call it from a thread."""
    from .sqlchunks import chunkable  # noqa: PLC0415

    return chunkable(text, dialect, round(step_s * 1000))
