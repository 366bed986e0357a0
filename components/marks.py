"""What annotation queries found, as marks: instants and regions on time axes, with words and tags."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from ..datasources.filled import filled
from ..datasources.frame import Frame, told_apart
from ..datasources.scripttext import script_text
from ..datasources.timerange import TimeRange
from .annotation_spec import AnnotationFields, AnnotationQuery
from .colors import css

MAX_WORDS = 2000
MAX_TITLE = 300
MAX_TAGS = 20
MAX_TAG_TEXT = 5000  # characters of a text of tags that are looked at
MAX_LABELS = 8  # of a series that nothing is said of
SECONDS_BELOW = 1e11  # a number below is seconds since the epoch, else ms
GAP = 1.5  # of a step: points further apart are two regions
# The names that a column is known by, where the query names none.
KNOWN: Final[Mapping[str, Sequence[str]]] = {
    "time": ("time", "t", "ts", "timestamp", "@timestamp"),
    "time_end": ("timeend", "time_end", "end"),
    "title": ("title",),
    "text": ("text", "description", "message"),
    "tags": ("tags",),
}


@dataclass(frozen=True, slots=True)
class Mark:
    """An instant (`end == time`) or a region, in ms UTC. `by` and `id` stand where people or programs made it.

    `panel`: the only one that it is drawn on; 0: all. `color`: one of its own, as in field options.
    """

    time: int
    end: int
    text: str
    title: str = ""
    tags: tuple[str, ...] = ()
    id: int = 0
    by: str = ""
    panel: int = 0
    color: str = ""

    def as_json(self) -> dict[str, Any]:
        """The mark as pages draw it: times in ms, and no key for what it has not."""
        shown: dict[str, Any] = {"time": self.time, "text": self.text}
        if self.end > self.time:
            shown["end"] = self.end
        if self.title:
            shown["title"] = self.title
        if self.tags:
            shown["tags"] = self.tags
        if self.panel:
            shown["panel"] = self.panel
        if self.color:
            shown["color"] = css(self.color)
        return shown | ({"id": self.id, "by": self.by} if self.id else {})


def marks_of(query: AnnotationQuery, frames: Sequence[Frame], range_: TimeRange, step_s: float) -> tuple[Mark, ...]:
    """The newest `limit` marks that touch the range, by time. `step_s`: seconds between two points of a series."""
    found: dict[tuple[Any, ...], Mark] = {}
    for frame in frames:
        made = _of_rows(query, frame) if _has_words(query.fields, frame) else _of_series(query, frame, step_s)
        for mark in made:
            if mark.end >= range_.from_ms and mark.time <= range_.to_ms:
                found[mark.time, mark.end, mark.title, mark.text, mark.tags] = mark
    newest = sorted(found.values(), key=lambda mark: (mark.time, mark.end, mark.title, mark.text))
    return tuple(newest[-query.limit :])


def _has_words(fields: AnnotationFields, frame: Frame) -> bool:
    """Whether a frame's rows are marks of their own: it is no series, or a column of it says more than a value."""
    return not frame.is_series or bool(_columns(fields, frame).keys() - {"time"})


# -- series ----------------------------------------------------------------------------------------------------------


def _of_series(query: AnnotationQuery, frame: Frame, step_s: float) -> Iterator[Mark]:
    """Where the value is neither zero nor missing; points in a row are one region."""
    time = frame.time
    assert time is not None
    for column in frame.numbers:
        labels = dict(column.labels)
        title = filled(query.title_format, labels, MAX_TITLE)[:MAX_TITLE]
        text = (
            filled(query.text_format, labels, MAX_WORDS)
            if query.text_format
            else ("" if title else _said(frame.name or column.name, labels))
        )
        tags = _tags(labels.get(key, "") for key in query.tag_keys)
        spans = (
            ((at, at) for at in _distinct(column.values))
            if query.value_is_time
            else _spans(time.values, column.values, step_s * 1000 * GAP)
        )
        for start, end in spans:
            yield Mark(start, end, text[:MAX_WORDS], title, tags)


def _distinct(values: NDArray[np.float64]) -> Iterator[int]:
    """Values that are times in ms, each once."""
    yield from (int(value) for value in np.unique(values[np.isfinite(values) & (values > 0)]))


