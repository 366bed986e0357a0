"""What of a rule would fail in the night is said as it is saved: each fault with its JSON path."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from pydantic import ValidationError

from ...datasources.expressions.declared import EXPRESSIONS, expression_of
from ...datasources.expressions.evaluate import faults_of
from ...datasources.query.model import Answer
from ...datasources.reducers import is_reducer
from ...datasources.sources.registry import Sources
from ...errors import HeliographError, InvalidError, SourceTimeoutError, SourceUnavailableError
from ...faults import invalid
from ...jsonpath import json_path
from ..evaluation.asking import Asker, taken
from ..templates.run import check as check_template
from .compiled import Declared, compile_rule
from .declared import Rule
from .recording import RecordingRule

# A source that does not answer at this moment says nothing against a rule.
AWAY = (SourceUnavailableError, SourceTimeoutError)


def parsed(document: Mapping[str, Any]) -> Declared:
    """The rule of a JSON document, an alert or a record; InvalidError with the path of each fault."""
    kind = RecordingRule if "record" in document else Rule
    try:
        rule = kind.model_validate(dict(document))
    except ValidationError as error:
        raise invalid(error) from None
    if isinstance(rule, Rule):
        check_texts(rule)
    return rule


def check_texts(rule: Rule) -> None:
    """InvalidError where a template cannot be read, or a reducer does not exist."""
    if not is_reducer(rule.condition.reducer):
        raise InvalidError(f"there is no reducer {rule.condition.reducer[:60]!r}", path="$.condition.reducer")
    for where, texts in (("labels", rule.labels), ("annotations", rule.annotations)):
        for name, text in texts.items():
            check_template(text, json_path([where, name]))


async def check_sources(rule: Declared, org: int, sources: Sources) -> None:
    """InvalidError where a target names a data source that is not there, or is an expression that cannot be."""
    _check_expressions(rule)
    for number, target in enumerate(rule.targets):
        if target.datasource != EXPRESSIONS and not await sources.type_of(org, target.datasource):
            path = json_path([*_place(rule, number), "datasource"])
            raise InvalidError(f"there is no data source {target.datasource}", path=path)


async def check_queries(rule: Declared, org: int, asker: Asker, now_ms: int) -> None:
    """Ask each target once: InvalidError where its source refuses the question, by the source's own words."""
    answers = await asker.answers(compile_rule(rule, org), now_ms)
    for number, target in enumerate(rule.targets):
        answer = answers[target.ref]
        found = answer
        if isinstance(answer, Answer) and isinstance(rule, Rule) and target.ref == rule.condition.of:
            samples = taken(answer, target.ref, rule.condition.reducer)
            found = samples if isinstance(samples, HeliographError) else answer
        if isinstance(found, HeliographError) and not isinstance(found, AWAY):
            raise InvalidError(found.detail, path=json_path([*_place(rule, number), "query"]))


def _check_expressions(rule: Declared) -> None:
    places = {target.ref: number for number, target in enumerate(rule.targets) if target.datasource == EXPRESSIONS}
    expressions = {
        ref: expression_of(rule.targets[number].query, json_path([*_place(rule, number), "query"]))
        for ref, number in places.items()
    }
    others = [target.ref for target in rule.targets if target.ref not in places]
    for ref, detail in faults_of(expressions, others):
        raise InvalidError(detail, path=json_path([*_place(rule, places[ref]), "query"]))


def _place(rule: Declared, number: int) -> list[int | str]:
    return ["targets", number] if isinstance(rule, Rule) else ["target"]
