"""One class for each panel type, made of the options that the type declares: there is no second list of them."""

from __future__ import annotations

import difflib
from collections.abc import Callable, Iterator, Sequence
from functools import lru_cache
from inspect import Parameter, Signature
from typing import Any, ClassVar, Final

from pydantic import BaseModel
from pydantic_core import PydanticUndefined

from .... import errors
from ....components import panel_spec
from ....components.panels.figure import KIND, Figures
from ....components.panels.registry import PanelRegistry, default_registry
from .data import UID, Own, is_data
from .faults import declared, of

# Where a panel stands, on 24 columns and rows of 30 px; without x and y it stands behind the one before.
PLACE: Final = ("x", "y", "w", "h")
OWN: Final = (
    "panel_id",
    "description",
    "datasource",
    "interval",
    "max_points",
    "repeat",
    "transformations",
)
WIDE: Final = (24, 8)
SIZES: Final = {
    "stat": (6, 4),
    "gauge": (6, 8),
    "text": (12, 4),
    "table": WIDE,
    "logs": WIDE,
    "statetimeline": WIDE,
    "statushistory": WIDE,
}
SIZE: Final = (12, 8)


@lru_cache(1)
def registry() -> PanelRegistry:
    """The types that boards are checked by."""
    return drawing(())


def drawing(functions: Sequence[Callable[..., Any]]) -> PanelRegistry:
    """The types, with figures that these functions draw."""
    found = default_registry()
    found.register(Figures(functions))
    return found


class Panel:
    """A panel: its title, what it asks or shows, and settings of the panel and of its type by name.

    Targets are queries (`PromQL`, `SQL`, `Metric`, `Target`), or data of one's own: frames of pandas and polars, Arrow
    tables, NumPy arrays, dicts of columns, and functions that give such. InvalidError with the path of what is wrong.
    """

    kind: ClassVar[str] = ""

    def __init__(self, title: str = "", *targets: Any, **settings: Any) -> None:
        what = f"{type(self).__name__} {title!r}"
        options = {name: value for name, value in settings.items() if name not in (*PLACE, *OWN)}
        self._check_names(options, what)
        place = {name: settings[name] for name in PLACE if name in settings}
        own = {name: settings[name] for name in OWN if settings.get(name) is not None}
        with of(what):
            checked = registry().options(self.kind, options)
            asked, self.own = split(targets)
        values: dict[str, Any] = {"panel_id": 1, "type": self.kind, **({"title": title} if title else {}), **own}
        if options:
            values["options"] = checked.model_dump(mode="json", exclude_unset=True, by_alias=True)
        if asked:
            values["targets"] = asked
        if place:
            values["position"] = {**dict(zip(("w", "h"), SIZES.get(self.kind, SIZE), strict=True)), **place}
        self.spec = declared(panel_spec.Panel, values, what)
        self.numbered = "panel_id" in own
        self.flows = "x" not in place and "y" not in place

    @classmethod
    def of(cls, panel: panel_spec.Panel) -> Panel:
        """The panel of a dashboard's document."""
        made = object.__new__(CLASSES.get(panel.type, cls))
        made.spec, made.own, made.numbered, made.flows = panel, (), True, False
        return made

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Panel) and self.spec == other.spec and self.own == other.own

    def __hash__(self) -> int:
        return hash((self.kind, self.spec.title))

    def __repr__(self) -> str:
        return f"{type(self).__name__}({self.spec.title!r})"

    @classmethod
    def _check_names(cls, options: dict[str, Any], what: str) -> None:
        known = [*registry().get(cls.kind).Options.model_fields, *PLACE, *OWN]
        for name in options:
            if name not in known:
                near = difflib.get_close_matches(name, known, 1)
                hint = f"; did you mean {near[0]}?" if near else ""
                raise errors.InvalidError(f"{what}: $.{name}: there is no such setting{hint}", path=f"$.{name}")


class Figure(Panel):
    """A panel that a function draws: of frames (of pandas, one for each answer of its targets) and `options` it makes a
    HoloViews element, an hvPlot, a Bokeh figure or a Panel pane.

    It is called at each refresh. Where it draws the same for the same frames, its models are compiled once and shared;
    the panel says where it does not. In notebooks and files alone: a server draws figures of plugins (docs/plugins.md).
    """

    kind = KIND

    def __init__(
        self,
        title: str,
        function: Callable[..., Any],
        *targets: Any,
        options: dict[str, Any] | None = None,
        **place: Any,
    ) -> None:
        if not callable(function):
            raise errors.InvalidError(f"Figure {title!r}: a function from frames to a figure", path="$.function")
        self.function = function
        super().__init__(title, *targets, **{"figure": 0, "options": options or {}, **place})


