"""`POST /rules/from-panel`: the rule that a panel asks for, with its targets, thresholds and variables."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from typing import Any

from pydantic import BaseModel, ConfigDict, Field

from ...alerting.rules.per_value import per_value
from ...components.panel_spec import Panel, Target
from ...components.spec import ID_PATTERN
from ...datasources.expressions.declared import EXPRESSIONS
from ...datasources.sources.registry import BUILT_IN
from ...datasources.timerange import TimeRange
from ...datasources.variables.builtins import of_dashboard
from ...datasources.variables.interpolation import interpolate, interpolate_query, interpolate_structure, names_in
from ...datasources.variables.resolve import Resolved, resolve
from ...errors import InvalidError, NotFoundError
from ...scope import Role
from .alert_shapes import RuleOfPanel
from .query_request import VariableValues, as_tuples
from .routing import Reply, Request, Route, Routes

HOUR_MS = 3_600_000
MAX_VALUES = 50  # of a variable that are written into a query one by one


class PanelOfRule(BaseModel):
    """A panel, with what is chosen of its dashboard's variables."""

    model_config = ConfigDict(extra="forbid")

    dashboard_id: str = Field(pattern=ID_PATTERN)
    panel_id: int = Field(ge=1, lt=1 << 53)
    variables: VariableValues = Field(default_factory=dict, max_length=100)


@dataclass
class Making:
    """The variables of a dashboard as a rule takes them: `many` become instances, `values` are written in."""

    values: Mapping[str, Any]
    many: Mapping[str, Collection[str]]
    notes: dict[str, str] = field(default_factory=dict)

    def query(self, text: Any, language: str) -> Any:
        """A query with its variables; what becomes of each is noted."""
        if isinstance(text, str) and language == "promql":
            text, labels = per_value(text, self.many)
            for name, label in labels.items():
                self.notes[name] = f"${name}: an instance for each value of {label}"
        for name in names_in(text):
            if name in self.values:
                self.notes.setdefault(name, f"${name}: as it is chosen now, {_said(self.values[name])}")
        if isinstance(text, str):
            return interpolate_query(text, self.values, language)
        return interpolate_structure(text, self.values)


async def from_panel(request: Request) -> Reply:
    """A rule that is nowhere yet."""
    wanted: PanelOfRule = request.body
    stored, dashboard = await request.live.hub.document(request.identity, wanted.dashboard_id)
    panel = next((one for one in dashboard.panels if one.panel_id == wanted.panel_id), None)
    if panel is None or not panel.targets:
        raise NotFoundError(f"there is no panel {wanted.panel_id} with a query on {wanted.dashboard_id}")
    range_ = TimeRange(request.now_ms - HOUR_MS, request.now_ms)
    scope = request.identity.scope
    around = of_dashboard(stored.dashboard_id, dashboard.title, "UTC")
    given = as_tuples(wanted.variables)
    options = request.queries.options
    resolved = await resolve(dashboard.asked_variables, given, range_, scope, options, aged=True, around=around)
    making = Making({**around, **{one.variable.name: one.values for one in resolved}}, _many(resolved))
    targets = [await _target(request, one, making) for one in panel.targets if not one.compare]
    if not targets:
        raise InvalidError("the panel has no target that a rule can ask", path="$.panel_id")
    shown = next((one for one in reversed(panel.targets) if not one.hidden and not one.compare), panel.targets[0])
    rule = {
        "title": interpolate(panel.title, making.values, "text") or "Alert",
        "targets": targets,
        "condition": {"of": shown.ref, "reducer": "last", "fires": {"above": _limit(panel)}},
        "dashboard_id": stored.dashboard_id,
        "panel_id": panel.panel_id,
        "folder": stored.folder.uid if stored.folder else "",
    }
    return Reply({"rule": rule, "notes": list(making.notes.values())})


async def _target(request: Request, target: Target, making: Making) -> dict[str, Any]:
    uid = interpolate(target.datasource or "", making.values, "text")
    if uid == EXPRESSIONS:
        return {"ref": target.ref, "datasource": EXPRESSIONS, "query": target.query}
    sources, org = request.queries.sources, request.org
    uid = uid or BUILT_IN
    kind = await sources.type_of(org, uid)
    language = sources.kinds.class_of(kind).language if kind else "text"
    made = {"ref": target.ref, "datasource": uid, "query": making.query(target.query, language)}
    return {**made, "options": dict(target.options)} if target.options else made


def _many(resolved: Collection[Resolved]) -> dict[str, Collection[str]]:
    """The values that a rule looks at of each variable: several that were chosen, else all there are."""
    found: dict[str, Collection[str]] = {}
    for one in resolved:
        variable, everything = one.variable, one.values.everything or len(one.values) < 2
        if variable.type not in ("query", "custom"):
            continue
        values = [option.value for option in one.options] if everything else list(one.values)
        open_ended = everything and (len(values) > MAX_VALUES or (variable.type == "query" and not variable.regex))
        found[variable.name] = () if open_ended else values
    return found


def _limit(panel: Panel) -> float:
    """The panel's own threshold of what is bad, where it has one."""
    given = panel.options.get("thresholds", [])
    bad = [one.get("value") for one in given if isinstance(one, Mapping) and one.get("level", "bad") == "bad"]
    return next((float(value) for value in bad if isinstance(value, (int, float))), 0.0)


def _said(values: Any) -> str:
    return values if isinstance(values, str) else ", ".join(map(str, values))


def register(routes: Routes) -> None:
    """The routes of this resource."""
    about: dict[str, Any] = {"body": PanelOfRule, "shape": RuleOfPanel}
    routes.add(Route("POST", "/rules/from-panel", Role.EDITOR, from_panel, "Make a rule of a panel", **about))
