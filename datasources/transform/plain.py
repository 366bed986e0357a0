"""Small transformations that dashboards of Grafana hold beside the others: `order`, `rename`, `filterFields`, …"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Final, Literal

from pydantic import Field

from ...declared import Spec
from . import organize
from .base import NoOptions, Transformation
from .filterfieldsbyname import filtered
from .joinbyfield import joined
from .matchers import Matcher, by_names
from .table import Table, Tables


class Order(Spec):
    """As the order of `organize`."""

    indexByName: dict[str, int | None] | None = Field(
        None, title="Places", description="The place of each column, from 0."
    )
    orderByMode: Literal["manual", "auto"] | None = Field(None, title="Order", description="By hand, or by a rule.")
    orderBy: list[organize.OrderBy] | None = Field(
        None, max_length=20, title="Rules", description="The rules, the first first."
    )


class Rename(Spec):
    """New names by the names that are shown."""

    renameByName: dict[str, str | None] | None = Field(
        None, title="New names", description="New names by the names that are shown."
    )


class Filter(Spec):
    """What stays, and what goes."""

    include: Matcher | None = Field(None, description="The columns that stay; empty: all.")
    exclude: Matcher | None = Field(None, description="The columns that go.")


class RefMatcher(Spec):
    """The frames of a target."""

    id: Literal["byRefId"] = Field(description="How targets are named.")
    options: str | None = Field(
        None, max_length=500, title="Targets", description="A ref, several as `A|B`, or a pattern between slashes."
    )


class FrameFilter(Spec):
    """The targets whose frames stay, and those whose frames go."""

    include: RefMatcher | None = Field(None, description="The targets that stay; empty: all.")
    exclude: RefMatcher | None = Field(None, description="The targets that go.")


def ordered(tables: Tables, options: Order) -> Sequence[Table]:
    """`order`: columns in the order of their names or of the places given."""
    return organize.run(tables, organize.Options.model_validate(options.model_dump(exclude_unset=True)))


def renamed(tables: Tables, options: Rename) -> Sequence[Table]:
    """`rename`: columns by other names."""
    return organize.run(tables, organize.Options(renameByName=options.renameByName))


def some_fields(tables: Tables, options: Filter) -> Sequence[Table]:
    """`filterFields`: the columns that a matcher means, or does not."""
    include, exclude = (one.matches() if one is not None else None for one in (options.include, options.exclude))
    return filtered(tables, include, exclude)


def some_frames(tables: Tables, options: FrameFilter) -> Sequence[Table]:
    """`filterFrames`: the tables of the targets that are named (`A|B`), or are not."""

    def meant(table: Table, one: RefMatcher | None) -> bool:
        return one is not None and table.ref in (one.options or "").split("|")

    return [
        table
        for table in tables
        if (options.include is None or meant(table, options.include)) and not meant(table, options.exclude)
    ]


def ensured(tables: Tables, options: NoOptions) -> Sequence[Table]:
    """Several series are joined by their time, where all of them call it alike."""
    names = {table.time.name if table.time is not None else None for table in tables}
    if len(tables) < 2 or len(names) != 1 or None in names:
        return tables
    return [joined(tables, by_names([name for name in names if name is not None]), "outer")]


def unchanged(tables: Tables, options: Any) -> Sequence[Table]:
    """`noop`, and what has nothing to do here."""
    return tables


class Anything(Spec):
    """Whatever it is, it is not read."""

    model_config = Spec.model_config | {"extra": "allow"}


TRANSFORMATIONS: Final = (
    Transformation("order", "Order fields", "The order of columns alone.", Order, ordered),
    Transformation("rename", "Rename fields", "Names of columns alone.", Rename, renamed),
    Transformation("filterFields", "Filter fields", "Keeps or drops columns by a matcher.", Filter, some_fields),
    Transformation(
        "filterFrames",
        "Filter frames",
        "Keeps or drops what some targets answered, by a matcher.",
        FrameFilter,
        some_frames,
    ),
    Transformation(
        "ensureColumns",
        "Ensure columns",
        "Several series joined by their time, where all have one.",
        NoOptions,
        ensured,
    ),
    Transformation("noop", "Nothing", "Leaves all as it is.", Anything, unchanged),
)
