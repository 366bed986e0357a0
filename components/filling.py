"""The dashboard's variables in a panel's options: as words, but percent-encoded in the addresses of data links."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from ..datasources.variables.chosen import Values
from ..datasources.variables.interpolation import Variables, interpolate_as, interpolate_structure

ZONE = "__timezone"  # of each page its own


def fill_options(options: Mapping[str, Any], variables: Variables) -> dict[str, Any]:
    """A panel's options with the dashboard's variables filled in: in addresses of links they are percent-encoded."""
    own = {name: values for name, values in variables.items() if name != ZONE}
    return {key: _fill(key, value, own) for key, value in options.items()}


def _fill(key: str, value: Any, variables: Variables) -> Any:
    if key == "links" and isinstance(value, (list, tuple)):
        return [fill_link(link, variables) for link in value]
    if key == "overrides" and isinstance(value, (list, tuple)):
        return [_fill_override(override, variables) for override in value]
    return interpolate_structure(value, variables)


def _fill_override(override: Any, variables: Variables) -> Any:
    if not isinstance(override, Mapping) or not isinstance(override.get("set"), Mapping):
        return interpolate_structure(override, variables)
    return {**interpolate_structure(override, variables), "set": fill_options(override["set"], variables)}


def fill_link(link: Any, variables: Variables) -> Any:
    """A link with the values of variables in it; in its URL they are percent-encoded."""
    filled = interpolate_structure(link, variables)
    if isinstance(link, Mapping) and isinstance(link.get("url"), str):
        filled["url"] = interpolate_as(link["url"], _lone(variables), "percentencode")
    return filled


def _lone(variables: Variables) -> Variables:
    """One chosen value as such, since an address has no lists: `a`, not `{a}`."""
    return {name: values[0] if _is_one(values) else values for name, values in variables.items()}


def _is_one(values: Values) -> bool:
    return not isinstance(values, str) and len(values) == 1 and not getattr(values, "properties", ())
