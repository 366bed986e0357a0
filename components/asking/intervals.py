"""The least step of a query, as panels and annotations have it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from ...datasources.query.model import Least
from ...datasources.steps import interval_ms
from ...datasources.variables.interpolation import interpolate_as
from ...errors import InvalidError

OF_QUERY: Final[Mapping[str, Least]] = {
    "$__interval": "interval",
    "${__interval}": "interval",
    "$__rate_interval": "rate_interval",
    "${__rate_interval}": "rate_interval",
}
NO_LEAST: Final = frozenset({"auto", *OF_QUERY})
LONGEST_STEP_S: Final = 10 * 365 * 86_400.0


def least_step(text: str | None, variables: Mapping[str, tuple[str, ...]]) -> float:
    """A least step in seconds, perhaps a variable's; 0 where there is none. InvalidError for what is no interval."""
    filled = _filled(text, variables)
    if not filled or filled in NO_LEAST:
        return 0.0
    seconds = interval_ms(filled) / 1000
    if not 0 < seconds <= LONGEST_STEP_S:
        raise InvalidError(f"the least step {filled[:50]} is not between 1ms and 10y")
    return seconds


def least_of_query(text: str | None, variables: Mapping[str, tuple[str, ...]]) -> Least:
    """Which of a query's own intervals is its least step; empty where none is."""
    return OF_QUERY.get(_filled(text, variables), "")


def _filled(text: str | None, variables: Mapping[str, tuple[str, ...]]) -> str:
    return interpolate_as(text, variables, "csv").strip().lstrip(">") if text else ""
