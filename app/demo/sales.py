"""The shop's database: its orders in a SQLite file."""

from __future__ import annotations

import contextlib
import sqlite3
from pathlib import Path
from typing import Final

from .shop import HOUR_MS, MOST_AN_HOUR, orders_of

KEPT_MS: Final = 12 * HOUR_MS
TABLE: Final = (
    "CREATE TABLE IF NOT EXISTS orders (number INTEGER PRIMARY KEY, at INTEGER NOT NULL, branch TEXT NOT NULL, "
    "article TEXT NOT NULL, amount REAL NOT NULL)"
)


def sell(file: Path, now_ms: int) -> int:
    """Write the orders of the last KEPT_MS that are not there yet, and forget older ones; how many are new. Blocks."""
    with contextlib.closing(sqlite3.connect(file)) as connection, connection:
        connection.execute("PRAGMA synchronous = OFF")  # what is lost is made again
        connection.execute(TABLE)
        (newest,) = connection.execute("SELECT coalesce(max(number), 0) FROM orders").fetchone()
        first = max((now_ms - KEPT_MS) // HOUR_MS, newest // MOST_AN_HOUR)
        due = (order for hour in range(first, now_ms // HOUR_MS + 1) for order in orders_of(hour))
        rows = [
            (one.number, one.at_s, one.branch, one.article, one.amount)
            for one in due
            if one.number > newest and one.at_s * 1000 <= now_ms
        ]
        connection.executemany("INSERT INTO orders VALUES (?, ?, ?, ?, ?)", rows)
        connection.execute("DELETE FROM orders WHERE at * 1000 < ?", (now_ms - KEPT_MS,))
        return len(rows)
