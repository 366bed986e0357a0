"""`formatTime`: times as texts after a pattern of Moment's tokens."""

from __future__ import annotations

from collections.abc import Sequence

from pydantic import Field, field_validator

from ...declared import Spec, hint
from ..momenttext import moment_texts
from .base import Transformation
from .convertfieldtype import zone_in
from .matchers import by_names
from .naming import Naming
from .table import Table, Tables


class Options(Spec):
    """`outputFormat`: `YYYY-MM-DD HH:mm`; `timezone`: an IANA name, UTC where none is given."""

    timeField: str | None = Field(None, title="Column", description="The column of times.")
    outputFormat: str | None = Field(
        None, max_length=200, description="How a time is written, in Moment's tokens: `YYYY-MM-DD HH:mm`."
    )
    useTimezone: bool | None = Field(None, description="Write it in the zone.")
    timezone: str | None = Field(
        None,
        max_length=64,
        description="An IANA name such as `Europe/Paris`; empty: UTC.",
        json_schema_extra=hint("zone"),
    )

    @field_validator("timezone")
    @classmethod
    def a_zone(cls, value: str | None) -> str | None:
        zone_in(value)
        return value


def run(tables: Tables, options: Options) -> Sequence[Table]:
    """The tables with the times of that column as texts, in the zone given."""
    matches, naming, zone = by_names([options.timeField or ""]), Naming(tables), zone_in(options.timezone)
    pattern = options.outputFormat or ""
    return [
        table.with_columns(
            column.but(values=moment_texts(column.values, pattern, zone), kind="string")
            if column.kind == "time" and column.is_float and matches(column, table, naming)
            else column
            for column in table.columns
        )
        for table in tables
    ]


TRANSFORMATION = Transformation(
    "formatTime", "Format time", "Times as texts after a pattern of Moment's tokens.", Options, run
)
