"""The dashboard model: what `POST /api/v1/dashboards` accepts and what a version keeps. Every fault names its path."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
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

from ..datasources.comparing import Back
from ..datasources.datemath import parse_range, parse_time, zone_of
from ..datasources.transform.steps import Step
from ..datasources.variables.declared import Variable
from ..datasources.variables.interpolation import names_in
from ..declared import STORED, Groups, Spec, hint
from ..errors import InvalidError
from ..jsonpath import cut, json_path
from . import grafana_targets
from .colors import Color
from .grafana_annotations import from_grafana
from .grafana_targets import MIXED
from .refresh import refresh_seconds

GRID_COLUMNS = 24
MAX_PANELS = 500
ROW = "row"
MAX_FAULTS = 20  # that are named of one document
MAX_DETAIL = 500  # characters of a fault
BROWSER_ZONE = "browser"  # that of whoever looks
SOME_TIME_MS = 1_767_225_600_000  # whether a text is a time does not depend on when it is asked
ID_PATTERN = r"^[A-Za-z0-9_-]{1,64}$"
DURATION = re.compile(r"^\d+(ms|s|m|h|d|w)$")
VARIABLE = re.compile(r"^>?(\$\w+|\$\{\w+\}|\[\[\w+\]\])$", re.ASCII)


class Position(Spec):
    """A rectangle on 24 columns; `h` and `y` in grid rows of 30 px."""

    x: int = Field(0, ge=0, lt=GRID_COLUMNS, description="Columns from the left, of 24.")
    y: int = Field(0, ge=0, le=10_000, description="Rows of 30 px from the top.")
    w: int = Field(12, ge=1, le=GRID_COLUMNS, title="Width", description="Its width in columns.")
    h: int = Field(8, ge=1, le=100, title="Height", description="Its height in rows.")

    @model_validator(mode="after")
    def fits(self) -> Position:
        if self.x + self.w > GRID_COLUMNS:
            raise ValueError(f"x + w is {self.x + self.w}, the grid has {GRID_COLUMNS} columns")
        return self


class Target(Spec):
    """One query of a panel. `query` is text in the source's language or a mapping for structured queries."""

    ref: str = Field("A", pattern=r"^[A-Za-z0-9_]{1,16}$", description="What expressions and overrides call it.")
    datasource: str | None = Field(
        None,
        max_length=128,
        description="The data source that is asked; empty: that of the panel, or the built-in store.",
        json_schema_extra=hint("datasource"),
    )
    query: str | dict[str, Any] = Field(
        "", max_length=100_000, description="What is asked, in the source's language.", json_schema_extra=hint("query")
    )
    interval: str | None = Field(
        None, title="Least step", description="The least time between two points: `30s`, `1m`, a variable, or `auto`."
    )
    legend: str = Field(
        "", max_length=1000, description="What a series is called; labels in braces: `{{instance}}`. Empty: its labels."
    )
    instant: bool = Field(False, description="Ask for the last instant alone.")
    hidden: bool = Field(False, description="Ask it, for expressions, and do not draw it.")
    compare: str | None = Field(
        None, max_length=8, description="Show it again as it was so long ago: `1d`, `1w`, `1M`."
    )
    options: dict[str, Any] = Field(default_factory=dict, description="Options of the source for this target.")

    @field_validator("compare")
    @classmethod
    def a_span(cls, value: str | None) -> str | None:
        with as_fault():
            if value:
                Back.of(value)
        return value

    @model_validator(mode="before")
    @classmethod
    def of_grafana(cls, value: Any) -> Any:
        return grafana_targets.from_grafana(value)

    @field_validator("datasource", mode="before")
    @classmethod
    def a_source(cls, value: Any) -> Any:
        return grafana_targets.source_name(value)

    @field_validator("interval")
    @classmethod
    def a_least_step(cls, value: str | None) -> str | None:
        return check_least_step(value)


class AnnotationFields(Spec):
    """The columns of an annotation query's table that say when and what, where their names do not say so."""

    time: str = Field("", max_length=200, description="The column of the time; empty: `time`.")
    time_end: str = Field("", max_length=200, description="The column of the end of a region; empty: `time_end`.")
    title: str = Field("", max_length=200, description="The column of the title; empty: `title`.")
    text: str = Field("", max_length=200, description="The column of the text; empty: `text`.")
    tags: str = Field("", max_length=200, description="The column of the tags; empty: `tags`.")


class PanelFilter(Spec):
    """The panels that an annotation query is drawn on: those named, or all but those."""

    exclude: bool = Field(False, description="On all panels but those named.")
    ids: list[int] = Field(
        default_factory=list, max_length=MAX_PANELS, title="Panels", description="The panels, by their numbers."
    )