class Row(Panel):
    """A line with a title over the panels that follow; `collapsed`: how it opens."""

    kind = panel_spec.ROW

    def __init__(self, title: str = "", *, collapsed: bool = False) -> None:
        values = {"panel_id": 1, "type": self.kind, **({"title": title} if title else {})}
        self.spec = declared(
            panel_spec.Panel, {**values, **({"collapsed": True} if collapsed else {})}, f"Row {title!r}"
        )
        self.own, self.numbered, self.flows = (), False, True


def split(targets: Sequence[Any]) -> tuple[list[panel_spec.Target], tuple[Own, ...]]:
    """Targets as a document has them, each with a ref, and the data that some of them stand for, by their number."""
    own: list[Own] = []
    found: list[panel_spec.Target] = []
    free = _free_refs(
        {one.ref for one in targets if isinstance(one, panel_spec.Target) and "ref" in one.model_fields_set}
    )
    for index, one in enumerate(targets):
        if isinstance(one, panel_spec.Target):
            known = "ref" in one.model_fields_set
            found.append(one if known else one.model_copy(update={"ref": next(free)}))
        elif isinstance(one, str):
            found.append(panel_spec.Target(ref=next(free), query=one))
        elif isinstance(one, Own) or is_data(one):
            data = one if isinstance(one, Own) else Own(one)
            words = {"legend": data.legend} if data.legend else {}
            options = {"options": dict(data.options)} if data.options else {}
            query = {"data": len(own)}
            ref = data.ref or next(free)
            found.append(panel_spec.Target(ref=ref, datasource=UID, query=query, **words, **options))
            own.append(data)
        else:
            raise errors.InvalidError(f"{type(one).__name__} is no target and no data", path=f"$.targets[{index}]")
    return found, tuple(own)


def _free_refs(taken: set[str]) -> Iterator[str]:
    letters = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
    return (ref for ref in (*letters, *(f"{one}{other}" for one in letters for other in letters)) if ref not in taken)


def panel_class(kind: str) -> type[Panel]:
    """The class of a type: its signature and its documentation are those of its options."""
    panel_type = registry().get(kind)
    fields = panel_type.Options.model_fields
    settings = [Parameter(name, Parameter.KEYWORD_ONLY, default=None) for name in (*PLACE, *OWN)]
    options = [
        Parameter(name, Parameter.KEYWORD_ONLY, default=_default(field), annotation=field.annotation)
        for name, field in fields.items()
    ]
    first = [
        Parameter("title", Parameter.POSITIONAL_OR_KEYWORD, default="", annotation=str),
        Parameter("targets", Parameter.VAR_POSITIONAL),
    ]
    lines = [f"{name}: {field.description or ''} (default {_default(field)!r})" for name, field in fields.items()]
    about = f"A panel of type `{kind}` ({panel_type.title}).\n\n{Panel.__doc__}\n\nOptions:\n\n" + "\n".join(lines)
    made = type(type(panel_type).__name__, (Panel,), {"kind": kind, "__doc__": about, "__module__": __name__})
    made.__signature__ = Signature([*first, *settings, *options])  # type: ignore[attr-defined]
    return made


def _default(field: Any) -> Any:
    value = field.get_default(call_default_factory=True)
    if value is PydanticUndefined:
        return Parameter.empty
    return value.model_dump(mode="json") if isinstance(value, BaseModel) else value


AlertList = panel_class("alertlist")
AnnotationsList = panel_class("annotationslist")
Bar = panel_class("bar")
BarGauge = panel_class("bargauge")
Density = panel_class("density")
Gauge = panel_class("gauge")
Heatmap = panel_class("heatmap")
Histogram = panel_class("histogram")
Logs = panel_class("logs")
Pie = panel_class("pie")
Stat = panel_class("stat")
StateTimeline = panel_class("statetimeline")
StatusHistory = panel_class("statushistory")
Table = panel_class("table")
Text = panel_class("text")
TimeSeries = panel_class("timeseries")
CLASSES: Final = {one.kind: one for one in Panel.__subclasses__()}
