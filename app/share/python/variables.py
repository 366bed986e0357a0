"""Variables of a dashboard, one function for each type of them. `**settings` are the fields of a variable:

`label`, `multi`, `include_all`, `all_value`, `current`, `hide` ("", "label" or "variable"), `regex`, `sort`,
`datasource`.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from ....datasources.variables.declared import Variable
from .faults import declared


def Query(name: str, query: str, **settings: Any) -> Variable:  # noqa: N802 - they stand beside classes
    """Its options are what a data source answers: `Query("job", "label_values(job)", datasource="prometheus")`."""
    return _made("query", name, query=query, **settings)


def Custom(name: str, options: Sequence[str], **settings: Any) -> Variable:  # noqa: N802
    """Its options are these."""
    return _made("custom", name, options=list(options), **settings)


def Constant(name: str, value: str, **settings: Any) -> Variable:  # noqa: N802
    """It has this value."""
    return _made("constant", name, query=value, **settings)


def TextBox(name: str, value: str = "", **settings: Any) -> Variable:  # noqa: N802
    """Whatever somebody types; `value` at first."""
    return _made("textbox", name, query=value, **settings)


def Interval(name: str, options: Sequence[str] = ("1m", "5m", "15m", "1h"), **settings: Any) -> Variable:  # noqa: N802
    """A stretch of time."""
    return _made("interval", name, options=list(options), **settings)


def DataSource(name: str, type: str, **settings: Any) -> Variable:  # noqa: N802
    """Its options are the data sources of that type."""
    return _made("datasource", name, query=type, **settings)


def AdHoc(  # noqa: N802
    name: str, filters: Sequence[str] = (), *, datasource: str | None = None, **settings: Any
) -> Variable:
    """Conditions that whoever looks adds to all queries of `datasource`, and of the default one where it is None.

    `filters` are those that the dashboard opens with: `AdHoc("Filters", ["job|=|api"], datasource="prometheus")`.
    """
    given = {"current": list(filters)} if filters else {}
    source = {} if datasource is None else {"datasource": datasource}
    return _made("adhoc", name, **given, **source, **settings)


def _made(kind: str, name: str, **settings: Any) -> Variable:
    return declared(Variable, {"name": name, "type": kind, **settings}, f"variable {name}")
