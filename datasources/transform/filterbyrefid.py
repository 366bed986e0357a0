"""`filterByRefId`: keeps or drops what some targets answered."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from pydantic import Field

from ...declared import Spec
from ...patterns import parse
from .base import Transformation
from .table import Table, Tables


class Options(Spec):
    """A ref, several as `A|B`, or a pattern between slashes."""

    include: str | None = Field(
        None,
        max_length=500,
        description="The targets that stay: a ref, several as `A|B`, or a pattern between slashes.",
    )
    exclude: str | None = Field(None, max_length=500, description="The targets that go, written likewise.")


def run(tables: Tables, options: Options) -> Sequence[Table]:
    """The tables of the targets that are included, and not excluded."""
    include, exclude = (_test(one) if one else None for one in (options.include, options.exclude))
    return [
        table
        for table in tables
        if (include is None or include(table.ref)) and (exclude is None or not exclude(table.ref))
    ]


def _test(text: str) -> Callable[[str], bool]:
    if text.startswith("/"):
        pattern = parse(text)
        return lambda ref: pattern.matches([ref])[0]
    refs = {text, *text.split("|")} if "|" in text else {text}
    return lambda ref: ref in refs


TRANSFORMATION = Transformation(
    "filterByRefId", "Filter data by query", "Keeps or drops what some targets answered.", Options, run
)
