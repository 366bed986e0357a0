"""Texts as panels show them: what is longer than anybody reads there is cut, since it would go to every page anew."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Final

from ...datasources.frame import Field, Frame, objects

MAX_TEXT: Final = 10_000  # characters of a value, as of a line of a log
MAX_NAME: Final = 2000  # of names and labels
CUT: Final = "…"


def shortened(frames: Sequence[Frame]) -> Sequence[Frame]:
    """The frames with their long texts cut; those that have none are the same objects."""
    return [_cut_frame(one) if _is_long(one) else one for one in frames]


def _is_long(frame: Frame) -> bool:
    return len(frame.name) > MAX_NAME or any(map(_has_long, frame.fields))


def _has_long(field: Field) -> bool:
    if len(field.name) > MAX_NAME or any(len(text) > MAX_NAME for text in field.labels.values()):
        return True
    return field.kind == "string" and any(text is not None and len(text) > MAX_TEXT for text in field.values.tolist())


def _cut_frame(frame: Frame) -> Frame:
    return replace(frame, fields=tuple(map(_cut_field, frame.fields)), name=_cut(frame.name, MAX_NAME))


def _cut_field(field: Field) -> Field:
    values = field.values
    if field.kind == "string":
        values = objects([text if text is None else _cut(text, MAX_TEXT) for text in values.tolist()])
    labels = {name: _cut(text, MAX_NAME) for name, text in field.labels.items()}
    return replace(field, name=_cut(field.name, MAX_NAME), labels=labels, values=values)


def _cut(text: str, most: int) -> str:
    return text if len(text) <= most else f"{text[: most - 1]}{CUT}"
