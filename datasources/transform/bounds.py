"""What transformations may make and cost at most: a few rows that fit each other in all ways are very many, and a text
that is written into itself over and over outgrows any memory."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from time import perf_counter
from typing import Any, Final

from ...errors import InvalidError
from .table import Array, Column, Table

MAX_VALUES: Final = 5_000_000  # of a table that is made: more than a source may answer
MAX_TABLES: Final = 2000  # that one table may be parted into
MAX_COMPARED: Final = 4_000_000  # values that are looked at one by one: a second or two
MAX_CALCULATED: Final = 500_000  # calculations over parts of a column: some ten seconds
MAX_TEXT: Final = 150_000_000  # characters of all texts; a list or structure is as long as its JSON, about
MAX_ONE: Final = 1_000_000  # characters of one text: more in one piece would keep the interpreter from all others
MAX_NAME: Final = 10_000  # characters
Weighed = dict[int, tuple[Array, int]]  # arrays by their id, each with its characters: most stay what they were
PLAIN: Final = frozenset({str, type(None)})


@dataclass(frozen=True, slots=True)
class Limits:
    """What all transformations of a panel may take together: `values` of all tables, characters of their texts."""

    values: int = 20_000_000
    text: int = MAX_TEXT
    seconds: float = 20.0


FULL: Final = Limits()
LIGHT: Final = Limits(200_000, 2_000_000, 0.5)


class OutgrownError(Exception):
    """The transformations take more than what is LIGHT."""


def check_size(rows: int, columns: int) -> None:
    """InvalidError where a table would have more than MAX_VALUES values."""
    if rows * columns > MAX_VALUES:
        raise InvalidError(f"{rows} rows of {columns} columns would come of it; {MAX_VALUES} values may")


def check_tables(count: int) -> None:
    """InvalidError where more than MAX_TABLES tables would come of one."""
    if count > MAX_TABLES:
        raise InvalidError(f"{count} tables would come of one; {MAX_TABLES} tables may")


def check_work(values: int) -> None:
    """InvalidError where more than MAX_COMPARED values would have to be looked at."""
    if values > MAX_COMPARED:
        raise InvalidError(f"more than {MAX_COMPARED} values would have to be compared")


def check_calculations(count: int) -> None:
    """InvalidError where more than MAX_CALCULATED calculations would have to be done."""
    if count > MAX_CALCULATED:
        raise InvalidError(f"{count} calculations would come of it; {MAX_CALCULATED} may")


def check_name(name: str) -> str:
    """The same name; InvalidError where it is longer than MAX_NAME characters."""
    if len(name) > MAX_NAME:
        raise InvalidError(f"a name of more than {MAX_NAME} characters would come of it")
    return name


class Allowance:
    """What is left of the time and the memory that all transformations of a panel may take together."""

    def __init__(self, limits: Limits = FULL) -> None:
        self._limits = limits
        self._until = perf_counter() + limits.seconds
        self._weighed: Weighed = {}

    def check(self, tables: Iterable[Table]) -> None:
        """InvalidError where they took too long, or made too many values or too long texts; OutgrownError where they
        may take no more than what is light."""
        if why := self._lacks([column for table in tables for column in table.columns]):
            raise InvalidError(why) if self._limits is not LIGHT else OutgrownError(why)

    def _lacks(self, columns: Sequence[Column]) -> str:
        if perf_counter() > self._until:
            return f"the transformations take longer than {self._limits.seconds:g} s"
        if sum(map(len, columns)) > self._limits.values:
            return f"more than {self._limits.values} values would come of it"
        before, self._weighed = self._weighed, {}
        left = self._limits.text
        for column in columns:
            left -= self._text(column, before, left)
            if left < 0:
                return f"texts of more than {self._limits.text} characters would come of it"
        return ""

    def _text(self, column: Column, before: Weighed, left: int) -> int:
        if column.is_float:
            return len(column.name)
        key = id(column.values)
        _, size = self._weighed.get(key) or before.get(key) or (None, length_of(column.values.tolist(), left))
        self._weighed[key] = column.values, size  # held, so that the id stays its own
        return size + len(column.name)


def check_column(column: Column) -> Column:
    """The same column; InvalidError where a text of it is longer than MAX_ONE characters, or all than MAX_TEXT."""
    if column.is_float:
        return column
    if any(isinstance(value, str) and len(value) > MAX_ONE for value in column.values.tolist()):
        raise InvalidError(f"texts of more than {MAX_ONE} characters would come of it")
    if length_of(column.values.tolist(), MAX_TEXT) > MAX_TEXT:
        raise InvalidError(f"texts of more than {MAX_TEXT} characters would come of it")
    return column


def length_of(values: list[Any], most: int) -> int:
    """Characters of all texts in values, those within lists, structures and tables too; some more than `most` where
    there are more."""
    found, level = 0, values
    while level and found <= most:
        if PLAIN.issuperset(map(type, level)):
            return found + sum(map(len, filter(None, level)))
        below: list[Any] = []
        for one in level:
            found += len(one) if isinstance(one, (str, list, dict)) else 1
            below += _within(one)
            if found > most or found + len(below) > most:
                return found + len(below)
        level = below
    return found


def _within(value: Any) -> Iterable[Any]:
    """What stands in a list, a structure or a table."""
    if isinstance(value, list):
        return value
    if isinstance(value, dict):
        return (*value, *value.values())
    if isinstance(value, Table):
        return (text for column in value.columns for text in (column.name, *column.values.tolist()))
    return ()