class AnnotationQuery(Spec):
    """Marks on time axes: what a query finds, or (`builtin`) what people and programs marked on this dashboard.

    Series are marks where their value is not zero, a region where several points in a row are. The rows of a table are
    marks by its columns `time`, `time_end`, `title`, `text`, `tags`. `title_format` and `text_format` are filled with
    the labels of a series or the columns of a row: `{{instance}}`. `tag_keys` names labels whose values are tags.
    """

    GROUPS: ClassVar[Groups] = {
        "General": (
            "name",
            "enable",
            "hide",
            "color",
            "filter",
        ),
        "Query": (
            "builtin",
            "datasource",
            "query",
            "interval",
            "limit",
            "options",
        ),
        "Marks": (
            "title_format",
            "text_format",
            "tag_keys",
            "value_is_time",
            "fields",
        ),
    }

    name: str = Field(min_length=1, max_length=200, description="What its switch above the dashboard is called.")
    builtin: bool = Field(
        False,
        title="Marks of people",
        description="Show what people and programs marked on this dashboard, instead of asking.",
    )
    datasource: str | None = Field(
        None, max_length=128, description="The data source that is asked.", json_schema_extra=hint("datasource")
    )
    query: str | dict[str, Any] = Field(
        "",
        max_length=100_000,
        description="What is asked; series are marks where their value is not zero, rows by their columns.",
        json_schema_extra=hint("query"),
    )
    interval: str | None = Field(None, title="Least step", description="The least time between two points.")
    enable: bool = Field(True, title="Shown", description="Shown when the dashboard opens.")
    hide: bool = Field(False, title="Hide the switch", description="Leave its switch out above the dashboard.")
    color: Color = Field("", description="The colour of its marks.")
    title_format: str = Field(
        "", max_length=1000, title="Title", description="The title of a mark: `{{instance}}` is a label or a column."
    )
    text_format: str = Field("", max_length=10_000, title="Text", description="The text of a mark, likewise.")
    tag_keys: list[Annotated[str, Field(min_length=1, max_length=200)]] = Field(
        default_factory=list, max_length=50, title="Tags", description="Labels whose values are tags."
    )
    value_is_time: bool = Field(
        False, title="Values are times", description="Values of series are the times of marks, in ms."
    )
    fields: AnnotationFields = Field(
        default_factory=AnnotationFields,
        title="Columns",
        description="The columns of a table that say when and what, where their names do not.",
    )
    filter: PanelFilter = Field(
        default_factory=PanelFilter, title="Panels", description="The panels that it is drawn on."
    )
    limit: int = Field(100, ge=1, le=1000, description="At most so many marks.")
    options: dict[str, Any] = Field(default_factory=dict, description="Options of the source.")

    @field_validator("interval")
    @classmethod
    def a_least_step(cls, value: str | None) -> str | None:
        return check_least_step(value)

    @model_validator(mode="after")
    def asks_something(self) -> AnnotationQuery:
        if self.builtin and (self.datasource or self.query):
            raise ValueError("a builtin one has no datasource and no query")
        if not self.builtin and not self.query:
            raise ValueError("query: what is asked; only a builtin one has none")
        return self


class Repeat(Spec):
    """A panel or row once for each chosen value of a variable; the values are filled into its texts and queries."""

    variable: str = Field(
        pattern=r"^[A-Za-z_][A-Za-z0-9_]{0,63}$",
        description="The variable for each of whose chosen values it stands once.",
    )
    direction: Literal["h", "v"] = Field(
        "h",
        description="Beside each other, or below.",
        json_schema_extra=hint(names={"h": "Beside each other", "v": "Below each other"}),
    )
    max_per_row: int = Field(4, ge=1, le=GRID_COLUMNS, description="At most so many beside each other.")


