"""The targets of a panel as they are asked: which of them, and what is wrong with the expressions among them."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence

from ..datasources.expressions.asking import needed_refs
from ..datasources.expressions.declared import EXPRESSIONS, Expression, expression_of
from ..datasources.expressions.evaluate import faults_of
from ..errors import InvalidError
from .panel_spec import Panel, Target


def asked_targets(targets: Sequence[Target], refs: Collection[str] | None = None) -> list[Target]:
    """Those of some refs (all that are shown, where none are given), and what the expressions among them need."""
    declared: dict[str, Expression] = {}
    for target in targets:
        if target.datasource == EXPRESSIONS:
            try:
                declared[target.ref] = expression_of(target.query)
            except InvalidError:
                continue  # it says so when it is asked
    shown = [target.ref for target in targets if not target.hidden] if refs is None else refs
    wanted = needed_refs(declared, shown)
    return [target for target in targets if target.ref in wanted]


def expression_faults(panel: Panel, names: Collection[str]) -> Iterator[tuple[str, str]]:
    """Each fault of a panel's expressions as its path and what is wrong; `names` are those of variables."""
    if EXPRESSIONS not in {panel.datasource, *(target.datasource for target in panel.targets)}:
        return
    targets = panel.all_targets()
    own = len(targets) - len(panel.targets)  # 1 where the panel has a query beside its targets
    paths = {
        target.ref: "$.query" if index < own else f"$.targets[{index - own}].query"
        for index, target in enumerate(targets)
    }
    declared: dict[str, Expression] = {}
    for target in targets:
        if target.datasource == EXPRESSIONS:
            try:
                declared[target.ref] = expression_of(target.query, paths[target.ref])
            except InvalidError as error:
                yield error.path or paths[target.ref], error.detail
    for ref, detail in faults_of(declared, {*paths, *names}):
        yield paths[ref], detail
