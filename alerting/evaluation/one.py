"""One evaluation of one rule: asks, records, or works out what becomes of its instances."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from functools import partial
from typing import Final

import structlog

from ...errors import HeliographError
from ..rules.compiled import Compiled
from ..rules.recording import RecordingRule
from ..templates.gofmt import Sample as TemplateSample
from ..templates.run import Data, NeedsQueryError, expanded
from .asking import Asker
from .outcome import Expand, Known, Outcome, evaluate
from .ports import Figures, Recorder
from .samples import METRIC, Labels, Sample, Taken, check_apart, fingerprint

log = structlog.get_logger(__name__)
MAX_QUERIES: Final = 20  # of the templates of one evaluation
AT_ONCE: Final = 300  # series that are looked at on the loop: some ms, with their templates


class OneRule:
    """Evaluates rules; commits nothing. `external_url`: where people reach this server, for templates."""

    def __init__(self, asker: Asker, recorder: Recorder, figures: Figures, external_url: str = "") -> None:
        self._asker = asker
        self._recorder = recorder
        self._figures = figures
        self._external_url = external_url

    async def evaluate(self, rule: Compiled, known: Known, at_ms: int) -> Outcome:
        """The outcome at an instant. Whatever fails is the rule's own error, and no other rule's."""
        answer = await self._asker.samples(rule, at_ms)
        if isinstance(rule.declared, RecordingRule):
            failed = isinstance(answer, HeliographError)
            if not isinstance(answer, HeliographError):
                failed = not await self._record(rule, rule.declared, answer.samples, at_ms)
            self._figures.evaluated("error" if failed else "ok")
            return Outcome({})
        self._figures.evaluated("error" if isinstance(answer, HeliographError) else "ok")
        queries: dict[str, list[TemplateSample]] = {}
        many = len(known) + (len(answer.samples) if isinstance(answer, Taken) else 0) > AT_ONCE
        while True:
            try:
                work = partial(evaluate, rule, known, answer, at_ms, self._expander(queries, at_ms))
                return await asyncio.to_thread(work) if many else work()
            except NeedsQueryError as need:
                queries[need.query] = await self._asked(rule, need.query, at_ms) if len(queries) < MAX_QUERIES else []

    async def _asked(self, rule: Compiled, text: str, at_ms: int) -> list[TemplateSample]:
        try:
            return list(await self._asker.for_template(rule, text, at_ms))
        except HeliographError as error:
            log.info("a template's query failed", rule=rule.rule_id, error=error.detail)
            return []

    def _expander(self, queries: dict[str, list[TemplateSample]], at_ms: int) -> Expand:
        def expand(text: str, labels: Labels, value: float) -> str:
            data = Data(labels, value, external_url=self._external_url, now_ms=at_ms)
            return expanded(text, data, queries)

        return expand

    async def _record(self, rule: Compiled, declared: RecordingRule, samples: Sequence[Sample], at_ms: int) -> bool:
        """Write the samples under the rule's name; False where it cannot be done."""
        try:
            named = [recorded(declared, sample) for sample in samples]
            check_apart([fingerprint(one.labels) for one in named])
            await self._recorder.write(rule.org, declared.record, named, at_ms)
        except HeliographError as error:
            log.warning("a rule's samples cannot be recorded", rule=rule.rule_id, error=error.detail)
            return False
        return True


def recorded(rule: RecordingRule, sample: Sample) -> Sample:
    """A sample with the labels that the rule gives it; those it makes empty are gone."""
    labels = {name: text for name, text in sample.labels.items() if name != METRIC} | rule.labels
    return Sample({name: text for name, text in labels.items() if text}, sample.value)
