"""Builds what an alert process is made of, over the basis of all roles, and takes it apart in order."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator, Callable, Coroutine
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Any

from ...alerting.clock import CommonClock
from ...alerting.evaluation.asking import Asker
from ...alerting.evaluation.evaluator import Evaluator
from ...alerting.evaluation.keeper import Keeper
from ...alerting.evaluation.one import OneRule
from ...alerting.notifiers.registry import default_kinds
from ...alerting.notifying.courier import Courier
from ...alerting.notifying.dispatcher import Dispatcher, Place
from ...alerting.notifying.forgetting import Forgetting
from ...alerting.rules.durations import duration_ms
from ...datasources.sources.network import NetworkGuard
from ...storage.config.alert_history import AlertHistory
from ...tasks import ended
from ..basis import Basis, based
from ..process.node_file import owner_of
from ..process.steady import steady_s
from ..settings import Settings
from .recorder import StoreRecorder
from .rule_files import bring
from .telemetry import AlertTelemetry


@dataclass(frozen=True, slots=True)
class AlertGraph:
    """An alert process: what it evaluates and tells with, and what it counts."""

    basis: Basis
    keeper: Keeper
    evaluator: Evaluator
    dispatcher: Dispatcher
    courier: Courier
    forgetting: Forgetting
    figures: AlertTelemetry


@asynccontextmanager
async def evaluating(settings: Settings) -> AsyncIterator[AlertGraph]:
    """Rules are evaluated while the context lasts; then what is under way ends, and the leases are given back."""
    clock = CommonClock(steady_s, time.time)
    async with based(settings, clock) as basis:
        await basis.queries.caches.start()
        await bring(settings, basis.config.rules)
        recorder = StoreRecorder(basis.client, settings.data_dir / "spool-rules")
        graph = compose(basis, recorder, clock)
        timed = (graph.forgetting.run, graph.evaluator.run, graph.dispatcher.run, graph.courier.run)
        tasks = [asyncio.create_task(_timed(clock, run)) for run in timed]
        tasks.append(asyncio.create_task(graph.keeper.run()))
        try:
            yield graph
        finally:
            await ended(*tasks)
            await graph.courier.close()
            await graph.dispatcher.close()
            await graph.evaluator.close()
            await graph.keeper.close()
            await recorder.close()
            await basis.queries.caches.close()


def compose(basis: Basis, recorder: StoreRecorder, clock: CommonClock) -> AlertGraph:
    """The graph of an alert process; nothing of it runs yet."""
    figures = AlertTelemetry()
    asker = Asker(basis.queries.proxy, basis.queries.sources)
    one = OneRule(asker, recorder, figures, basis.settings.public_url)
    owner = owner_of(basis.settings.data_dir)
    keeper = Keeper(basis.config.leases, owner, clock)
    evaluator = Evaluator(basis.config.rules, basis.config.alerts, keeper, one, figures)
    keeper.tell(evaluator.progress_ms, evaluator.wake)
    dispatcher, courier = compose_telling(basis, keeper, owner, figures)
    kept_ms = duration_ms(basis.settings.alert_history)
    history = AlertHistory(basis.config.database)
    forgetting = Forgetting(history, basis.config.telling.notifications, keeper.now_ms, kept_ms)
    return AlertGraph(basis, keeper, evaluator, dispatcher, courier, forgetting, figures)


def compose_telling(basis: Basis, keeper: Keeper, owner: str, figures: AlertTelemetry) -> tuple[Dispatcher, Courier]:
    """Who lets groups of alerts speak, and who delivers what they said."""
    settings, config = basis.settings, basis.config
    kinds = default_kinds(NetworkGuard(settings.allowed_networks), time.time)
    place = Place(owner, keeper.now_ms, settings.public_url.rstrip("/"), lambda: keeper.turns)
    dispatcher = Dispatcher(config.telling, config.alerts, config.leases, kinds, place)
    courier = Courier(
        config.telling, kinds, keeper.now_ms, lambda: dispatcher.delivers, said=dispatcher.said, told=figures.told
    )
    return dispatcher, courier


async def _timed(clock: CommonClock, run: Callable[[], Coroutine[Any, Any, None]]) -> None:
    """Run once it is known what time it is for all nodes: the clock of this one may be wrong."""
    await clock.known.wait()
    await run()
