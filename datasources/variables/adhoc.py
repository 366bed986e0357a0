"""Ad hoc filters: conditions that people add to all queries of one data source, `label|=|value` in an address.

How they are written is Grafana's: https://grafana.com/docs/grafana/latest/dashboards/variables/add-template-variables/
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final, Self

from .chosen import Chosen

OPERATORS: Final = ("=", "!=", "=~", "!~", "=|", "!=|", "<", ">")
SEVERAL: Final = frozenset({"=|", "!=|"})  # one of some values, none of them
MOST_FILTERS: Final = 50
NONE: Final = "$__none"  # in an address: none, whatever the dashboard opens with
ESCAPES: Final = (("__gfp__", "|"), ("__gfc__", ","), ("__gfh__", "#"))


@dataclass(frozen=True, slots=True)
class Filter:
    """One condition: a label or field, an operator of OPERATORS, and one value or several."""

    key: str
    operator: str
    values: tuple[str, ...]

    def __str__(self) -> str:
        return f"{self.key} {self.operator} {', '.join(self.values)}"


class Filters(Chosen):
    """The chosen filters of a variable as they are written, and the name of the source whose queries they are for."""

    source: str

    @classmethod
    def of(cls, texts: Sequence[str], source: str) -> Self:
        """Those of texts that `read` takes."""
        made = cls(texts)
        made.source = source
        return made

    def read(self) -> tuple[Filter, ...]:
        """What they say."""
        return tuple(one for one in map(read, self) if one is not None)


def read(text: str) -> Filter | None:
    """The filter of `label|=|value`; None where it is none."""
    key, *rest = map(_plain, text.split("|"))
    if not key or len(rest) < 2 or rest[0] not in OPERATORS:
        return None
    operator, *values = rest
    return Filter(key, operator, tuple(values) if operator in SEVERAL else (values[0],))


def written(one: Filter) -> str:
    """A filter as an address has it."""
    operator = one.operator.replace("|", "__gfp__")
    return "|".join((_escaped(one.key), operator, *map(_escaped, one.values)))


def _plain(text: str) -> str:
    for escape, sign in ESCAPES:
        text = text.replace(escape, sign)
    return text


def _escaped(text: str) -> str:
    for escape, sign in ESCAPES:
        text = text.replace(sign, escape)
    return text
