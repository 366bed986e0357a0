"""Names that change their mind, and what servers are told: for each kind of source, as the product makes it."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping

import asyncpg
import pytest
from fixtures.contexts import context_of
from fixtures.postgres import Postgres
from fixtures.resolving import listening

from heliograph.datasources.sources.base import Source
from heliograph.datasources.sources.clickhouse import ClickHouseSource
from heliograph.datasources.sources.elasticsearch import ElasticsearchSource
from heliograph.datasources.sources.jsonapi import JsonSource
from heliograph.datasources.sources.mysql import MysqlSource
from heliograph.datasources.sources.postgresql import PostgresSource
from heliograph.datasources.sources.prometheus import PrometheusSource
from heliograph.datasources.sources.registry import SourceKinds
from heliograph.errors import HeliographError, SourceError
from heliograph.storage.config.datasources import StoredSource
from heliograph.storage.metrics.client import MetricClient

NAME = "rebinding.example.com"
JUDGED, INNER = "127.0.0.3", "127.0.0.1"
URLS: Mapping[type[Source], str] = {
    PrometheusSource: "http://{}:{}",
    JsonSource: "http://{}:{}",
    ElasticsearchSource: "http://{}:{}",
    MysqlSource: "mysql://u@{}:{}/d",
    ClickHouseSource: "http://u@{}:{}",
    PostgresSource: "postgresql://u@{}:{}/d",
}


def sources(stored: StoredSource, allowed: tuple[str, ...]) -> Source:
    kinds = SourceKinds(lambda one: context_of(one, allowed))
    for kind in URLS:
        kinds.register(kind)
    return kinds.make(stored)


@pytest.mark.parametrize("kind", URLS, ids=lambda kind: str(kind.kind))
async def test_a_name_that_changes_its_mind_leads_to_the_judged_address_alone(
    kind: type[Source], names: dict[str, list[list[str]]]
) -> None:
    async with listening(JUDGED) as (port, judged), listening(INNER, port) as (_, inner):
        names[NAME] = [[JUDGED], [INNER]]
        source = sources(StoredSource("s", "S", kind.kind, URLS[kind].format(NAME, port)), (f"{JUDGED}/32",))
        assert not (await source.test()).ok
        assert judged
        refused = await source.test()  # it answers the inner address now
        assert "allowed_networks" in refused.message
        assert inner == []
        await source.close()


@pytest.mark.parametrize("kind", URLS, ids=lambda kind: str(kind.kind))
async def test_of_several_addresses_all_are_judged(kind: type[Source], names: dict[str, list[list[str]]]) -> None:
    async with listening(JUDGED) as (port, judged):
        names[NAME] = [[JUDGED, INNER]]
        source = sources(StoredSource("s", "S", kind.kind, URLS[kind].format(NAME, port)), (f"{JUDGED}/32",))
        assert "allowed_networks" in (await source.test()).message
        assert judged == []
        await source.close()


@pytest.mark.parametrize("kind", URLS, ids=lambda kind: str(kind.kind))
async def test_no_proxy_of_the_environment_is_asked(kind: type[Source], monkeypatch: pytest.MonkeyPatch) -> None:
    async with listening(INNER) as (proxy, asked), listening(JUDGED) as (port, told):
        for name in ("HTTP_PROXY", "http_proxy", "ALL_PROXY", "all_proxy"):
            monkeypatch.setenv(name, f"http://{INNER}:{proxy}")
        source = sources(StoredSource("s", "S", kind.kind, URLS[kind].format(JUDGED, port)), (f"{JUDGED}/32",))
        await source.test()
        assert told
        assert asked == []
        await source.close()


@pytest.mark.parametrize("kind", [PrometheusSource, ClickHouseSource], ids=lambda kind: str(kind.kind))
async def test_servers_are_told_our_name_and_nothing_of_this_machine(kind: type[Source]) -> None:
    async with listening(JUDGED) as (port, told):
        source = sources(StoredSource("s", "S", kind.kind, URLS[kind].format(JUDGED, port)), (f"{JUDGED}/32",))
        await source.test()
        await source.close()
    assert "user-agent: heliograph\r\n" in told[0].lower()
    assert "python" not in told[0].lower()


async def test_the_metric_store_is_told_our_name_and_nothing_of_this_machine() -> None:
    async with listening(INNER) as (port, told):
        client = MetricClient(f"http://u:p@{INNER}:{port}")
        with pytest.raises(HeliographError):
            await client.query("SELECT 1")
        await client.close()
    assert "User-Agent: Heliograph\r\n" in told[0]
    assert "os_user" not in told[0]


async def test_a_clickhouse_that_is_down_is_not_the_metric_store() -> None:
    source = sources(StoredSource("s", "S", "clickhouse", "http://u@127.0.0.1:9"), ("127.0.0.0/8",))
    assert (await source.test()).message == "ClickHouse does not answer"
    await source.close()


async def test_what_an_inner_service_answers_is_not_shown_as_an_error_of_clickhouse() -> None:
    async def handle(_: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(b"HTTP/1.1 404 No\r\nContent-Length: 24\r\n\r\nCode: 5. the inner secret")
        writer.close()

    server = await asyncio.start_server(handle, INNER, 0)
    async with server:
        port = server.sockets[0].getsockname()[1]
        source = sources(StoredSource("s", "S", "clickhouse", f"http://u@{INNER}:{port}"), ("127.0.0.0/8",))
        assert "inner" not in (await source.test()).message
        await source.close()


PROVISIONED: Mapping[str, Callable[[Postgres], str]] = {
    "host as an argument": lambda server: f"postgresql:///postgres?host=127.0.0.1&port={server.port}&user=postgres",
    "no TLS": lambda server: f"postgresql://postgres@127.0.0.1:{server.port}/postgres?sslmode=disable",
    "several hosts": lambda server: f"postgresql://postgres@127.0.0.1:9,localhost:{server.port}/postgres",
    "settings": lambda server: f"postgresql://postgres@localhost:{server.port}/postgres?application_name=board",
}


SUPERUSER = {"allow_superuser": True}  # the role that the server of tests has


@pytest.mark.parametrize("form", PROVISIONED)
async def test_operators_write_urls_of_postgresql_as_they_are_used_to(postgres_server: Postgres, form: str) -> None:
    stored = StoredSource("s", "S", "postgresql", PROVISIONED[form](postgres_server), SUPERUSER, provisioned=True)
    source = sources(stored, ())
    health = await source.test()
    assert health.ok, health.message
    await source.close()


async def test_a_postgresql_without_tls_is_not_asked_where_tls_is_required(postgres_server: Postgres) -> None:
    stored = StoredSource(
        "s", "S", "postgresql", f"{PROVISIONED['no TLS'](postgres_server)[:-7]}require", SUPERUSER, provisioned=True
    )
    source = sources(stored, ())
    assert not (await source.test()).ok
    await source.close()


async def test_the_environment_says_nothing_of_sources_that_people_make(
    postgres_server: Postgres, monkeypatch: pytest.MonkeyPatch
) -> None:
    admin = await asyncpg.connect(f"postgresql://postgres@127.0.0.1:{postgres_server.port}/postgres")
    await admin.close()
    monkeypatch.setenv("PGSSLMODE", "verify-full")
    monkeypatch.setenv("PGHOST", "/nowhere")
    url = f"postgresql://postgres@127.0.0.1:{postgres_server.port}/postgres"
    source = sources(StoredSource("s", "S", "postgresql", url, SUPERUSER), ("127.0.0.0/8",))
    assert (await source.test()).ok
    await source.close()


async def test_a_source_without_its_context_cannot_be_made() -> None:
    for kind in URLS:
        with pytest.raises(TypeError):
            kind(StoredSource("s", "S", kind.kind, "http://example.com"))  # type: ignore[call-arg]
    with pytest.raises(SourceError):
        await context_of(StoredSource("s", "S", "x"), ()).connector.addresses(INNER)
