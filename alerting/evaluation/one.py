"""One evaluation of one rule: asks, records, or works out what becomes of its instances."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from time import perf_counter
from typing import Final

import structlog

from ...errors import HeliographError
from ...turns import Room
from ...workers import Workers
from ..rules.compiled import Compiled
from ..rules.recording import RecordingRule
from ..templates.gofmt import Sample as TemplateSample
from ..templates.run import Data, NeedsQueryError, expanded
from .asking import Asker, scope_of
from .held import Known
from .outcome import MAX_ERROR, Expand, Outcome, evaluate
from .ports import Figures, Recorder
from .samples import METRIC, Labels, Sample, Taken, check_apart, fingerprint
from .spending import NeedsThreadError, Spending

log = structlog.get_logger(__name__)
Key = tuple[int, str]  # org, rule
MAX_QUERIES: Final = 20  # of the templates of one evaluation
TURN_S: Final = 0.01  # of the loop
AT_ONCE: Final = 300  # series that are looked at on the loop: some ms
ROOM: Final = Room(at_once=2, waiting=20_000, waiting_of_one=10_000)


@dataclass(frozen=True, slots=True)
class Seeing:
    """A rule with what is known of its instances, and what it sees at an instant."""

    rule: Compiled
    known: Known
    answer: Taken | HeliographError
    at_ms: int

    @property
    def is_large(self) -> bool:
        """Whether it is not looked at on the loop."""
        samples = self.answer.samples if isinstance(self.answer, Taken) else ()
        return len(self.known) + len(samples) > AT_ONCE


class OneRule:
    """Evaluates rules; commits nothing. `external_url`: where people reach this server, for templates."""

    def __init__(self, asker: Asker, recorder: Recorder, figures: Figures, external_url: str = "") -> None:
        self._asker = asker
        self._recorder = recorder
        self._figures = figures
        self._external_url = external_url
        self._threads = Workers(ROOM, "evaluate", "too many rules wait", "too many rules of yours wait")

    async def evaluate(self, rule: Compiled, known: Known, at_ms: int) -> Outcome:
        """The outcome at an instant. Whatever fails is the rule's own error, and no other rule's."""
        answer = await self._asker.samples(rule, at_ms)
        if not isinstance(rule.declared, RecordingRule):
            self._count([answer])
            return await self._alerted(Seeing(rule, known, answer, at_ms))
        if isinstance(answer, HeliographError):
            error = answer.detail
        else:
            error = await self._record(rule, rule.declared, answer.samples, at_ms)
        self._figures.evaluated("error" if error else "ok")
        return Outcome({}, error=error[:MAX_ERROR])

    async def evaluate_all(self, rules: Sequence[Compiled], known: Mapping[Key, Known], at_ms: int) -> list[Outcome]:
        """The outcomes of alert rules. Most are worked out on the loop, one after the other; it is given back each
        few ms. Those that take long, or whose templates ask something, wait for each other's answers and no longer."""
        answers = await self._asker.all_samples(rules, at_ms)
        self._count(answers)
        seeing = [
            Seeing(rule, known.get(rule.key, {}), answer, at_ms) for rule, answer in zip(rules, answers, strict=True)
        ]
        found: dict[int, Outcome] = {}
        since_s = perf_counter()
        for number, one in enumerate(seeing):
            if not one.is_large:
                with suppress(NeedsQueryError, NeedsThreadError):
                    found[number] = self._work(one, {}, on_loop=True)
            if perf_counter() - since_s > TURN_S:
                await asyncio.sleep(0)
                since_s = perf_counter()
        left = [number for number in range(len(seeing)) if number not in found]
        rest = await asyncio.gather(*(self._alerted(seeing[number]) for number in left))
        found |= zip(left, rest, strict=True)
        return [found[number] for number in range(len(seeing))]

    def _count(self, answers: Sequence[Taken | HeliographError]) -> None:
        errors = sum(isinstance(one, HeliographError) for one in answers)
        for outcome, count in (("error", errors), ("ok", len(answers) - errors)):
            if count:
                self._figures.evaluated(outcome, count)

    def _work(self, one: Seeing, queries: Mapping[str, Sequence[TemplateSample]], *, on_loop: bool) -> Outcome:
        """NeedsQueryError where a template asks what is not known yet, NeedsThreadError where they take long."""
        expand = self._expander(queries, one.at_ms, Spending(on_loop=on_loop))
        return evaluate(one.rule, one.known, one.answer, one.at_ms, expand)

    async def _alerted(self, one: Seeing) -> Outcome:
        """What an alert rule comes to, once all that its templates ask is known. What takes long has turns by who made
        the rules."""
        queries: dict[str, list[TemplateSample]] = {}
        on_loop = not one.is_large
        while True:
            try:
                if on_loop:
                    return self._work(one, queries, on_loop=True)
                who = scope_of(one.rule).payer
                return await self._threads.run(who, self._work, one, queries, on_loop=False)
            except NeedsThreadError:
                on_loop = False
            except NeedsQueryError as need:
                asked = len(queries) < MAX_QUERIES
                queries[need.query] = await self._asked(one.rule, need.query, one.at_ms) if asked else []

    async def _asked(self, rule: Compiled, text: str, at_ms: int) -> list[TemplateSample]:
        try:
            return list(await self._asker.for_template(rule, text, at_ms))
        except HeliographError as error:
            log.info("a template's query failed", rule=rule.rule_id, error=error.detail)
            return []

    def _expander(self, queries: Mapping[str, Sequence[TemplateSample]], at_ms: int, spending: Spending) -> Expand:
        def expand(text: str, labels: Labels, value: float) -> str:
            data = Data(labels, value, external_url=self._external_url, now_ms=at_ms)
            return spending.written(lambda: expanded(text, data, queries))

        return expand

    async def _record(self, rule: Compiled, declared: RecordingRule, samples: Sequence[Sample], at_ms: int) -> str:
        """Write the samples under the rule's name; what it failed of where it cannot be done."""
        try:
            named = [recorded(declared, sample) for sample in samples]
            check_apart([fingerprint(one.labels) for one in named])
            await self._recorder.write(rule.org, declared.record, named, at_ms)
        except HeliographError as error:
            log.warning("a rule's samples cannot be recorded", rule=rule.rule_id, error=error.detail)
            return error.detail
        return ""


def recorded(rule: RecordingRule, sample: Sample) -> Sample:
    """A sample with the labels that the rule gives it; those it makes empty are gone."""
    labels = {name: text for name, text in sample.labels.items() if name != METRIC} | rule.labels
    return Sample({name: text for name, text in labels.items() if text}, sample.value)
