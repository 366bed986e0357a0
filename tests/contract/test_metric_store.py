"""The metric store: what clickhouse-connect may ask of it, and what the writer and the reader promise."""

from __future__ import annotations

import asyncio
import subprocess
import sys
import time
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import clickhouse_connect
import numpy as np
import pyarrow as pa
import pytest
from clickhouse_connect.driver.exceptions import ClickHouseError, DatabaseError
from fixtures.product import free_port
from fixtures.store import PROGRAM, SECRET, StoreProcess

from heliograph.errors import InvalidError, SourceError, SourceTimeoutError, SourceUnavailableError
from heliograph.storage.metrics.client import MetricClient
from heliograph.storage.metrics.ladder import choose, step_on_ladder
from heliograph.storage.metrics.reader import MetricReader, Selection
from heliograph.storage.metrics.samples import Sample, Series, sample_table
from heliograph.storage.metrics.schema import statements
from heliograph.storage.metrics.series_index import SeriesIndex
from heliograph.storage.metrics.spool import Spool
from heliograph.storage.metrics.statements import Aggregation, Over
from heliograph.storage.metrics.writer import MetricWriter

MINUTE_MS = 60_000
BASE_MS = int(time.time()) // 3600 * 3_600_000 - 2 * 3_600_000  # a whole hour, two to three hours ago


def address(url: str) -> dict[str, Any]:
    parts = urlsplit(url)
    return {
        "host": parts.hostname,
        "port": parts.port,
        "username": parts.username or "default",
        "password": parts.password or "",
        "autogenerate_session_id": False,
    }


@pytest.fixture
async def client(store_url: str) -> AsyncIterator[MetricClient]:
    client = MetricClient(store_url)
    for statement in statements():
        await client.command(statement)
    yield client
    await client.close()


@pytest.mark.parametrize("compress", [False, "gzip", "zstd", "lz4"])
def test_the_sync_client_inserts_and_selects(store_url: str, compress: Any) -> None:
    client = clickhouse_connect.get_client(**address(store_url), compress=compress)
    table = f"default.sync_{str(compress).lower()}"
    client.command(f"DROP TABLE IF EXISTS {table}")
    client.command(f"CREATE TABLE {table} (a UInt32, s String) ENGINE = MergeTree ORDER BY a")
    client.insert(table, [[index, f"row {index}" * 20] for index in range(2000)], column_names=["a", "s"])
    rows = client.query(f"SELECT a, s FROM {table} WHERE a < {{most:UInt32}} ORDER BY a", parameters={"most": 3})
    assert rows.result_rows == [(index, f"row {index}" * 20) for index in range(3)]
    arrow = client.query_arrow(f"SELECT count() AS n, uniqExact(s) AS u FROM {table}")
    assert arrow.to_pylist() == [{"n": 2000, "u": 2000}]
    assert len(client.query(f"SELECT s FROM {table}").result_rows) == 2000
    client.close()


async def test_the_async_client_inserts_arrow_and_selects(store_url: str) -> None:
    client = await clickhouse_connect.get_async_client(**address(store_url))
    await client.command("DROP TABLE IF EXISTS default.arrow_rows")
    await client.command("CREATE TABLE default.arrow_rows (a UInt32, v Float64) ENGINE = MergeTree ORDER BY a")
    await client.insert_arrow("default.arrow_rows", pa.table({"a": pa.array([1, 2], pa.uint32()), "v": [0.5, 1.5]}))
    found = await client.query("SELECT sum(v) FROM default.arrow_rows")
    assert found.result_rows == [(2.0,)]
    await client.close()


def test_settings_of_a_query_hold_for_it_alone(store_url: str) -> None:
    client = clickhouse_connect.get_client(**address(store_url))
    assert client.query("SELECT getSetting('max_block_size')", settings={"max_block_size": 77}).result_rows == [(77,)]
    assert client.query("SELECT getSetting('max_block_size')").result_rows != [(77,)]
    with pytest.raises(DatabaseError):
        client.query(
            "SELECT sleepEachRow(0.1) FROM numbers(100)", settings={"max_execution_time": 1, "max_block_size": 1}
        )
    client.close()


