"""An annotation query of a dashboard as its document has it: what is asked, and what of it are marks."""

from __future__ import annotations

from typing import Annotated, Any, ClassVar

from pydantic import Field, model_validator

from ..declared import Groups, Spec, hint
from .checked import LeastStep
from .colors import Color
from .panel_spec import MAX_PANELS


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

    name: str = Field(min_length=1, max_length=200, description="Name of its toggle above the dashboard.")
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
    interval: LeastStep = Field(None, title="Least step", description="The least time between two points.")
    enable: bool = Field(True, title="Shown", description="Shown when the dashboard opens.")
    hide: bool = Field(False, title="Hide toggle", description="Show no toggle for it above the dashboard.")
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

    @model_validator(mode="after")
    def asks_something(self) -> AnnotationQuery:
        if self.builtin and (self.datasource or self.query):
            raise ValueError("a builtin one has no datasource and no query")
        if not self.builtin and not self.query:
            raise ValueError("query: what is asked; only a builtin one has none")
        return self
