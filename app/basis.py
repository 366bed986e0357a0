"""What every role that asks has: the config database, the query path over it, and what counts. Composed here alone."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator, Callable
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass

from ..datasources.query.path import QueryPath
from ..datasources.sources.heliograph import HeliographSource
from ..datasources.sources.heliograph_alerts import AlertTable
from ..datasources.sources.registry import Sources
from ..datasources.variables.asked import VariableOptions
from ..storage.cache.shared import Shared, open_shared
from ..storage.config.repositories import Repositories
from ..storage.metrics.client import MetricClient
from ..storage.metrics.samples import load_arrow
from .accounts import opened
from .auth.secret import Keys, load_or_create_secret
from .process.telemetry import Telemetry
from .query_path import check_provisioned, counted_caches, make_admission, make_proxy, provisioned, source_kinds
from .settings import Settings


@dataclass(frozen=True, slots=True)
class Basis:
    """`client` speaks to the metric store."""

    settings: Settings
    keys: Keys
    config: Repositories
    client: MetricClient
    queries: QueryPath
    telemetry: Telemetry


@asynccontextmanager
async def based(settings: Settings, clock: Callable[[], float] = time.time) -> AsyncIterator[Basis]:
    """The basis of a role, taken apart in the opposite order. The caches of its path are not started yet.

    `clock`: what its query path takes for the time, in seconds since the epoch.
    """
    async with AsyncExitStack() as stack:
        keys, config = await stack.enter_async_context(configured(settings))
        client = MetricClient(settings.metrics_url.get_secret_value())
        stack.push_async_callback(client.close)
        if settings.redis_url.get_secret_value():
            await asyncio.to_thread(load_arrow)  # what is shared goes as Arrow
        shared = open_shared(settings.redis_url.get_secret_value(), keys.fingerprint)
        stack.push_async_callback(shared.close)
        telemetry = Telemetry()
        queries = query_path(settings, config, client, shared, telemetry, clock)
        stack.push_async_callback(queries.sources.close)
        await check_provisioned(queries.sources.kinds, settings)
        yield Basis(settings, keys, config, client, queries, telemetry)


@asynccontextmanager
async def configured(settings: Settings) -> AsyncIterator[tuple[Keys, Repositories]]:
    """The config database of this installation, and the keys made of its secret; StartupError, SettingsError."""
    async with opened(settings) as database:
        keys = Keys.derive(load_or_create_secret(settings.data_dir, settings.secret_key))
        old = [
            Keys.derive(text.strip()) for text in settings.old_secret_keys.get_secret_value().split(",") if text.strip()
        ]
        await database.bind_secret(keys.fingerprint, [one.fingerprint for one in old])
        config = Repositories.over(database, [keys.encryption, *(one.encryption for one in old)])
        if old:
            await config.datasources.encrypt_anew()
            await config.telling.contact_points.encrypt_anew()
        yield keys, config


def query_path(  # noqa: PLR0917 - the parts that it joins
    settings: Settings,
    config: Repositories,
    client: MetricClient,
    shared: Shared,
    telemetry: Telemetry,
    clock: Callable[[], float],
) -> QueryPath:
    """The query path of any role: sources, caches, the proxy, and the options of variables."""
    alerts = AlertTable(config.rules, config.alerts)
    own = HeliographSource(config.annotations, config.dashboards, config.folders, alerts)
    kinds = source_kinds(settings, client, clock, own)
    sources = Sources(kinds, provisioned(settings), config.datasources.list, clock)
    caches = counted_caches(shared, clock, telemetry)
    admission = make_admission(settings, caches, telemetry)
    return QueryPath(
        sources=sources,
        proxy=make_proxy(settings, sources, caches, telemetry, admission, clock),
        caches=caches,
        options=VariableOptions(sources, clock, admission),
        shared=shared,
    )