def test_an_error_keeps_the_engines_own_code(store_url: str) -> None:
    client = clickhouse_connect.get_client(**address(store_url))
    with pytest.raises(DatabaseError, match="62"):
        client.query("SELEC 1")
    with pytest.raises(DatabaseError, match="60"):
        client.query("SELECT * FROM no_such_table")
    client.close()


def test_read_only_cannot_be_left(store_url: str) -> None:
    client = clickhouse_connect.get_client(**address(store_url))
    for statement in (
        "CREATE TABLE default.x (a Int8) ENGINE = Memory",
        "SELECT 1 SETTINGS max_threads = 1",
        "SELECT * FROM file('/etc/passwd', 'LineAsString')",
    ):
        with pytest.raises(DatabaseError):
            client.query(statement, settings={"readonly": 1})
    client.close()


async def test_a_query_is_killed_by_its_id(client: MetricClient) -> None:
    slow = asyncio.create_task(
        client.query(
            "SELECT sleepEachRow(0.5) FROM numbers(60)", settings={"max_block_size": 1}, query_id="to-be-killed"
        )
    )
    await asyncio.sleep(1)
    await client.kill("to-be-killed")
    async with asyncio.timeout(10):
        with pytest.raises(SourceError, match=r"(?i)cancel"):
            await slow


async def test_a_query_stops_at_its_deadline_and_is_said_so(client: MetricClient) -> None:
    with pytest.raises(SourceTimeoutError):
        await client.query(
            "SELECT sleepEachRow(0.2) FROM numbers(60)", settings={"max_block_size": 1, "max_execution_time": 1}
        )


def test_who_does_not_know_the_secret_is_refused(store: StoreProcess) -> None:
    with pytest.raises(ClickHouseError):
        clickhouse_connect.get_client(**{**address(store.url), "password": "wrong"})


def test_the_url_is_for_its_owner_alone(store: StoreProcess) -> None:
    assert (store.data_dir / "store.url").stat().st_mode & 0o777 == 0o600


def test_a_directory_in_use_is_a_clear_error(store: StoreProcess) -> None:
    other = subprocess.run(
        [sys.executable, "-c", PROGRAM, str(store.data_dir), str(free_port()), SECRET],
        capture_output=True,
        text=True,
        timeout=60,
    )
    assert other.returncode != 0
    assert "StartupError" in other.stderr
    assert "the store cannot open its data" in other.stderr


async def test_a_store_that_is_gone_is_unavailable(tmp_path: Path) -> None:
    client = MetricClient(f"http://u:p@127.0.0.1:{free_port()}/")
    with pytest.raises(SourceUnavailableError):
        await client.query("SELECT 1")
    await client.close()


async def written(client: MetricClient, spool: Path, samples: list[Sample], org: int = 1) -> None:
    writer = MetricWriter(client, spool, org=org, seal_after_s=0.02)
    await writer.start()
    assert await writer.write(samples) == len(samples)
    await writer.drain()
    await writer.close()


def unique(name: str) -> str:
    return f"{name}_{time.monotonic_ns()}"


async def test_samples_are_read_back_by_series_and_step(client: MetricClient, tmp_path: Path) -> None:
    name = unique("gauge")
    series = [Series.of(name, {"host": host}) for host in ("a", "b")]
    samples = [
        Sample(one, BASE_MS + at * 1000, float(at * (1 + k))) for at in range(10) for k, one in enumerate(series)
    ]
    await written(client, tmp_path, samples)
    reader = MetricReader(client, time.time)
    reading = await reader.read(1, Selection(name), BASE_MS, BASE_MS + 10_000, 1)
    assert [dict(one.labels) for one in reading.series] in (
        [{"host": "a"}, {"host": "b"}],
        [{"host": "b"}, {"host": "a"}],
    )
    a = next(one for one in reading.series if one.labels["host"] == "a")
    np.testing.assert_array_equal(a.times, BASE_MS + np.arange(1, 11) * 1000.0)
    np.testing.assert_array_equal(a.values, np.arange(10.0))
    joined = await reader.read(1, Selection(name, aggregate="sum"), BASE_MS, BASE_MS + 10_000, 5)
    np.testing.assert_array_equal(joined.series[0].values, [2.0 * 3, 7.0 * 3])
    assert (await reader.read(2, Selection(name), BASE_MS, BASE_MS + 10_000, 1)).series == ()


