"""What of an address a link lets its viewers choose; the rest is what the link says, whatever they ask for."""

from __future__ import annotations

from dataclasses import replace
from typing import Final

from ...components.spec import Dashboard
from ...datasources.timerange import TimeRange
from ...datasources.variables.declared import Variable
from ...errors import NotFoundError
from ...storage.config.shares import Terms
from .address import Address

HIDDEN: Final = "variable"
TEXTS: Final = frozenset({"textbox", "adhoc"})


def admitted(terms: Terms, address: Address, dashboard: Dashboard) -> Address:
    """The address that is opened where this one was asked for.

    A value that may be chosen is still to be one of its variable's options: as for anybody.
    """
    values = dict(terms.values)
    given = dict(address.variables)
    for variable in dashboard.variables:
        if variable.name in given and may_choose(terms, variable):
            values[variable.name] = given[variable.name]
    names = {variable.name for variable in dashboard.variables}
    found = replace(
        address,
        variables=tuple(sorted((name, value) for name, value in values.items() if name in names)),
        annotations=address.annotations if terms.free_variables else (),
    )
    if not terms.free_time:
        return replace(
            found, from_text=terms.from_text, to_text=terms.to_text, refresh="", zone=terms.zone, browser_zone=""
        )
    if not address.from_text and not address.to_text:
        found = replace(found, from_text=terms.from_text, to_text=terms.to_text)
    return replace(found, zone=address.zone or terms.zone)


def may_choose(terms: Terms, variable: Variable) -> bool:
    """Whether viewers of a link choose that variable: one that is shown, and no free text unless the link says so."""
    if not terms.free_variables or variable.hide == HIDDEN or variable.type == "constant":
        return False
    return terms.free_texts or variable.type not in TEXTS


def within(range_: TimeRange, window: tuple[int, int], terms: Terms | None) -> TimeRange:
    """A range of which viewers of a link see what lies in the view's, where its time is fixed; NotFoundError."""
    if terms is None or terms.free_time:
        return range_
    start, end = max(range_.from_ms, window[0]), min(range_.to_ms, window[1])
    if start >= end:
        raise NotFoundError("this link shows another range")
    return TimeRange(start, end)
