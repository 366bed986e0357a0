"""The address of a view: what a page asks for, and how a viewer's token carries it from node to node."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from ...datasources.datemath import parse_time, written_time
from ...datasources.steps import interval_ms
from ...errors import InvalidError
from .key import ViewKey

SWITCH = "ann-"  # `ann-<name>=on` or `=off`; off is the page's own business


@dataclass(frozen=True, slots=True)
class Address:
    """What a page's address asks for, as texts; empty where it says nothing."""

    dashboard_id: str
    from_text: str = ""
    to_text: str = ""
    refresh: str = ""
    zone: str = ""
    browser_zone: str = ""  # the zone of who asks, where their range depends on it
    variables: tuple[tuple[str, tuple[str, ...]], ...] = ()
    annotations: tuple[str, ...] = ()  # the annotation queries that are switched on


def address_from(arguments: Mapping[str, Sequence[str]], dashboard_id: str) -> Address:
    """The view that the arguments of a request name; `var-<name>` repeats for several values."""

    def last(name: str) -> str:
        values = arguments.get(name)
        return values[-1].strip() if values else ""

    from_text, to_text = last("from"), last("to")
    if not from_text and not to_text:
        from_text, to_text = _around(last("time"), last("time.window"))
    return Address(
        dashboard_id,
        from_text=from_text,
        to_text=to_text,
        refresh=last("refresh"),
        zone=last("tz") or last("timezone"),
        browser_zone=last("zone"),
        variables=tuple(
            sorted((name[4:], tuple(values)) for name, values in arguments.items() if name.startswith("var-"))
        ),
        annotations=tuple(
            sorted(name.removeprefix(SWITCH) for name in arguments if name.startswith(SWITCH) and last(name) == "on")
        ),
    )


def _around(middle: str, length: str) -> tuple[str, str]:
    """The range that links of Grafana name by its middle and its length (`15m`, or ms); empty texts for none."""
    if not middle or not length:
        return "", ""
    try:
        at_ms = parse_time(written_time(middle), 0)
        half_ms = round((int(length) if length.isdecimal() else interval_ms(length)) / 2)
    except (InvalidError, ValueError):
        return "", ""
    return str(at_ms - half_ms), str(at_ms + half_ms)


def carried(address: Address, key: ViewKey) -> list[Any]:
    """An address for a token: range and zone are the view's own, which stay what they are where the view is still."""
    variables = [[name, list(values)] for name, values in address.variables]
    texts = [address.dashboard_id, key.from_text, key.to_text, address.refresh, key.zone]
    return [*texts, variables, list(address.annotations)]


def arrived(parts: Sequence[Any]) -> Address:
    """The address that `carried` made this of."""
    dashboard_id, from_text, to_text, refresh, zone, variables, annotations = parts
    chosen = tuple((name, tuple(values)) for name, values in variables)
    return Address(dashboard_id, from_text, to_text, refresh, zone, variables=chosen, annotations=tuple(annotations))
