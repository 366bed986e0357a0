"""The tables of the metric store: raw samples, series, and rollups that materialised views fill at insert.

A sample carries what a counter needs: `increase`, how much it rose since the sample before (a reset counts from
zero), and `elapsed`, the milliseconds since then. Both are worked out at ingest, for a view sees one block only. So a
rate over any bucket of any tier is `sum(increase) / sum(elapsed)`, right across resets, gaps and late collectors.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

DATABASE = "heliograph"
# Blocks whose deduplication tokens are remembered, on every table, so that a replayed batch counts once everywhere.
DEDUPLICATION_WINDOW = 10_000
DURABLE = (
    f"non_replicated_deduplication_window = {DEDUPLICATION_WINDOW}, fsync_after_insert = 1, fsync_part_directory = 1"
)


@dataclass(frozen=True, slots=True)
class Tier:
    """One resolution of the store: its table, the seconds of a bucket (0: raw) and for how many days it is kept."""

    table: str
    bucket_s: int
    keep_days: int


RAW = Tier("samples", 0, 7)
MINUTES = Tier("rollup_1m", 60, 90)
HOURS = Tier("rollup_1h", 3600, 730)
ROLLUPS = (MINUTES, HOURS)

SAMPLES = f"""
CREATE TABLE IF NOT EXISTS {DATABASE}.samples (
    org UInt32 CODEC(ZSTD(1)),
    series UInt64 CODEC(ZSTD(1)),
    ts DateTime64(3, 'UTC') CODEC(DoubleDelta, ZSTD(1)),
    value Float64 CODEC(Gorilla, ZSTD(1)),
    increase Float64 CODEC(Gorilla, ZSTD(1)),
    elapsed UInt32 CODEC(T64, ZSTD(1))
) ENGINE = MergeTree PARTITION BY toYYYYMMDD(ts) ORDER BY (org, series, ts)
TTL toDateTime(ts) + INTERVAL {RAW.keep_days} DAY
SETTINGS {DURABLE}
"""

SERIES = f"""
CREATE TABLE IF NOT EXISTS {DATABASE}.series (
    org UInt32,
    id UInt64,
    name LowCardinality(String),
    labels Map(LowCardinality(String), String)
) ENGINE = ReplacingMergeTree ORDER BY (org, name, id)
SETTINGS {DURABLE}
"""


def rollup_table(tier: Tier) -> str:
    """The statement that makes a tier's table: of each series and bucket what can be merged with later samples."""
    return f"""
CREATE TABLE IF NOT EXISTS {DATABASE}.{tier.table} (
    org UInt32 CODEC(ZSTD(1)),
    series UInt64 CODEC(ZSTD(1)),
    bucket DateTime('UTC') CODEC(DoubleDelta, ZSTD(1)),
    count SimpleAggregateFunction(sum, UInt64),
    sum SimpleAggregateFunction(sum, Float64),
    min SimpleAggregateFunction(min, Float64),
    max SimpleAggregateFunction(max, Float64),
    min_ts AggregateFunction(argMin, DateTime64(3, 'UTC'), Float64),
    max_ts AggregateFunction(argMax, DateTime64(3, 'UTC'), Float64),
    first AggregateFunction(argMin, Float64, DateTime64(3, 'UTC')),
    last AggregateFunction(argMax, Float64, DateTime64(3, 'UTC')),
    first_ts SimpleAggregateFunction(min, DateTime64(3, 'UTC')),
    last_ts SimpleAggregateFunction(max, DateTime64(3, 'UTC')),
    increase SimpleAggregateFunction(sum, Float64),
    elapsed SimpleAggregateFunction(sum, UInt64)
) ENGINE = AggregatingMergeTree PARTITION BY toYYYYMM(bucket) ORDER BY (org, series, bucket)
TTL bucket + INTERVAL {tier.keep_days} DAY
SETTINGS {DURABLE}
"""


def rollup_view(tier: Tier) -> str:
    """The statement that fills a tier's table from samples as they are inserted."""
    return f"""
CREATE MATERIALIZED VIEW IF NOT EXISTS {DATABASE}.{tier.table}_view TO {DATABASE}.{tier.table} AS
SELECT org, series, toDateTime(intDiv(toUnixTimestamp(ts), {tier.bucket_s}) * {tier.bucket_s}, 'UTC') AS bucket,
    count() AS count, sum(value) AS sum, min(value) AS min, max(value) AS max,
    argMinState(ts, value) AS min_ts, argMaxState(ts, value) AS max_ts,
    argMinState(value, ts) AS first, argMaxState(value, ts) AS last,
    min(ts) AS first_ts, max(ts) AS last_ts, sum(increase) AS increase, sum(elapsed) AS elapsed
FROM (SELECT org, series, ts, value, increase, elapsed FROM {DATABASE}.samples)
GROUP BY org, series, bucket
"""


def statements() -> Sequence[str]:
    """What makes the schema, in order; each may run again."""
    return [
        f"CREATE DATABASE IF NOT EXISTS {DATABASE}",
        SAMPLES,
        SERIES,
        *(rollup_table(tier) for tier in ROLLUPS),
        *(rollup_view(tier) for tier in ROLLUPS),
    ]


def calm_merges() -> Sequence[str]:
    """For the embedded engine, which gets a small part each second: fewer merges, of more parts each.

    To ClickHouse a part weighs 5 MB at least, so with its own 5 every fifth insert has the whole day written anew until
    that day is larger: a tenth of a core for nothing. With more than 10 who reads the newest samples pays for parts.
    """
    tables = [RAW.table, "series", *(tier.table for tier in ROLLUPS)]
    return [f"ALTER TABLE {DATABASE}.{table} MODIFY SETTING merge_selector_base = 10" for table in tables]
