"""The row around a value, as links read it: `${__data.fields.shop}`, `${__data.fields[2].text}`."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import partial
from typing import Any, Final

from ..datasources.frame import Frame
from ..datasources.scripttext import script_text
from .field_options import FieldOptions
from .fields import ResolvedField, addresses, resolve
from .links import Reads
from .mappings import find

ALL_KINDS: Final = frozenset({"number", "string", "boolean", "time"})


class LinkRows:
    """The rows of a frame by their numbers. `called`: the names of each column; of equal ones the first counts."""

    def __init__(self, columns: Sequence[ResolvedField], called: Sequence[Sequence[str]]) -> None:
        self._columns = columns
        self._places: dict[str, int] = {}
        for place, names in enumerate(called):
            for name in names:
                self._places.setdefault(name, place)

    def at(self, row: int) -> Reads:
        """What reads a value of this row."""
        return partial(self._read, row)

    def _read(self, row: int, key: str, how: str) -> str:
        """Empty for what there is not: a column by its name or its place, in words, as `text`, `numeric` or `raw`."""
        place = self._places.get(key, int(key) if key.isdecimal() else -1)
        if not 0 <= place < len(self._columns) or how not in ("", "text", "numeric", "raw"):
            return ""
        field = self._columns[place]
        if how in ("", "text") and (said := _words(field, row, whole=not how)):
            return said
        return script_text(_given(field, row))


def rows_of(options: FieldOptions, fields: Sequence[ResolvedField]) -> Mapping[int, LinkRows]:
    """The rows of the tables among the frames of these fields, by the identities of the frames; none without links."""
    if not any(field.options.links for field in fields):
        return {}
    return {id(field.frame): _of_frame(options, field.frame) for field in fields if not field.frame.is_series}


def _of_frame(options: FieldOptions, frame: Frame) -> LinkRows:
    columns = resolve(options, [frame], kinds=ALL_KINDS)
    return LinkRows(columns, [(*addresses(frame, one.column), one.name) for one in columns])


def _given(field: ResolvedField, row: int) -> Any:
    """The value with all of its digits."""
    exact = None if field.column.exact is None else field.column.exact[row]
    return field.column.values[row : row + 1].tolist()[0] if exact is None else exact


def _words(field: ResolvedField, row: int, *, whole: bool) -> str:
    """As it is shown where a mapping, a unit or decimals say how, `whole` with its unit; empty where nothing does:
    most numbers without a unit are ids, which keep their digits."""
    value = _given(field, row)
    mapped = find(None if value != value else value, field.options.mappings)  # noqa: PLR0124 - NaN is a missing value
    if (mapped is None or mapped.text is None) and (field.is_plain or field.kind != "number"):
        return ""
    shown = field.show(value)
    return str(shown) if whole else shown.text
