"""The demo's shop: its orders are the clock's, written once, and forgotten after a while."""

from __future__ import annotations

import contextlib
import sqlite3
from pathlib import Path

from heliograph.app.demo.sales import KEPT_MS, sell
from heliograph.app.demo.shop import BRANCHES, HOUR_MS, MINUTE_MS, orders_of
from heliograph.app.demo.sources import API_UID, SHOP_PORT, SQL_UID, with_demo
from heliograph.app.settings import ProvisionedSource, Settings

NOW_MS = 1_700_000_030_000


def numbers(file: Path) -> list[int]:
    with contextlib.closing(sqlite3.connect(file)) as connection:
        return [number for (number,) in connection.execute("SELECT number FROM orders ORDER BY number")]


def test_orders_are_those_of_the_last_hours_each_once(tmp_path: Path) -> None:
    file = tmp_path / "orders.db"
    assert sell(file, NOW_MS) > 1000
    assert sell(file, NOW_MS) == 0
    first = numbers(file)
    hours = range((NOW_MS - KEPT_MS) // HOUR_MS, NOW_MS // HOUR_MS + 1)
    due = [one for hour in hours for one in orders_of(hour)]
    assert first == [one.number for one in due if NOW_MS - KEPT_MS <= one.at_s * 1000 <= NOW_MS]
    later_ms = NOW_MS + HOUR_MS + 5 * MINUTE_MS
    sell(file, NOW_MS + 20_000)
    sell(file, later_ms)
    whole = tmp_path / "at-once.db"
    sell(whole, later_ms)
    assert numbers(file) == numbers(whole)


def test_later_the_old_ones_are_gone(tmp_path: Path) -> None:
    file = tmp_path / "orders.db"
    sell(file, NOW_MS)
    before = numbers(file)
    sell(file, NOW_MS + KEPT_MS + MINUTE_MS)
    assert not set(before) & set(numbers(file))


def test_every_branch_sells_about_what_it_wants() -> None:
    hours = range(NOW_MS // HOUR_MS - 24, NOW_MS // HOUR_MS)
    orders = [one for hour in hours for one in orders_of(hour)]
    for branch in BRANCHES:
        sold = sum(one.amount for one in orders if one.branch == branch.name) / len(hours)
        assert 0.6 < sold / branch.goal < 1.6


def test_what_the_operator_names_like_the_shop_stays_the_operators() -> None:
    own = ProvisionedSource(uid=SQL_UID, type="postgresql", url="postgresql://h/d")
    made = with_demo(Settings(datasources=(own,)), {SHOP_PORT: "5999"})
    assert [(one.uid, one.type) for one in made.datasources] == [(SQL_UID, "postgresql"), (API_UID, "json")]
    assert made.sql_drivers == ("sqlite",)
    assert with_demo(Settings(), {}) == Settings()