async def test_a_rate_is_right_across_a_reset_and_a_gap(client: MetricClient, tmp_path: Path) -> None:
    name = unique("counter")
    values = [(0, 100.0), (10, 120.0), (20, 140.0), (30, 5.0), (60, 65.0)]
    await written(client, tmp_path, [Sample(Series.of(name), BASE_MS + at * 1000, value) for at, value in values])
    reader = MetricReader(client, time.time)
    reading = await reader.read(1, Selection(name, over="rate"), BASE_MS, BASE_MS + 70_000, 10)
    np.testing.assert_allclose(reading.series[0].values, [2.0, 2.0, 0.5, 2.0])


@pytest.mark.parametrize("over", ["avg", "min", "max", "sum", "count", "first", "last", "rate", "increase"])
@pytest.mark.parametrize("tier", ["rollup_1m", "rollup_1h"])
async def test_rollups_answer_what_raw_samples_do(client: MetricClient, tmp_path: Path, over: Any, tier: str) -> None:
    name = unique("both")
    dice = np.random.default_rng(3)
    samples = [
        Sample(Series.of(name, {"k": str(k)}), BASE_MS + at * 7_000, float(dice.normal()))
        for at in range(1000)
        for k in range(2)
    ]
    await written(client, tmp_path, samples)
    reader = MetricReader(client, time.time)
    step = 60 if tier == "rollup_1m" else 3600
    rolled = await reader.read(1, Selection(name, over=over), BASE_MS, BASE_MS + 7_200_000, step)
    assert rolled.tier == tier
    raw_sql = rolled.sql.replace(f"heliograph.{tier}", "heliograph.samples")
    assert len(rolled.series) == 2
    raw = await reader.read(1, Selection(name, over=over), BASE_MS, BASE_MS + 7_200_000, 30)
    assert raw.tier == "samples"
    assert raw_sql != rolled.sql
    by_hand: dict[str, Any] = {"avg": np.mean, "min": np.min, "max": np.max, "sum": np.sum, "count": np.size}
    if over in by_hand:
        for one in rolled.series:
            own = [(s.ts_ms, s.value) for s in samples if s.series.labels == (("k", one.labels["k"]),)]
            for end, value in zip(one.times, one.values, strict=True):
                inside = [v for t, v in own if end - step * 1000 <= t < end]
                assert value == pytest.approx(by_hand[over](inside))


class Counting(MetricClient):
    """Keeps the SELECTs of buckets and of series that were sent."""

    def __init__(self, url: str) -> None:
        super().__init__(url)
        self.sent: list[str] = []
        self.indexed: list[str] = []

    async def query(self, sql: str, **options: Any) -> pa.Table:
        if "GROUP BY series, t" in sql:
            self.sent.append(sql)
        elif "LIMIT 1 BY name, id" in sql:
            self.indexed.append(sql)
        return await super().query(sql, **options)


async def test_the_series_of_all_metrics_in_use_are_read_anew_together(
    store_url: str, client: MetricClient, tmp_path: Path
) -> None:
    used, unused = [unique(f"used{k}") for k in range(3)], unique("unused")
    await written(client, tmp_path, [Sample(Series.of(name), BASE_MS, 1.0) for name in (*used, unused)])
    counting, now_s = Counting(store_url), 1000.0
    index = SeriesIndex(counting, lambda: now_s)
    for name in (unused, *used):
        assert len(await index.of(1, name)) == 1
    assert len(counting.indexed) == 4
    now_s += 3
    for name in used:
        await index.of(1, name)
    now_s += 3
    await written(client, tmp_path, [Sample(Series.of(name, {"k": "new"}), BASE_MS, 1.0) for name in used])
    for name in used:  # by their own times the last ones were known a moment longer
        assert len(await index.of(1, name)) == 2
    assert len(counting.indexed) == 5
    assert all(name in counting.indexed[-1] for name in used)
    assert unused not in counting.indexed[-1]
    await counting.close()


