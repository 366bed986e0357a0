"""Asks what a rule is about: its targets at one instant through the query path, and what its templates ask."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping, Sequence
from typing import Final

import structlog

from ...datasources.expressions.asking import asked
from ...datasources.query.model import Answer, Priority, Query
from ...datasources.query.proxy import QueryProxy
from ...datasources.sources.registry import Sources
from ...datasources.timerange import TimeRange
from ...errors import HeliographError, SourceUnavailableError
from ...scope import SHARED, Role, Scope
from ..rules.compiled import Compiled
from ..rules.declared import Rule, RuleTarget
from ..rules.durations import duration_ms
from ..templates.gofmt import Sample as TemplateSample
from .samples import Taken, samples_of

log = structlog.get_logger(__name__)
PRINCIPAL: Final = "system"
FINEST_S: Final = 0.001  # instants are asked as they are, not moved to a grid
LONGEST_S: Final = 30.0
MAX_POINTS: Final = 1000
AT_ONCE: Final = 64  # questions; a source takes so many waiting, and not more
KEPT_MS: Final = 2000
Answers = Mapping[str, Answer | BaseException]
Key = tuple[int, int, str]  # org, instant, what is asked


def scope_of(rule: Compiled) -> Scope:
    """With whose eyes a rule looks: what it sees is its org's."""
    household = f"rule/{rule.rule_id}"
    return Scope(rule.org, Role.EDITOR, data_scope=SHARED, principal=PRINCIPAL, household=household, maker=rule.maker)


class Asker:
    """Asks through the path of all queries, before all others. Rules that ask the same at one instant are answered
    by one question: what it came to is kept until the next instant."""

    def __init__(self, proxy: QueryProxy, sources: Sources, priority: Priority = Priority.ALERT) -> None:
        self._proxy = proxy
        self._priority = priority
        self._sources = sources
        self._places = asyncio.Semaphore(AT_ONCE)
        self._answers: dict[Key, asyncio.Task[Answers]] = {}
        self._samples: dict[tuple[Key, str, str], Taken | HeliographError] = {}

    async def samples(self, rule: Compiled, at_ms: int) -> Taken | HeliographError:
        """What the rule looks at, at that instant; the error where there is none."""
        ref, reducer = looked_at(rule)
        key = (rule.org, at_ms, rule.shape)
        try:
            answers = await self._shared(key, rule)
        except HeliographError as error:
            return error
        known = (key, ref, reducer)
        if known not in self._samples:
            answer = answers[ref]
            found = failed(answer) if isinstance(answer, BaseException) else taken(answer, ref, reducer)
            if isinstance(found, HeliographError):  # once for all rules that ask it
                log.info("a rule failed", rule=rule.rule_id, org=rule.org, error=found.detail)
            self._samples[known] = found
        return self._samples[known]

    async def all_samples(self, rules: Sequence[Compiled], at_ms: int) -> Sequence[Taken | HeliographError]:
        """What each of several rules looks at: asked at once, and waited for once where they look at the same."""
        questions = [(rule.org, rule.shape, *looked_at(rule)) for rule in rules]
        first = dict(zip(reversed(questions), reversed(rules), strict=True))
        found = await asyncio.gather(*(self.samples(rule, at_ms) for rule in first.values()))
        answers = dict(zip(first, found, strict=True))
        return [answers[one] for one in questions]

    async def _shared(self, key: Key, rule: Compiled) -> Answers:
        task = self._answers.get(key)
        if task is None:
            self._forget(key[1])
            task = self._answers[key] = asyncio.create_task(self.answers(rule, key[1]))
        return task.result() if task.done() else await asyncio.shield(task)

    def _forget(self, at_ms: int) -> None:
        """What was asked for instants long before this one."""
        old = [key for key in self._answers if key[1] < at_ms - KEPT_MS]
        for key in old:
            del self._answers[key]
        if old:
            self._samples = {known: found for known, found in self._samples.items() if known[0] in self._answers}

    async def answers(self, rule: Compiled, at_ms: int) -> Answers:
        """The answers of all targets of a rule at an instant, or the errors that came instead, by ref."""
        targets = rule.declared.targets
        queries = [await self._query(one, rule, at_ms) for one in targets]
        async with self._places:
            return dict(zip((one.ref for one in targets), await asked(self._proxy, queries), strict=True))

    async def for_template(self, rule: Compiled, text: str, at_ms: int) -> Sequence[TemplateSample]:
        """What a template's `query` finds in the source of the rule's first target."""
        first = rule.declared.targets[0]
        target = RuleTarget(ref="A", datasource=first.datasource, query=text)
        found = taken(await self._proxy.query(await self._query(target, rule, at_ms)), "A", "last")
        if isinstance(found, HeliographError):
            raise found
        return [TemplateSample(dict(one.labels), one.value) for one in found.samples]

    async def _query(self, target: RuleTarget, rule: Compiled, at_ms: int) -> Query:
        query = query_of(target, rule, at_ms, instant=await self.is_instant(rule.org, target))
        return query.but(priority=self._priority)

    async def is_instant(self, org: int, target: RuleTarget) -> bool:
        """Whether the source answers for one instant; others are asked for the range up to it."""
        kind = await self._sources.type_of(org, target.datasource)
        return target.instant and bool(kind) and self._sources.kinds.class_of(kind).language == "promql"


def looked_at(rule: Compiled) -> tuple[str, str]:
    """Of which target a rule looks at the series, and what of each."""
    if isinstance(rule.declared, Rule):
        return rule.declared.condition.of, rule.declared.condition.reducer
    return rule.declared.targets[0].ref, "last"


def failed(error: BaseException) -> HeliographError:
    """What came instead of an answer; a fault of ours is one rule's error, and in the log."""
    if isinstance(error, HeliographError):
        return error
    log.error("a question failed", exc_info=error)
    return HeliographError("something failed here; the server's log says what")


def taken(answer: Answer, ref: str, reducer: str) -> Taken | HeliographError:
    """The samples of an answer. What is old, since the source is down, tells nothing of now."""
    if answer.stale_age_s is not None:
        return SourceUnavailableError("the data source does not answer")
    try:
        return Taken(samples_of(answer.frames, ref, reducer), answer.partial)
    except HeliographError as error:
        return error


def query_of(target: RuleTarget, rule: Compiled, at_ms: int, *, instant: bool) -> Query:
    """A target as it is asked at an instant: of it alone, or of the target's range up to it."""
    interval_s = rule.declared.interval_ms / 1000
    return Query(
        query=target.query,
        range=TimeRange(at_ms if instant else at_ms - duration_ms(target.range), at_ms),
        scope=scope_of(rule),
        datasource=target.datasource,
        ref=target.ref,
        interval_s=FINEST_S if instant else interval_s,
        max_points=MAX_POINTS,
        instant=instant,
        options=target.options,
        deadline_s=min(max(interval_s, 1.0), LONGEST_S),
    )
