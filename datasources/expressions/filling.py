"""The dashboard's variables in an expression: the refs of targets win over variables of the same name."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import Any

from ...errors import InvalidError
from ..scripttext import NUMBER
from ..variables.chosen import Values, as_list
from ..variables.interpolation import REFERENCE, Variables, interpolate, interpolate_structure


def filled(query: str | Mapping[str, Any], variables: Variables, refs: Collection[str]) -> Mapping[str, Any]:
    """The expression with the values of variables in it. InvalidError where one in math is not one number."""
    one: Mapping[str, Any] = {"type": "math", "expression": query} if isinstance(query, str) else query
    own = {name: values for name, values in variables.items() if name not in refs}
    if one.get("type") == "math" and isinstance(one.get("expression"), str):
        return {**one, "expression": _numbers(str(one["expression"]), own)}
    if one.get("type") == "sql" and isinstance(one.get("query"), str):
        return {**one, "query": interpolate(str(one["query"]), own, "postgres")}  # as DuckDB writes values too
    return {key: interpolate_structure(value, own) for key, value in one.items()}


def _numbers(expression: str, variables: Variables) -> str:
    """Each value as a number in parentheses: `2 - $x` of -1 is `2 - (-1)`."""

    def number(match: Any) -> str:
        name = match["plain"] or match["curly"] or match["square"]
        return _number(name, variables[name]) if name in variables else str(match[0])

    return REFERENCE.sub(number, expression)


def _number(name: str, values: Values) -> str:
    chosen = [value.strip() for value in as_list(values)]
    if len(chosen) != 1 or not NUMBER.fullmatch(chosen[0]):
        raise InvalidError(f"${name} is {', '.join(chosen)[:100] or 'nothing'}, and math takes one number")
    return f"({chosen[0].lstrip('+')})"