@pytest.mark.parametrize("resolution", [("samples", 5, 1000), ("rollup_1m", 60, 12_000)])
async def test_what_is_read_together_is_what_each_reads_by_itself(
    store_url: str, client: MetricClient, tmp_path: Path, resolution: tuple[str, int, int]
) -> None:
    tier, step_s, every_ms = resolution
    first, second = unique("first"), unique("second")
    dice = np.random.default_rng(11)
    samples = [
        Sample(
            Series.of(name, {"host": f"h{host}", "zone": f"z{host % 2}"}), BASE_MS + at * every_ms, float(dice.normal())
        )
        for name in (first, second)
        for host in range(5)
        for at in range(50)
        if (at + host) % 7  # holes, so that series differ in their buckets, and some have no rate
    ]
    await written(client, tmp_path, samples)
    counting = Counting(store_url)
    reader = MetricReader(counting, time.time)
    joins: list[tuple[Aggregation, tuple[str, ...]]] = [("", ()), ("sum", ()), ("avg", ("zone",)), ("min", ("zone",))]
    joins += [("max", ()), ("count", ())]
    overs: list[Over] = ["avg", "min", "max", "sum", "count", "first", "last", "rate", "increase"]
    wanted = [
        (Selection(name, labels, over=over, aggregate=aggregate, by=by), begin, BASE_MS + 50 * every_ms)
        for name, labels in ((first, {}), (second, {"host": "~h[0-3]"}))
        for over in overs
        for aggregate, by in joins
        for begin in (BASE_MS, BASE_MS + 20 * every_ms)
    ]
    found = await asyncio.gather(*(reader.read(1, one, begin, end, step_s) for one, begin, end in wanted))
    assert len(counting.sent) == 1
    for reading in found:
        assert reading.tier == tier
        alone = await client.query(reading.sql)
        values = np.concatenate([one.values for one in reading.series])
        times = np.concatenate([one.times for one in reading.series])
        np.testing.assert_array_equal(times, alone.column(1).to_numpy())
        np.testing.assert_allclose(values, alone.column(2).to_numpy(), rtol=1e-12, atol=1e-12)
        sizes = np.unique(alone.column(0).to_numpy(), return_counts=True)[1]
        assert [len(one.values) for one in reading.series] == sizes.tolist()
    far = await asyncio.gather(
        *(reader.read(1, Selection(first), at, at + step_s * 1000, step_s) for at in (BASE_MS, BASE_MS + 10**7))
    )
    assert len(counting.sent) == 3  # what lies between was not read
    assert [len(one.series) for one in far] == [5, 0]
    await counting.close()


async def test_a_batch_that_is_sent_again_counts_once_everywhere(client: MetricClient) -> None:
    series = Series.of(unique("replayed"))
    rows = sample_table(1, [(series.identity(), BASE_MS + at, 1.0, 0.0, 0) for at in range(100)])
    for token in ("one", "one", "two", "one"):
        await client.insert("heliograph.samples", rows, token=f"{series.name}-{token}")
    where = f"WHERE series = {series.identity()}"
    raw = await client.query(f"SELECT toInt64(count()) AS n FROM heliograph.samples {where}")
    rolled = await client.query(f"SELECT toInt64(sum(count)) AS n FROM heliograph.rollup_1h {where}")
    assert (raw.column(0)[0].as_py(), rolled.column(0)[0].as_py()) == (200, 200)


async def test_what_a_crash_left_in_the_spool_reaches_the_store_once(client: MetricClient, tmp_path: Path) -> None:
    series = Series.of(unique("spooled"))
    spool = Spool(tmp_path / "spool")
    rows = sample_table(1, [(series.identity(), BASE_MS + at, 1.0, 0.0, 0) for at in range(10)])
    batch = spool.seal(pa.table({"org": pa.array([], pa.uint32())}), rows)
    await client.insert(
        "heliograph.samples", rows, token=batch.token
    )  # sent, but never removed: the crash came between
    writer = MetricWriter(client, tmp_path / "spool", org=1)
    await writer.start()
    await writer.drain()
    await writer.close()
    found = await client.query(
        f"SELECT toInt64(count()) AS n FROM heliograph.samples WHERE series = {series.identity()}"
    )
    assert found.column(0)[0].as_py() == 10
    assert list(Spool(tmp_path / "spool").pending()) == []


def test_a_batch_number_is_never_given_twice(tmp_path: Path) -> None:
    rows = sample_table(1, [])
    spool = Spool(tmp_path)
    first = spool.seal(rows, rows)
    spool.remove(first)
    assert Spool(tmp_path).seal(rows, rows).token != first.token


