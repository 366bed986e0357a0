"""The name under which a column is shown, by Grafana's rules: its own, that of its frame, its labels."""

from __future__ import annotations

import json
from collections.abc import Mapping
from functools import cached_property
from typing import Final

from .table import Column, Table, Tables

VALUE: Final = "Value"  # a name that says nothing


class Naming:
    """What tells the columns of some tables apart. Without tables a column is named among those of its own table."""

    def __init__(self, tables: Tables | None = None) -> None:
        self._tables = tables
        self._single: dict[int, str | None] = {}

    def of(self, column: Column, table: Table | None = None) -> str:
        """What a person sees as the name of a column."""
        config = column.config
        if config.get("displayName"):
            return str(config["displayName"])
        if table is not None and config.get("displayNameFromDS"):
            return str(config["displayNameFromDS"])
        if column.kind == "time" and column.labels is None:
            return column.name
        name = " ".join(self._parts(column, table)) or column.name or VALUE
        return _unique(column, table) if name == column.name else name

    def _parts(self, column: Column, table: Table | None) -> list[str]:
        parts = [table.name] if table is not None and self._names_differ and table.name else []
        by_frame = bool(parts)
        if column.name and column.name != VALUE:
            parts.append(column.name)
        labels = "" if column.labels is None or table is None else self._labels(column.labels, table)
        if labels:
            parts.append(labels)
        elif table is not None and table.name and not by_frame and column.name == VALUE:
            parts.append(table.name)
        return parts

    def _labels(self, labels: Mapping[str, str], table: Table) -> str:
        single = self._single_label(table)
        if single is not None:
            return str(labels.get(single, ""))
        return _written(labels)

    @cached_property
    def _names_differ(self) -> bool:
        return self._tables is not None and len({table.name for table in self._tables}) > 1

    def _single_label(self, table: Table) -> str | None:
        """The only label that there is among the columns, None where there are several or none."""
        key = 0 if self._tables is not None else id(table)
        if key not in self._single:
            tables = [table] if self._tables is None else self._tables
            names = {name for one in tables for column in one.columns for name in column.labels or ()}
            self._single[key] = names.pop() if len(names) == 1 else None
        return self._single[key]


def _written(labels: Mapping[str, str]) -> str:
    """`{host="a", job="n"}`, in the order of their names."""
    if not labels:
        return ""
    pairs = (f"{name}={json.dumps(str(labels[name]), ensure_ascii=False)}" for name in sorted(labels))
    return "{" + ", ".join(pairs) + "}"


def _unique(column: Column, table: Table | None) -> str:
    """Its name, with a number where another column of the table has the same."""
    same = [one for one in table.columns if one.name == column.name] if table is not None else []
    if len(same) < 2 or not any(one is column for one in same):
        return column.name
    return f"{column.name} {1 + next(index for index, one in enumerate(same) if one is column)}"
