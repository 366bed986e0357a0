"""What alert rules come to over given series, evaluation by evaluation, as this server would have evaluated them."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from ...alerting.evaluation.held import Known
from ...alerting.evaluation.outcome import evaluate
from ...alerting.evaluation.samples import Labels
from ...alerting.machine import State
from ...alerting.rules.compiled import Compiled
from ...alerting.templates.gofmt import Sample
from ...alerting.templates.run import MAX_QUERIES, Data, NeedsQueryError, expanded
from ...errors import HeliographError
from .promtool import Answers, Asked


@dataclass(frozen=True, slots=True)
class Fires:
    """An alert that fires at an instant, with its texts as of then."""

    labels: Labels
    annotations: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Scene:
    """Where rules are rehearsed: who answers, and what templates know of the place."""

    ask: Callable[[Iterable[Asked]], Answers]
    external_labels: Mapping[str, str] = field(default_factory=dict)
    external_url: str = ""


def rehearsed(
    scene: Scene, rules: Sequence[Compiled], instants_ms: Sequence[int]
) -> Mapping[tuple[Compiled, int], Sequence[Fires]]:
    """What fires, by rule and instant. What templates ask is asked once they are seen to ask it."""
    answers = dict(scene.ask(Asked(_query(rule), at_ms) for rule in rules for at_ms in instants_ms))
    while True:
        asked: set[Asked] = set()
        found = {
            (rule, at_ms): fires
            for rule in rules
            for at_ms, fires in _Rehearsal(scene, rule, answers, asked).over(instants_ms)
        }
        if not asked:
            return found
        answers |= scene.ask(asked)


class _Rehearsal:
    """One rule's. What its templates ask and nobody has answered goes to `asked`."""

    def __init__(self, scene: Scene, rule: Compiled, answers: Answers, asked: set[Asked]) -> None:
        self._scene = scene
        self._rule = rule
        self._answers = answers
        self._asked = asked

    def over(self, instants_ms: Sequence[int]) -> Iterable[tuple[int, Sequence[Fires]]]:
        known: Known = {}
        texts: dict[str, Mapping[str, str]] = {}
        annotations = getattr(self._rule.declared, "annotations", {})
        for at_ms in instants_ms:

            def expand(text: str, labels: Labels, value: float, at_ms: int = at_ms) -> str:
                return self._expanded(text, labels, value, at_ms)

            known = evaluate(self._rule, known, self._answers[Asked(_query(self._rule), at_ms)], at_ms, expand).known
            for key, held in known.items():
                if not held.instance.missing and held.instance.value is not None:  # else they stay as they were
                    value = held.instance.value
                    texts[key] = {name: expand(text, held.series, value) for name, text in annotations.items()}
            firing = [(key, held) for key, held in known.items() if held.instance.state is State.FIRING]
            yield at_ms, [Fires(held.labels, texts[key]) for key, held in firing]

    def _expanded(self, text: str, labels: Labels, value: float, at_ms: int) -> str:
        """A template's text; empty, for now, where its queries have no answer yet."""
        data = Data(labels, value, self._scene.external_labels, self._scene.external_url, at_ms)
        queries: dict[str, Sequence[Sample]] = {}
        while True:
            try:
                return expanded(text, data, queries)
            except NeedsQueryError as need:
                asked = Asked(need.query, at_ms)
                if asked not in self._answers and len(queries) < MAX_QUERIES:
                    self._asked.add(asked)
                    return ""
                found = self._answers.get(asked)
                taken = [] if found is None or isinstance(found, HeliographError) else found.samples
                queries[need.query] = [Sample(dict(one.labels), one.value) for one in taken]


def _query(rule: Compiled) -> str:
    return str(rule.declared.targets[0].query)
