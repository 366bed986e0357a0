"""Which series a selection names, by their labels, and which of them are one in its answer."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from collections.abc import Set as AbstractSet

from ...errors import InvalidError
from ...patterns import whole

Known = Sequence[tuple[int, dict[str, str]]]  # the id of a series and its labels


def select(known: Known, labels: Mapping[str, str | Sequence[str]]) -> list[tuple[int, dict[str, str]]]:
    """The series whose labels are wanted; InvalidError for a regular expression that cannot be run."""
    found = list(known)
    for label, wanted in labels.items():
        kept = wanted_values(label, wanted, {one[1].get(label, "") for one in found})
        found = [one for one in found if one[1].get(label, "") in kept]
    return found


def wanted_values(label: str, wanted: str | Sequence[str], values: AbstractSet[str]) -> AbstractSet[str]:
    """Those of a label's values that are wanted: `api`, `!api`, `~api|web`, `!~api|web`, or a list of them."""
    if not isinstance(wanted, str):
        return values & frozenset(wanted)
    turned, text = wanted.startswith("!"), wanted.removeprefix("!")
    if not text.startswith("~"):
        return values - {text} if turned else values & {text}
    try:
        pattern = whole(text[1:])
    except ValueError as error:
        raise InvalidError(f"the expression for {label}: {error}", path=f"$.labels.{label}") from None
    tried = tuple(values)
    return {value for value, matches in zip(tried, pattern.matches(tried), strict=True) if matches is not turned}


def group(matched: Known, by: Sequence[str] | None) -> tuple[list[dict[str, str]], dict[int, int]]:
    """The labels of each group, and the group of each series id; `by` None: each series is its own.

    Groups stand in the order of their labels, which stays whatever series come: colours follow it.
    """
    if by is None:
        return [labels for _, labels in matched], {identity: index for index, (identity, _) in enumerate(matched)}
    keys = {identity: tuple((name, labels[name]) for name in by if name in labels) for identity, labels in matched}
    groups = {key: index for index, key in enumerate(sorted(set(keys.values())))}
    return [dict(key) for key in groups], {identity: groups[key] for identity, key in keys.items()}