class Panel(Spec):
    """One rectangle on the grid. `query` beside `datasource` is short for one target `A`.

    Of type `row` it is a line with a title over the panels below it, up to the next; `collapsed` is how it opens.
    """

    GROUPS: ClassVar[Groups] = {
        "Panel": (
            "title",
            "description",
            "type",
            "repeat",
            "collapsed",
        ),
        "Query options": (
            "datasource",
            "max_points",
            "interval",
            "query",
            "targets",
        ),
        "Data": (
            "transformations",
            "options",
        ),
        "Place": (
            "panel_id",
            "position",
        ),
    }

    panel_id: int = Field(ge=1, le=1_000_000, title="Number", description="Its number in the dashboard.")
    title: str = Field("", max_length=500, description="What stands at its head.")
    description: str = Field(
        "",
        max_length=10_000,
        description="What it shows, for who wants to know: behind the sign beside its title. Markdown.",
        json_schema_extra=hint("text"),
    )
    type: str = Field(max_length=64, description="How data are drawn.")
    datasource: str | None = Field(
        None,
        max_length=128,
        description="The data source of its targets that name none.",
        json_schema_extra=hint("datasource"),
    )
    query: str | dict[str, Any] | None = Field(
        None, description="What is asked, where it has one target.", json_schema_extra=hint("query")
    )
    interval: str | None = Field(
        None, title="Least step", description="The least time between two points of its targets."
    )
    targets: list[Target] = Field(default_factory=list, max_length=26, title="Queries", description="What is asked.")
    transformations: list[Step] = Field(
        default_factory=list, max_length=50, description="What is done with the answers before they are drawn."
    )
    max_points: int | None = Field(
        None, ge=1, le=100_000, description="At most so many points of a series; empty: as many as its width in pixels."
    )
    position: Position = Field(default_factory=lambda: Position.model_validate({}), description="Where it stands.")
    options: dict[str, Any] = Field(default_factory=dict, description="Options of its type.")
    repeat: Repeat | None = Field(None, description="Show it once for each value of a variable.")
    collapsed: bool = Field(False, description="The row opens closed.")

    @field_validator("datasource", mode="before")
    @classmethod
    def a_source(cls, value: Any) -> Any:
        return grafana_targets.source_name(value)

    @field_validator("interval")
    @classmethod
    def a_least_step(cls, value: str | None) -> str | None:
        return check_least_step(value)

    @model_validator(mode="after")
    def a_row_is_a_line(self) -> Panel:
        if self.type != ROW:
            if self.collapsed:
                raise ValueError("only a row can be collapsed")
        elif self.query is not None or self.targets or self.options or self.transformations:
            raise ValueError("a row has a title and a position, and no query, targets, options or transformations")
        else:
            self.position = Position(x=0, y=self.position.y, w=GRID_COLUMNS, h=1)
        return self

    @model_validator(mode="after")
    def refs_are_unique(self) -> Panel:
        refs = [target.ref for target in self.all_targets()]
        if len(set(refs)) != len(refs):
            raise ValueError("two targets have the same ref")
        return self

    @model_validator(mode="after")
    def mixed_sources_are_named(self) -> Panel:
        unnamed = [target.ref for target in self.all_targets() if self.is_mixed and not target.datasource]
        if unnamed:
            raise ValueError(f"target {unnamed[0]} names no data source, as each does of a panel that is {MIXED}")
        return self

    @property
    def is_mixed(self) -> bool:
        """Whether each target names its own source; one may do so in any panel."""
        return self.datasource == MIXED

    def all_targets(self) -> Sequence[Target]:
        """The targets, with the panel's own `query` written out as the first, each with its data source."""
        own = [] if self.query is None else [Target(query=self.query, interval=self.interval)]
        common = None if self.is_mixed else self.datasource
        return [
            target.model_copy(
                update={
                    "datasource": target.datasource or common,
                    "interval": target.interval or self.interval,
                }
            )
            for target in [*own, *self.targets]
        ]


class TimeSpec(Spec):
    """The range a dashboard opens with."""

    from_: Annotated[str, Field(alias="from", max_length=64)] = Field(
        "now-6h", description="Where the range begins: `now-6h`, `now/d`, or a date."
    )
    to: str = Field("now", max_length=64, description="Where it ends.")
    grows: bool = Field(
        False,
        title="Grows at first",
        description="After a start it opens as long as there is data for, and widens up to this.",
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
    pinned: bool = Field(False, description="Its view is held from the start on, ready before the first viewer comes.")

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
        return panels

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
        typed = {variable.name for variable in self.variables if variable.type == "textbox"}
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
    def compares(self) -> bool:
        """Whether a target is shown again as it was: days are those of a zone."""
        return any(target.compare for panel in self.panels for target in panel.targets)

    def panel(self, panel_id: int) -> Panel | None:
        return next((panel for panel in self.panels if panel.panel_id == panel_id), None)


@contextmanager
def as_fault() -> Iterator[None]:
    """An InvalidError in there is a fault of the field that is validated."""
    try:
        yield
    except InvalidError as error:
        raise ValueError(error.detail) from None


def check_duration(value: str | None) -> str | None:
    if value and not DURATION.match(value):
        raise ValueError("a duration such as 15s, 1m or 1h")
    return value


def check_least_step(value: str | None) -> str | None:
    """A duration, a variable that has one, or `auto`; as Grafana writes it, perhaps behind `>`."""
    if value and value != "auto" and VARIABLE.match(value) is None:
        check_duration(value.removeprefix(">"))
    return value


def invalid(error: ValidationError, prefix: Sequence[int | str] = ()) -> InvalidError:
    """Pydantic's faults as one InvalidError: the first in `path` and `detail`, some in `extra["faults"]`."""
    faults = [
        {
            "path": json_path([*prefix, *fault["loc"]]),
            "detail": cut(fault["msg"].removeprefix("Value error, "), MAX_DETAIL),
        }
        for fault in error.errors(include_url=False, include_input=False, include_context=False)[:MAX_FAULTS]
    ]
    first = faults[0]
    return InvalidError(f"{first['path']}: {first['detail']}", path=first["path"], faults=faults)


def parse_dashboard(document: Mapping[str, Any], *, stored: bool = False) -> Dashboard:
    """The dashboard of a JSON document; InvalidError with the path of each fault.

    `stored`: it was saved, perhaps by an earlier version; patterns that cannot be run are left to those who run them.
    """
    try:
        return Dashboard.model_validate(document, context=STORED if stored else None)
    except ValidationError as error:
        raise invalid(error) from None
