"""The address of a view as a viewer's token carries it from the node that opened the view to any other."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from .key import ViewKey

if TYPE_CHECKING:
    from .hub import Address


def carried(address: Address, key: ViewKey) -> list[Any]:
    """An address for a token: its range is the view's own, which stays what it is where the view is still."""
    variables = [[name, list(values)] for name, values in address.variables]
    return [address.dashboard_id, key.from_text, key.to_text, address.refresh, address.zone, variables]


def arrived(parts: Sequence[Any]) -> tuple[Any, ...]:
    """The fields of the Address that `carried` made this of."""
    *texts, variables = parts
    return (*texts, tuple((name, tuple(values)) for name, values in variables))
