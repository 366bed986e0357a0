"""`limit`: the first rows, or the last ones where the number is negative."""

from __future__ import annotations

import math
from collections.abc import Sequence

from pydantic import Field

from ...declared import Spec
from ..scripttext import leading_number
from .base import Transformation
from .table import Table, Tables


class Options(Spec):
    """How many rows stay."""

    limitField: int | str | None = Field(
        10, title="Rows", description="How many rows stay: the first, or the last where the number is negative."
    )


def run(tables: Tables, options: Options) -> Sequence[Table]:
    """The tables with so many rows at most; as they are where the number is none."""
    number = leading_number(10 if options.limitField is None else options.limitField)
    if not math.isfinite(number):
        return tables
    limit = int(number)
    rows = slice(0, limit) if limit >= 0 else slice(limit, None)
    return [table.take(rows) if table.rows > limit else table for table in tables]


TRANSFORMATION = Transformation(
    "limit", "Limit", "The first rows, or the last ones where the number is negative.", Options, run
)
