"""Expressions as panels, rules and the API declare them: a target whose data source is `__expr__`."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Any, Final, Literal, Self

from pydantic import Field, TypeAdapter, ValidationError, field_validator, model_validator

from ...declared import Spec, hint
from ...errors import InvalidError
from ...faults import said
from ..steps import interval_ms
from .bound import Bound
from .parser import parse
from .sql_names import tables_in

EXPRESSIONS: Final = "__expr__"  # the name of the data source
MAX_SQL: Final = 10_000  # characters
Ref = Annotated[str, Field(pattern=r"^[A-Za-z0-9_]{1,16}$")]
Mode = Literal["", "dropNN", "replaceNN"]
Reducer = Literal[
    "sum", "mean", "min", "max", "count", "last", "first", "median", "range", "diff", "stdDev", "lastNotNull"
]


class Math(Spec):
    """`$A / $B * 100`: arithmetic, comparisons, logic and functions over numbers and series."""

    type: Literal["math"] = Field(description="What is done.")
    expression: str = Field(
        min_length=1,
        max_length=2000,
        description="Arithmetic, comparisons, logic and functions over the answers of targets: `$A / $B * 100`.",
        json_schema_extra=hint("query"),
    )

    @field_validator("expression")
    @classmethod
    def readable(cls, value: str) -> str:
        parse(value)
        return value

    @property
    def refs(self) -> frozenset[str]:
        """The targets that it is worked out from."""
        return parse(self.expression).refs


class Reduce(Spec):
    """One number of each series. `dropNN` leaves out what is no number, `replaceNN` takes `replace_with` instead."""

    type: Literal["reduce"] = Field(description="What is done.")
    of: Ref = Field(title="Of", description="The target that is reduced.", json_schema_extra=hint("ref"))
    reducer: Reducer = Field("last", description="Which one number is taken of each series.")
    mode: Mode = Field(
        "",
        title="No numbers",
        description="What becomes of values that are no numbers.",
        json_schema_extra=hint(names={"": "Count them", "dropNN": "Leave them out", "replaceNN": "Replace them"}),
    )
    replace_with: float | None = Field(None, description="What stands for them where they are replaced.")

    @model_validator(mode="after")
    def knows_with_what(self) -> Self:
        if (self.mode == "replaceNN") != (self.replace_with is not None):
            raise ValueError("replace_with belongs to the mode replaceNN, and that needs it")
        return self

    @property
    def refs(self) -> frozenset[str]:
        """The targets that it is worked out from."""
        return frozenset({self.of})


class Resample(Spec):
    """Series on a grid of `window`: several points become one by `down`, none become one by `up`."""

    type: Literal["resample"] = Field(description="What is done.")
    of: Ref = Field(title="Of", description="The target whose series are resampled.", json_schema_extra=hint("ref"))
    window: str = Field(max_length=20, description="The time between two points: `1m`; or a variable.")
    down: Literal["mean", "min", "max", "sum", "last"] = Field("mean", description="How several points become one.")
    up: Literal["pad", "backfilling", "fillna"] = Field(
        "fillna", description="What stands where there is none: the one before, the one after, or nothing."
    )

    @field_validator("window")
    @classmethod
    def a_length(cls, value: str) -> str:
        if "$" in value:
            return value  # a variable: what it holds is checked once it is filled in
        try:
            ms = interval_ms(value)
        except InvalidError as error:
            raise ValueError(error.detail) from None
        if ms < 1:
            raise ValueError("more than no time at all")
        return value

    @property
    def refs(self) -> frozenset[str]:
        """The targets that it is worked out from."""
        return frozenset({self.of})


class Threshold(Bound):
    """1 where a value passes the test, else 0."""

    type: Literal["threshold"] = Field(description="What is done.")
    of: Ref = Field(title="Of", description="The target whose values are tested.", json_schema_extra=hint("ref"))

    @model_validator(mode="after")
    def demands_something(self) -> Self:
        if self.is_open:
            raise ValueError("above, below, from, to, equal, not_equal or outside: what is tested")
        return self

    @property
    def refs(self) -> frozenset[str]:
        """The targets that it is worked out from."""
        return frozenset({self.of})


class Sql(Spec):
    """A SELECT over the answers of other targets: each is a table of its ref. DuckDB runs it."""

    type: Literal["sql"] = Field(description="What is done.")
    query: str = Field(
        min_length=1,
        max_length=MAX_SQL,
        description="A SELECT over the answers of targets: each is a table of its ref.",
        json_schema_extra=hint("query"),
    )

    @field_validator("query")
    @classmethod
    def over_something(cls, value: str) -> str:
        names = tables_in(value)
        if not names:
            raise ValueError("name a target after FROM: SELECT * FROM A")
        if len({name.lower() for name in names}) < len(names):
            raise ValueError("two targets that differ in capitals alone are one table to SQL")
        return value

    @property
    def refs(self) -> frozenset[str]:
        """The targets whose answers are tables of the statement."""
        return tables_in(self.query)


Expression = Math | Reduce | Resample | Threshold | Sql
ADAPTER: Final[TypeAdapter[Expression]] = TypeAdapter(Annotated[Expression, Field(discriminator="type")])


def expression_of(query: str | Mapping[str, Any], path: str = "$.query") -> Expression:
    """The expression that a target asks; InvalidError naming what of it is wrong."""
    if isinstance(query, str):
        query = {"type": "math", "expression": query}
    try:
        return ADAPTER.validate_python(dict(query))
    except ValidationError as error:
        fault = error.errors(include_url=False, include_input=False)[0]
        where = "".join(f".{part}" for part in fault["loc"][1:])
        raise InvalidError(said(fault), path=path + where) from None
