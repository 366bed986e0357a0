"""Documents as rows: the newest of a range, page by page, each field in the kind that the index gives it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final

from ..frame import Field, Frame
from ..timerange import TimeRange
from .elastic_query import ElasticQuery
from .elastic_request import search_filter
from .json_columns import Kind, column
from .json_formats import written

PAGE: Final = 5000  # documents of one search; servers refuse more than 10,000
MAX_FIELDS: Final = 1000
MAX_DEPTH: Final = 20
DATES: Final = frozenset({"date", "date_nanos"})
ISO: Final = "strict_date_optional_time_nanos"
KINDS: Final[Mapping[str, Kind]] = {
    **dict.fromkeys(
        ("long", "integer", "short", "byte", "unsigned_long", "double", "float", "half_float", "scaled_float"), "number"
    ),
    **dict.fromkeys(DATES, "time"),
    "token_count": "number",
    "boolean": "boolean",
}
Document = Mapping[str, Any]


@dataclass
class Documents:
    """What came so far, by id: a page begins with what may stand on the one before it."""

    rows: list[dict[str, Any]] = field(default_factory=list)
    seen: set[tuple[str, str]] = field(default_factory=set)
    last: Sequence[Any] = ()

    def take(self, hits: Sequence[Document], most: int) -> int:
        """Add the documents of a page; how many of them are new."""
        before = len(self.rows)
        for hit in hits:
            own = (hit["_index"], hit["_id"])
            if own not in self.seen and len(self.rows) < most:
                self.seen.add(own)
                self.rows.append(row_of(hit))
            self.last = hit["sort"]
        return len(self.rows) - before


def page_body(  # noqa: PLR0917 - all of them are what the next page depends on
    wanted: ElasticQuery,
    time_field: str,
    range_: TimeRange,
    types: Mapping[str, str],
    found: Documents,
    deadline_s: float,
) -> dict[str, Any]:
    """The search for the next documents. The order is that of time, then of their numbers, which copies of an index in
    shards of its own may give twice: so the last number is asked for again."""
    dates = [{"field": name, "format": ISO} for name, kind in types.items() if kind in DATES]
    body: dict[str, Any] = {
        "size": min(PAGE, wanted.documents + 1),
        "track_total_hits": False,
        "timeout": f"{max(int(deadline_s * 1000), 1)}ms",
        "query": search_filter(wanted.query, time_field, range_),
        "sort": [
            {time_field: {"order": "desc", "unmapped_type": "date", "numeric_type": "date"}},
            {"_seq_no": {"order": "desc", "unmapped_type": "long"}},
        ],
        "fields": dates[:MAX_FIELDS],
        "_source": wanted.fields or True,
    }
    if found.last:
        time_ms, number = found.last
        body["search_after"] = [time_ms, number + 1]
    return body


def row_of(hit: Document) -> dict[str, Any]:
    """A document's fields by their paths (`http.status`), dates as the server writes them in ISO 8601."""
    row: dict[str, Any] = {}
    _flatten(hit.get("_source") or {}, "", row, 0)
    for name, values in (hit.get("fields") or {}).items():
        if name in row or name not in hit.get("_ignored", ()):
            row[name] = values[0] if len(values) == 1 else values
    return row


def _flatten(value: Document, prefix: str, row: dict[str, Any], depth: int) -> None:
    for key, one in value.items():
        name = prefix + key
        if isinstance(one, dict) and one and depth < MAX_DEPTH:
            _flatten(one, f"{name}.", row, depth + 1)
        else:
            row[name] = one


def frame_of(
    rows: Sequence[Mapping[str, Any]], wanted: ElasticQuery, time_field: str, types: Mapping[str, str]
) -> Frame:
    """A table: the time first, of logs then the line, then the fields that the query names, or all of them by name."""
    names = {name for row in rows for name in row}
    ordered = [name for name in wanted.fields if name in names] if wanted.fields else sorted(names)
    message = next((name for name in ("message", "body", "log", "event.original") if name in names), "")
    first = [time_field, *([message] if wanted.show == "logs" and message else [])]
    rest = [name for name in ordered if name not in first]
    fields = [_field(name, [row.get(name) for row in rows], types.get(name, "")) for name in (*first, *rest)]
    named = [
        Field("message", one.kind, one.values, exact=one.exact)
        if wanted.show == "logs" and one.name == message
        else one
        for one in fields
    ]
    return Frame(tuple(named), name="logs" if wanted.show == "logs" else "documents", is_table=True)


def _field(name: str, values: Sequence[Any], kind: str) -> Field:
    """A column; a document that has several values of a field has them as a text."""
    if any(isinstance(value, (list, dict)) for value in values):
        return Field.string(name, [None if value is None else _text(value) for value in values])
    return column(name, values, KINDS.get(kind, "string" if kind else None))


def _text(value: Any) -> str:
    return value if isinstance(value, str) else written(value)
