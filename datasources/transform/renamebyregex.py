"""`renameByRegex`: names of columns by a pattern, `$1` in the new name being what its first group found."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Final

from pydantic import Field

from ...declared import Spec
from ...patterns import Regex, parse
from .base import Transformation
from .bounds import check_name
from .naming import Naming
from .table import Column, Table, Tables

GROUP: Final = re.compile(r"\\.|\[(?:\\.|[^\]\\])*\]|\((?:\?P?<(?P<name>[A-Za-z_]\w*)>|(?!\?))")
NAMED: Final = re.compile(r"\$<([A-Za-z_]\w*)>")


class Options(Spec):
    """`/…/flags`, or a text that has to match whole."""

    regex: Regex = Field(
        "(.*)", title="Pattern", description="What of a name is replaced: `/…/`, or a text that matches whole."
    )
    renamePattern: str = Field(
        "$1",
        max_length=500,
        title="Replacement",
        description="What stands there instead; `$1` is what the first group found.",
    )


def run(tables: Tables, options: Options) -> Sequence[Table]:
    """The tables with the new names on the columns that the pattern fits. InvalidError for one that is too long."""
    pattern, template = parse(options.regex), _numbered(options.regex, options.renamePattern)

    def renamed(column: Column, table: Table) -> Column:
        name = Naming().of(column, table)
        if not pattern.matches([name])[0]:
            return column
        return column.configured(displayName=check_name(pattern.replace(check_name(name), template)))

    return [table.with_columns(renamed(column, table) for column in table.columns) for table in tables]


def _numbered(regex: str, template: str) -> str:
    """`$<name>` as the number of its group."""
    groups = [match["name"] for match in GROUP.finditer(regex) if match[0].startswith("(")]
    return NAMED.sub(lambda match: f"${groups.index(match[1]) + 1}" if match[1] in groups else "", template)


TRANSFORMATION = Transformation(
    "renameByRegex",
    "Rename fields by regex",
    "Names of columns by a pattern, `$1` in the new name being what its first group found.",
    Options,
    run,
)
