"""`formatString`: the texts of a column in another case, trimmed, or cut."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from typing import Any, Final, Literal

from pydantic import Field

from ...declared import Spec
from .base import Transformation
from .matchers import by_names
from .naming import Naming
from .table import Table, Tables, as_text

Format = Literal[
    "Upper Case", "Lower Case", "Sentence Case", "Title Case", "Pascal Case", "Camel Case", "Snake Case", "Kebab Case",
    "Trim", "Substring",
]  # fmt: skip


class Options(Spec):
    """`substringStart` and `substringEnd` are characters from 0."""

    stringField: str = Field("", title="Column", description="The column of texts.")
    outputFormat: Format = Field("Upper Case", description="What its texts become.")
    substringStart: int | None = Field(None, description="The first character that stays, from 0.")
    substringEnd: int | None = Field(None, description="The character before which the text ends.")


def run(tables: Tables, options: Options) -> Sequence[Table]:
    """The tables with the texts of that column formatted; NULL stays NULL."""
    matches, naming = by_names([options.stringField]), Naming(tables)

    def formatted(value: Any) -> str | None:
        return None if value is None else _formatted(as_text(value), options)

    return [
        table.with_columns(
            column.with_values([formatted(value) for value in column.listed], "string")
            if matches(column, table, naming)
            else column
            for column in table.columns
        )
        for table in tables
    ]


def _formatted(text: str, options: Options) -> str:
    if options.outputFormat == "Substring":
        start, end = (max(one or 0, 0) for one in (options.substringStart, options.substringEnd))
        end = len(text) if options.substringEnd is None else end
        return text[min(start, end) : max(start, end)]
    return FORMATS[options.outputFormat](text)


def _words(text: str) -> list[str]:
    return [word[:1].upper() + word[1:].lower() for word in re.split(" ", text)]


def _camel(text: str) -> str:
    joined = "".join(_words(text))
    return joined[:1].lower() + joined[1:]


FORMATS: Final[Mapping[str, Callable[[str], str]]] = {
    "Upper Case": str.upper,
    "Lower Case": str.lower,
    "Sentence Case": lambda text: text[:1].upper() + text[1:],
    "Title Case": lambda text: " ".join(_words(text)),
    "Pascal Case": lambda text: "".join(_words(text)),
    "Camel Case": _camel,
    "Snake Case": lambda text: text.lower().replace(" ", "_"),
    "Kebab Case": lambda text: text.lower().replace(" ", "-"),
    "Trim": str.strip,
}

TRANSFORMATION = Transformation(
    "formatString", "Format string", "The texts of a column in another case, trimmed, or cut.", Options, run
)