def _spans(times: NDArray[np.float64], values: NDArray[np.float64], reach_ms: float) -> Iterator[tuple[int, int]]:
    """First and last time of each run of points that are on, no two of which are further apart than `reach_ms`."""
    is_on = np.isfinite(values) & (values != 0)
    at = np.flatnonzero(is_on)
    if not at.size:
        return
    # A run ends where a point between is off, or where there is none for too long.
    ends = np.flatnonzero((np.diff(at) > 1) | (np.diff(times[at]) > max(reach_ms, 1.0)))
    for run in np.split(at, ends + 1):
        yield int(times[run[0]]), int(times[run[-1]])


def _said(name: str, labels: Mapping[str, str]) -> str:
    """What stands for a series of which the query says nothing: its labels, else its name."""
    shown = [f"{key}={value}" for key, value in sorted(labels.items()) if not key.startswith("__")]
    return ", ".join(shown[:MAX_LABELS]) or name


# -- rows ------------------------------------------------------------------------------------------------------------


def _of_rows(query: AnnotationQuery, frame: Frame) -> Iterator[Mark]:
    """One mark for each row that has a time."""
    columns = _columns(query.fields, frame)
    if "time" not in columns:
        return
    starts, ends = columns["time"], columns.get("time_end", "")
    times = {field.name for field in frame.fields if field.kind == "time"}
    names = told_apart([field.name for field in frame.fields])
    instants = {field.name: field.values.tolist() for field in reversed(frame.fields)}
    for number, values in enumerate(zip(*(field.readable for field in frame.fields), strict=True)):
        row = dict(zip(names, values, strict=True))
        at = {name: instants[name][number] for name in (starts, ends) if name in instants}
        start, end = (_instant(at.get(name), is_ms=name in times) for name in (starts, ends))
        if start is None:
            continue
        words = {name: _word(value) for name, value in row.items()}
        title, text = (_worded(query, part, words, columns) for part in ("title", "text"))
        tags = [words.get(columns.get("tags", ""), ""), *(words.get(key, "") for key in query.tag_keys)]
        yield Mark(start, max(start, end or start), text[:MAX_WORDS], title[:MAX_TITLE], _tags(tags))


def _columns(fields: AnnotationFields, frame: Frame) -> dict[str, str]:
    """The column that stands for each part: the one that the query names, else by its name; a time by its type."""
    by_name = {field.name.lower(): field.name for field in reversed(frame.fields)}
    found: dict[str, str] = {}
    for part, names in KNOWN.items():
        wanted = str(getattr(fields, part))
        name = next((by_name[one.lower()] for one in ([wanted] if wanted else names) if one.lower() in by_name), None)
        if name is not None:
            found[part] = name
    if "time" not in found and not fields.time and frame.time is not None:
        found["time"] = frame.time.name
    if "text" not in found and "title" not in found and not fields.text:
        texts = [field.name for field in frame.fields if field.kind == "string" and field.name != found.get("tags")]
        found |= {"text": texts[0]} if texts else {}
    return found


def _worded(query: AnnotationQuery, part: str, words: Mapping[str, str], columns: Mapping[str, str]) -> str:
    template = query.title_format if part == "title" else query.text_format
    return filled(template, words, MAX_WORDS) if template else words.get(columns.get(part, ""), "")


def _instant(value: Any, *, is_ms: bool) -> int | None:
    """A time of a row, ms; of a column that is no time, a number that is small is seconds. None where it is none."""
    try:
        number = float(value)
    except (TypeError, ValueError):
        return None
    if not np.isfinite(number) or number <= 0:
        return None
    return int(number if is_ms or number > SECONDS_BELOW else number * 1000)


def _word(value: Any) -> str:
    return "" if value is None or value != value else script_text(value)  # noqa: PLR0124 - a NaN is no word


# -- words -----------------------------------------------------------------------------------------------------------


def _tags(texts: Sequence[str] | Iterator[str]) -> tuple[str, ...]:
    """The tags of texts in which commas stand between them, each once."""
    parts = (part.strip()[:100] for text in texts for part in text[:MAX_TAG_TEXT].split(","))
    return tuple(dict.fromkeys(part for part in parts if part))[:MAX_TAGS]
