"""What one transformation may make and cost at most: a few rows that fit each other in all ways are very many."""

from __future__ import annotations

from typing import Final

from ...errors import InvalidError

MAX_VALUES: Final = 5_000_000  # of a table that is made: more than a source may answer
MAX_TABLES: Final = 2000  # that one table may be parted into
MAX_COMPARED: Final = 4_000_000  # values that are looked at one by one: a second or two


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