async def test_a_store_that_is_killed_loses_nothing_that_was_acknowledged(tmp_path: Path) -> None:
    store = StoreProcess(tmp_path, free_port()).start()
    client = MetricClient(store.url)
    writer = MetricWriter(client, tmp_path / "spool", org=1, seal_after_s=0.01)
    await writer.start()
    series = Series.of("killed")
    for number in range(60):
        await writer.write([Sample(series, BASE_MS + number, float(number))])
        if number in (20, 40):
            await asyncio.to_thread(store.kill)
            await asyncio.to_thread(store.start)
    async with asyncio.timeout(90):
        await writer.drain()
    found = await client.query("SELECT toInt64(value) AS v FROM heliograph.samples ORDER BY v")
    assert found.column(0).to_pylist() == list(range(60))
    await writer.close()
    await client.close()
    store.stop()


@pytest.mark.parametrize(
    ("labels", "expected"),
    [
        ({"host": "web-1"}, {"web-1"}),
        ({"host": ["web-1", "db-1"]}, {"web-1", "db-1"}),
        ({"host": "~web-.*"}, {"web-1", "web-2"}),
        ({"host": "!web-1"}, {"web-2", "db-1"}),
        ({"host": "!~web-.*"}, {"db-1"}),
        ({"host": "~"}, set()),
        ({"host": "'; DROP TABLE heliograph.samples; --"}, set()),
    ],
)
async def test_labels_are_matched(client: MetricClient, tmp_path: Path, labels: Any, expected: set[str]) -> None:
    name = unique("matched")
    hosts = ("web-1", "web-2", "db-1")
    await written(client, tmp_path, [Sample(Series.of(name, {"host": host}), BASE_MS, 1.0) for host in hosts])
    reading = await MetricReader(client, time.time).read(1, Selection(name, labels), BASE_MS, BASE_MS + 1000, 1)
    assert {one.labels["host"] for one in reading.series} == expected


async def test_a_pattern_that_runs_for_ever_elsewhere_is_answered(client: MetricClient, tmp_path: Path) -> None:
    name = unique("patient")
    await written(client, tmp_path, [Sample(Series.of(name, {"a": "a" * 40}), BASE_MS, 1.0)])
    reader = MetricReader(client, time.time)
    for pattern, found in (("~(a+)+b", 0), ("~(a+)+", 1)):
        selection = Selection(name, {"a": pattern})
        reading = await reader.read(1, selection, BASE_MS, BASE_MS + 1000, 1)
        assert len(reading.series) == found, pattern
    with pytest.raises(InvalidError):
        await reader.read(1, Selection(name, {"a": "~(a)\\1"}), BASE_MS, BASE_MS + 1000, 1)


async def test_values_that_are_not_finite_are_left_out(client: MetricClient, tmp_path: Path) -> None:
    writer = MetricWriter(client, tmp_path, org=1, seal_after_s=0.01)
    await writer.start()
    samples = [Sample(Series.of("x"), BASE_MS, value) for value in (float("nan"), float("inf"), 1.0)]
    assert await writer.write(samples) == 1
    await writer.close()


@pytest.mark.parametrize(
    ("wanted_s", "step_s"),
    [(0.2, 1), (1, 1), (3, 5), (16, 30), (31, 60), (61, 120), (3601, 7200), (50_000, 86_400), (100_000, 172_800)],
)
def test_steps_are_those_of_the_ladder(wanted_s: float, step_s: int) -> None:
    assert step_on_ladder(wanted_s) == step_s


@pytest.mark.parametrize(
    ("step_s", "age_days", "table", "answered_s"),
    [
        (15, 1, "samples", 15),
        (60, 1, "rollup_1m", 60),
        (3600, 1, "rollup_1h", 3600),
        (15, 30, "rollup_1m", 60),
        (60, 200, "rollup_1h", 3600),
        (86_400, 3000, "rollup_1h", 86_400),
    ],
)
def test_the_tier_that_has_the_data_answers(step_s: int, age_days: int, table: str, answered_s: int) -> None:
    now_ms = 1_700_000_000_000
    tier, step = choose(step_s, now_ms - age_days * 86_400_000, now_ms)
    assert (tier.table, step) == (table, answered_s)
