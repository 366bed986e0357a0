"""A dashboard in Python, and as the JSON document that servers and files have."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from ....components import panel_spec, spec
from ....components.saved import ENVELOPE
from ....components.spec import parse_dashboard
from ....datasources.variables.declared import Variable
from ....errors import InvalidError
from .data import UID, Own
from .faults import declared, of
from .panels import SIZE, SIZES, Figure, Panel, registry

Time = str | tuple[str | datetime, str | datetime]


class Dashboard:
    """A titled set of panels and variables.

    Panels without a place stand one behind the other on 24 columns. `time` is what it opens with: "now-6h", or two
    texts or aware datetimes. `refresh`: "5s", "1m" or nothing. `dashboard_id` is what servers know it by. InvalidError
    with the path of what is wrong.
    """

    def __init__(
        self,
        title: str,
        *,
        panels: Sequence[Panel] = (),
        variables: Sequence[Variable] = (),
        time: Time | None = None,
        dashboard_id: str | None = None,
        **settings: Any,
    ) -> None:
        values: dict[str, Any] = {"title": title, **settings}
        if dashboard_id is not None:
            values["dashboard_id"] = dashboard_id
        if time is not None:
            values["time"] = _range(time)
        laid = arranged(panels)
        values |= {"panels": laid.panels} if laid.panels else {}
        values |= {"variables": list(variables)} if variables else {}
        self.spec = declared(spec.Dashboard, values, f"Dashboard {title!r}")
        with of(f"Dashboard {title!r}"):
            registry().validate(self.spec)
        self.own: tuple[Own, ...] = laid.own
        self.functions: tuple[Callable[..., Any], ...] = laid.functions
        self.version: int | None = None  # of the server that it was pulled from

    @classmethod
    def from_json(cls, document: Mapping[str, Any]) -> Dashboard:
        """The dashboard of a document, as `to_json` and servers give it; InvalidError with the path of each fault."""
        parsed = parse_dashboard({name: value for name, value in document.items() if name not in ENVELOPE})
        registry().validate(parsed)
        made = object.__new__(cls)
        made.spec, made.own, made.functions, made.version = parsed, (), (), document.get("version")
        return made

    def to_json(self) -> dict[str, Any]:
        """The document; InvalidError where panels show data of one's own, which no document can hold."""
        for index, panel in enumerate(self.spec.panels):
            if panel.type == Figure.kind:
                path = f"$.panels[{index}]"
                raise InvalidError(f"{path}: {panel.title!r} is drawn by a function of this process", path=path)
            if any(target.datasource == UID for target in panel.all_targets()):
                path = f"$.panels[{index}]"
                raise InvalidError(f"{path}: {panel.title!r} shows data that is in this process alone", path=path)
        return self.spec.model_dump(mode="json", exclude_unset=True, by_alias=True)

    @property
    def title(self) -> str:
        """As it is shown."""
        return self.spec.title

    @property
    def panels(self) -> tuple[Panel, ...]:
        """The panels, each of the class of its type."""
        return tuple(Panel.of(one) for one in self.spec.panels)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Dashboard) and self.spec == other.spec and self.own == other.own

    def __hash__(self) -> int:
        return hash(self.spec.title)

    def _repr_mimebundle_(self, include: Any = None, exclude: Any = None) -> dict[str, str]:
        """A board as a cell's value is shown, as `show` does it."""
        from .notebook import show  # noqa: PLC0415 - it needs this module

        return show(self)._repr_mimebundle_()

    def __repr__(self) -> str:
        return f"Dashboard({self.spec.title!r}, {len(self.spec.panels)} panels)"


@dataclass(frozen=True, slots=True)
class Laid:
    """Panels with ids and places, and the data that their targets name by its number."""

    panels: Sequence[panel_spec.Panel]
    own: tuple[Own, ...]
    functions: tuple[Callable[..., Any], ...]


def arranged(panels: Iterable[Panel]) -> Laid:
    """Panels in their order, each behind the one before, a new line where it has no room left."""
    given = list(panels)
    for index, panel in enumerate(given):
        if not isinstance(panel, Panel):
            raise InvalidError(f"{type(panel).__name__} is no panel", path=f"$.panels[{index}]")
    taken = {panel.spec.panel_id for panel in given if panel.numbered}
    free = (number for number in range(1, 2_000_000) if number not in taken)
    own: list[Own] = []
    functions: list[Callable[..., Any]] = []
    found: list[panel_spec.Panel] = []
    x = y = below = 0
    for panel in given:
        one = panel.spec if panel.numbered else panel.spec.model_copy(update={"panel_id": next(free)})
        if panel.flows:
            w, h = _size(one)
            if x + w > panel_spec.GRID_COLUMNS:
                x, y = 0, below
            one = one.model_copy(update={"position": panel_spec.Position(x=x, y=y, w=w, h=h)})
            x += w
        below = max(below, one.position.y + one.position.h)
        if isinstance(panel, Figure):
            one = one.model_copy(update={"options": {**one.options, "figure": len(functions)}})
            functions.append(panel.function)
        targets = [_renumbered(target, len(own)) for target in one.targets]
        found.append(one.model_copy(update={"targets": targets}) if panel.own else one)
        own += panel.own
    return Laid(found, tuple(own), tuple(functions))


def _size(panel: panel_spec.Panel) -> tuple[int, int]:
    if panel.type == panel_spec.ROW:
        return panel_spec.GRID_COLUMNS, 1
    given = panel.position if "position" in panel.model_fields_set else None
    return (given.w, given.h) if given is not None else SIZES.get(panel.type, SIZE)


def _renumbered(target: panel_spec.Target, before: int) -> panel_spec.Target:
    if target.datasource != UID or not isinstance(target.query, dict):
        return target
    return target.model_copy(update={"query": {"data": target.query["data"] + before}})


def _range(time: Time) -> dict[str, str]:
    start, end = (time, "now") if isinstance(time, str) else time
    return {"from": _instant(start), "to": _instant(end)}


def _instant(time: str | datetime) -> str:
    if isinstance(time, str):
        return time
    if time.tzinfo is None:
        raise InvalidError("a datetime says its zone: datetime(…, tzinfo=…)", path="$.time")
    return str(round(time.timestamp() * 1000))
