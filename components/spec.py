"""The dashboard model: what `POST /api/v1/dashboards` accepts and what a version keeps. Every fault names its path."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Annotated, Any, ClassVar, Literal

from pydantic import (
    BeforeValidator,
    ConfigDict,
    Field,
    ValidationError,
    ValidationInfo,
    field_validator,
    model_validator,
)

from ..datasources.datemath import parse_range, parse_time, zone_of
from ..datasources.expressions.declared import EXPRESSIONS
from ..datasources.variables.declared import Variable
from ..datasources.variables.interpolation import names_in
from ..declared import STORED, Groups, Spec, hint
from ..faults import invalid
from ..named import is_seen
from .annotation_spec import AnnotationQuery
from .checked import as_fault, check_duration
from .flowing import flowed
from .grafana.annotations import from_grafana
from .panel_spec import MAX_PANELS, Panel
from .refresh import refresh_seconds

BROWSER_ZONE = "browser"  # that of whoever looks
SOME_TIME_MS = 1_767_225_600_000  # whether a text is a time does not depend on when it is asked
ID_PATTERN = r"^[A-Za-z0-9_-]{1,64}$"


class TimeSpec(Spec):
    """The range a dashboard opens with."""

    from_: Annotated[str, Field(alias="from", max_length=64)] = Field(
        "now-6h", description="Where the range begins: `now-6h`, `now/d`, or a date."
    )
    to: str = Field("now", max_length=64, description="Where it ends.")
    grows: bool = Field(
        False,
        title="Fit to available data",
        description="Opens on as much data as there is and widens up to this range.",
    )

    model_config = ConfigDict(extra="forbid", populate_by_name=True, serialize_by_alias=True)

    @field_validator("from_", "to")
    @classmethod
    def a_time(cls, value: str) -> str:
        with as_fault():
            parse_time(value, SOME_TIME_MS)
        return value

    @model_validator(mode="after")
    def begins_before_it_ends(self, info: ValidationInfo) -> TimeSpec:
        if info.context != STORED:  # one that was saved so opens all the same
            with as_fault():
                parse_range(self.from_, self.to, SOME_TIME_MS)
        return self


class Dashboard(Spec):
    """A titled set of panels and variables."""

    GROUPS: ClassVar[Groups] = {
        "General": (
            "title",
            "description",
            "tags",
            "dashboard_id",
        ),
        "Time": (
            "time",
            "refresh",
            "timezone",
        ),
        "Charts": ("graph_tooltip",),
        "Serving": ("pinned",),
        "Content": (
            "variables",
            "annotations",
            "panels",
        ),
    }

    dashboard_id: str | None = Field(None, pattern=ID_PATTERN, title="Id", description="What its address has.")
    title: str = Field(min_length=1, max_length=500, description="What it is called.")
    description: str = Field("", max_length=10_000, description="What it is for.", json_schema_extra=hint("text"))
    tags: list[Annotated[str, Field(min_length=1, max_length=100)]] = Field(
        default_factory=list, max_length=50, description="Words to find it by."
    )
    variables: list[Variable] = Field(
        default_factory=list, max_length=100, description="Named values that its queries hold."
    )
    panels: list[Panel] = Field(default_factory=list, max_length=MAX_PANELS, description="What it shows.")
    # Grafana's own `{"list": […]}` is taken too.
    annotations: Annotated[list[AnnotationQuery], BeforeValidator(from_grafana)] = Field(
        default_factory=list, max_length=50, description="What is marked on its time axes."
    )
    time: TimeSpec = Field(
        default_factory=lambda: TimeSpec.model_validate({}),
        title="Time range",
        description="The range that it opens with.",
    )
    refresh: str = Field(
        "",
        max_length=16,
        description="How often data are asked anew: `10s`, `1m`; empty: not by itself.",
    )
    timezone: str = Field(
        "",
        max_length=64,
        title="Time zone",
        description="The zone of its times: `Europe/Paris`, `utc`, `browser`; empty: that of whoever looks.",
        json_schema_extra=hint("zone"),
    )
    graph_tooltip: Literal[0, 1, 2] = Field(
        1,
        title="Shared crosshair",
        description="What other charts show of the time that is pointed at in one of them.",
        json_schema_extra=hint(names={0: "Off", 1: "Crosshair", 2: "Crosshair and tooltip"}),
    )
    pinned: bool = Field(False, description="Its view is held from the start on, ready before the first viewer comes.")

    @field_validator("title", "tags")
    @classmethod
    def says_something(cls, value: str | list[str], info: ValidationInfo) -> str | list[str]:
        texts = [value] if isinstance(value, str) else value
        if info.context != STORED and not all(map(is_seen, texts)):
            raise ValueError("a text of blanks alone is nothing that anybody could read")
        return value

    @field_validator("refresh")
    @classmethod
    def a_refresh(cls, value: str) -> str:
        with as_fault():
            refresh_seconds(check_duration(value) or "")
        return value

    @field_validator("timezone")
    @classmethod
    def a_zone(cls, value: str) -> str:
        if value != BROWSER_ZONE:
            with as_fault():
                zone_of(value)
        return value

    @field_validator("panels")
    @classmethod
    def panels_are_told_apart(cls, panels: list[Panel]) -> list[Panel]:
        if len({panel.panel_id for panel in panels}) != len(panels):
            raise ValueError("two panels have the same panel_id")
        return flowed(panels)

    @field_validator("variables")
    @classmethod
    def variables_are_told_apart(cls, variables: list[Variable]) -> list[Variable]:
        if len({variable.name for variable in variables}) != len(variables):
            raise ValueError("two variables have the same name")
        return variables

    @field_validator("annotations")
    @classmethod
    def annotations_are_told_apart(cls, queries: list[AnnotationQuery]) -> list[AnnotationQuery]:
        if len({query.name for query in queries}) != len(queries):
            raise ValueError("two annotation queries have the same name")
        if sum(query.builtin for query in queries) > 1:
            raise ValueError("two annotation queries are builtin")
        return queries

    @model_validator(mode="after")
    def people_choose_no_source(self) -> Dashboard:
        """What people type may not say which data source is asked: it is any text."""
        typed = {variable.name for variable in self.variables if variable.type in ("textbox", "adhoc")}
        if typed and (found := typed.intersection(names_in([*self._sources()]))):
            raise ValueError(f"${min(found)} is a text box: a data source is chosen by a variable of type datasource")
        return self

    def _sources(self) -> Iterator[str]:
        """All texts that name data sources."""
        for panel in self.panels:
            yield panel.datasource or ""
            yield from (target.datasource or "" for target in panel.targets)
        yield from (variable.datasource or "" for variable in self.variables)
        yield from (query.datasource or "" for query in self.annotations)

    @property
    def asked_variables(self) -> list[Variable]:
        """Its variables, each with the source that it asks: one that names none asks what all panels ask, where that
        is one source.
        """
        asked = {target.datasource or "" for panel in self.panels for target in panel.all_targets()} - {EXPRESSIONS}
        if len(asked) != 1 or not (source := asked.pop()):
            return self.variables
        unnamed = {"datasource": source}
        return [
            one.model_copy(update=unnamed) if one.type == "query" and not one.datasource else one
            for one in self.variables
        ]

    @property
    def compares(self) -> bool:
        """Whether a target is shown again as it was: days are those of a zone."""
        return any(target.compare for panel in self.panels for target in panel.targets)

    def panel(self, panel_id: int) -> Panel | None:
        """The panel of that id; None where there is none."""
        return next((panel for panel in self.panels if panel.panel_id == panel_id), None)


def parse_dashboard(document: Mapping[str, Any], *, stored: bool = False) -> Dashboard:
    """The dashboard of a JSON document; InvalidError with the path of each fault.

    `stored`: it was saved, perhaps by an earlier version; patterns that cannot be run are left to those who run them.
    """
    try:
        return Dashboard.model_validate(document, context=STORED if stored else None)
    except ValidationError as error:
        raise invalid(error) from None
