"""A panel of a dashboard as its document has it: where it stands, what it asks, how it is drawn."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Annotated, Any, ClassVar, Literal

from pydantic import BeforeValidator, Field, field_validator, model_validator

from ..datasources.comparing import Back
from ..datasources.transform.steps import Step
from ..declared import Groups, Spec, hint
from .checked import LeastStep, as_fault
from .grafana import targets as grafana_targets
from .grafana.targets import MIXED
from .link_spec import Link

GRID_COLUMNS = 24
MOST_DOWN = 10_000  # grid rows from the top
MAX_PANELS = 500  # of a dashboard
ROW = "row"
OWN_REF = "A"  # of the target that `query` of a panel itself is short for
SourceName = Annotated[str | None, BeforeValidator(grafana_targets.source_name)]  # Grafana's objects are taken too


class Position(Spec):
    """A rectangle on 24 columns; `h` and `y` in grid rows of 30 px."""

    x: int = Field(0, ge=0, lt=GRID_COLUMNS, description="Columns from the left, of 24.")
    y: int = Field(0, ge=0, le=MOST_DOWN, description="Rows of 30 px from the top.")
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
    datasource: SourceName = Field(
        None,
        max_length=128,
        description="The data source that is asked; empty: that of the panel, or the built-in store.",
        json_schema_extra=hint("datasource"),
    )
    query: str | dict[str, Any] = Field(
        "", max_length=100_000, description="What is asked, in the source's language.", json_schema_extra=hint("query")
    )
    interval: LeastStep = Field(
        None, title="Least step", description="The least time between two points: `30s`, `1m`, a variable, or `auto`."
    )
    resolution: int = Field(1, ge=1, le=100, description="The n of 1/n: steps between points are n times as long.")
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
            "transparent",
            "links",
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
    datasource: SourceName = Field(
        None,
        max_length=128,
        description="The data source of its targets that name none.",
        json_schema_extra=hint("datasource"),
    )
    query: str | dict[str, Any] | None = Field(
        None, description="What is asked, where it has one target.", json_schema_extra=hint("query")
    )
    interval: LeastStep = Field(
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
    transparent: bool = Field(False, description="Show it without a ground and a border of its own.")
    links: list[Link] = Field(
        default_factory=list,
        max_length=20,
        description="Where its head leads; variables of the dashboard in `url`, title.",
    )
    repeat: Repeat | None = Field(None, description="Show it once for each value of a variable.")
    collapsed: bool = Field(False, description="The row opens closed.")

    @model_validator(mode="after")
    def a_row_is_a_line(self) -> Panel:
        if self.type != ROW:
            if self.collapsed:
                raise ValueError("only a row can be collapsed")
        elif self.query is not None or self.targets or self.options or self.transformations:
            raise ValueError("a row has a title and a position, and no query, targets, options or transformations")
        elif self.links or self.transparent:
            raise ValueError("a row has no links and no ground")
        elif "position" in self.model_fields_set:
            self.position = Position(x=0, y=self.position.y, w=GRID_COLUMNS, h=1)
        return self

    @model_validator(mode="after")
    def refs_are_unique(self) -> Panel:
        refs = [*([] if self.query is None else [OWN_REF]), *(target.ref for target in self.targets)]
        if len(set(refs)) != len(refs):
            raise ValueError("two targets have the same ref")
        return self

    @model_validator(mode="after")
    def mixed_sources_are_named(self) -> Panel:
        unnamed = [target.ref for target in self.all_targets() if not target.datasource] if self.is_mixed else []
        if unnamed:
            raise ValueError(f"target {unnamed[0]} names no data source, as each does of a panel that is {MIXED}")
        return self

    @property
    def is_mixed(self) -> bool:
        """Whether each target names its own source; one may do so in any panel."""
        return self.datasource == MIXED

    def all_targets(self) -> Sequence[Target]:
        """The targets, with the panel's own `query` written out as the first, each with its data source."""
        own = [] if self.query is None else [Target(ref=OWN_REF, query=self.query, interval=self.interval)]
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
