"""Which of our sources Grafana's panels, queries and variables ask."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Final

from ...datasources.expressions.declared import EXPRESSIONS
from ...datasources.sources.registry import GRAFANA_KINDS
from .annotations import OWN
from .targets import MIXED, OTHER_PANEL

VARIABLE: Final = re.compile(r"\$(\w+)|\$\{(\w+)(?::\w+)?\}|\[\[(\w+)\]\]", re.ASCII)
KINDS: Final[Mapping[str, str]] = {
    **GRAFANA_KINDS,
    **{name: name for name in ("prometheus", "elasticsearch", "mysql", "clickhouse")},
}
ALTINITY: Final = "vertamedia-clickhouse-datasource"


class NoSourceError(ValueError):
    """Nobody here answers what is asked."""


@dataclass(frozen=True, slots=True)
class Asked:
    """A source as ours names it: None is the panel's, or the default one. `kind`: its kind as Grafana names it."""

    name: str | None
    kind: str = ""


@dataclass(frozen=True, slots=True)
class SourcesGiven:
    """What is known of the sources of a dashboard, and of ours.

    `chosen`: ours by what the document has: a placeholder's name, a uid or a name. `known`: uids and names of ours;
    None where nobody can tell. `inputs`: kinds by the names of an export's placeholders. `variables`: kinds by the
    names of variables that choose sources.
    """

    chosen: Mapping[str, str] = field(default_factory=dict)
    known: frozenset[str] | None = None
    inputs: Mapping[str, str] = field(default_factory=dict)
    variables: Mapping[str, str] = field(default_factory=dict)

    def asked(self, value: Any) -> Asked:
        """Who is asked for `{"type", "uid"}`, a name, a variable or a placeholder. NoSourceError where nobody is."""
        kind, name = _written(value)
        if EXPRESSIONS in (kind, name):
            return Asked(EXPRESSIONS)
        if name == OTHER_PANEL:
            raise NoSourceError("a panel cannot ask for the answers of another one")
        if name == MIXED:
            return Asked(MIXED)
        if OWN.fullmatch(name) or kind in ("grafana", "datasource"):
            raise NoSourceError("Grafana's own data source is not there")
        variable = VARIABLE.fullmatch(name)
        if variable is not None:
            return self._of_variable(name, next(one for one in variable.groups() if one), kind)
        if name in self.chosen:
            return Asked(self.chosen[name], kind)
        return self._of_name(name, kind)

    def _of_variable(self, written: str, name: str, kind: str) -> Asked:
        if name in self.variables:
            return Asked(f"${{{name}}}", _checked(self.variables[name]))
        if name in self.chosen:
            return Asked(self.chosen[name], kind)
        found = kind or self.inputs.get(name, "")
        if not found:
            raise NoSourceError(f"no variable and no input says which data source {written} is")
        return Asked(KINDS[_checked(found)], found)

    def _of_name(self, name: str, kind: str) -> Asked:
        if not name or name == "default":
            return Asked(KINDS[_checked(kind)], kind) if kind else Asked(None)
        if self.known is not None and name not in self.known and kind:
            return Asked(KINDS[_checked(kind)], kind)
        return Asked(name[:128], _checked(kind) if kind else "")

    def is_guess(self, value: Any) -> bool:
        """Whether another source is asked than the document names, since there is none of that name."""
        kind, name = _written(value)
        placeholder = not name or name == "default" or VARIABLE.fullmatch(name) or name in self.chosen
        return bool(kind) and not placeholder and self.known is not None and name not in self.known


def _written(value: Any) -> tuple[str, str]:
    """The kind and the name or uid that a document has."""
    if isinstance(value, Mapping):
        return str(value.get("type") or ""), str(value.get("uid") or value.get("name") or "")
    return "", value if isinstance(value, str) else ""


def _checked(kind: str) -> str:
    if kind not in KINDS:
        raise NoSourceError(f"there are no data sources of the kind {kind[:60]}")
    return kind


def inputs_of(document: Mapping[str, Any]) -> dict[str, str]:
    """The kinds of an export's placeholders, `__inputs`, by their names."""
    inputs = document.get("__inputs")
    return {
        str(one.get("name")): str(one.get("pluginId") or "")
        for one in (inputs if isinstance(inputs, list) else [])
        if isinstance(one, Mapping) and one.get("type") == "datasource"
    }


def constants_of(document: Mapping[str, Any]) -> dict[str, str]:
    """The values of an export's constants by their names."""
    inputs = document.get("__inputs")
    return {
        str(one.get("name")): str(one.get("value") or "")
        for one in (inputs if isinstance(inputs, list) else [])
        if isinstance(one, Mapping) and one.get("type") == "constant"
    }


def variables_of(document: Mapping[str, Any]) -> dict[str, str]:
    """The kinds of the variables that choose sources, by their names."""
    templating = document.get("templating")
    listed = templating.get("list") if isinstance(templating, Mapping) else None
    return {
        str(one.get("name")): str(one.get("query") or "")
        for one in (listed if isinstance(listed, list) else [])
        if isinstance(one, Mapping) and one.get("type") == "datasource"
    }
