"""Which view of a dashboard a link or a report shows, as the config database keeps it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

Values = tuple[tuple[str, tuple[str, ...]], ...]  # of variables, by name


def as_address(values: Values, from_text: str, to_text: str, zone: str) -> dict[str, Any]:
    """What is written into a column of JSON."""
    return {
        "values": {name: list(chosen) for name, chosen in values},
        "from": from_text,
        "to": to_text,
        "zone": zone,
    }


def of_address(address: Mapping[str, Any]) -> tuple[Values, str, str, str]:
    """Values, from, to and zone of such a column."""
    values = tuple((name, tuple(chosen)) for name, chosen in sorted(address["values"].items()))
    return values, address["from"], address["to"], address["zone"]
