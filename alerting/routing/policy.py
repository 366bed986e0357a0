"""The notification policy: a tree that says which contact point hears of an alert, how grouped and how often.

An alert goes to the deepest nodes whose matchers it passes; after a node that took it, its later siblings are asked
only where the node says `continue`. A node has what it does not say from the one above it, mute timings excepted.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from itertools import chain
from typing import Any, Self

from pydantic import Field, field_validator, model_validator

from ...declared import Spec
from ..alert import Labels
from ..rules.durations import Duration, Interval, duration_ms
from .matchers import MAX_MATCHERS, Matcher, MatcherText, all_match, parsed

EACH = "..."  # in `group_by`: every alert is a group of its own
MAX_NODES = 1000
MAX_DEPTH = 20
GROUP_WAIT, GROUP_INTERVAL, REPEAT_INTERVAL = "30s", "5m", "4h"


class Policy(Spec):
    """A node of the tree. The root has a contact point and no matchers."""

    contact_point: str = Field(
        "", max_length=64, description="Where notifications go; empty: inherited from the parent policy."
    )
    matchers: list[MatcherText] = Field(
        default_factory=list,
        max_length=MAX_MATCHERS,
        description='Alerts that this policy applies to: severity="page", team=~"shop|cart"',
    )
    continue_: bool = Field(False, alias="continue", description="Continue matching subsequent sibling policies.")
    group_by: list[str] | None = Field(
        None,
        max_length=50,
        description="Alerts with the same values of these labels share a notification; ... sends each by itself.",
    )
    group_wait: Duration | None = Field(
        None, description="How long to wait for more alerts before the first notification of a new group."
    )
    group_interval: Interval | None = Field(
        None, description="How long to wait before notifying of changes in a group."
    )
    repeat_interval: Interval | None = Field(
        None, description="How long to wait before repeating a notification when nothing has changed."
    )
    mute_timings: list[str] = Field(
        default_factory=list, max_length=50, description="Mute timings during which no notifications are sent."
    )
    routes: list[Policy] = Field(default_factory=list, max_length=MAX_NODES)

    model_config = Spec.model_config | {"populate_by_name": True, "serialize_by_alias": True}

    @field_validator("group_by")
    @classmethod
    def names_of_labels(cls, names: list[str] | None) -> list[str] | None:
        if names is None:
            return None
        if any(not 0 < len(name) <= 200 for name in names):
            raise ValueError("a label has a name of at most 200 characters")
        if len(set(names)) != len(names):
            raise ValueError("each label once")
        if EACH in names and len(names) > 1:
            raise ValueError(f"{EACH} stands for all labels: no other beside it")
        return names


class PolicyTree(Policy):
    """The root of the tree, as the API has it."""

    contact_point: str = Field(min_length=1, max_length=64)

    @model_validator(mode="after")
    def a_root(self) -> Self:
        if self.matchers or self.continue_:
            raise ValueError("the root takes every alert: it has no matchers and nothing to continue with")
        if self.mute_timings:
            raise ValueError("the root has no mute timings")
        if sum(1 for _ in _nodes(self, 1)) > MAX_NODES:
            raise ValueError(f"a policy has at most {MAX_NODES} nodes")
        return self

    def routes_in_order(self) -> tuple[Route, ...]:
        """Every node with what it inherits, the root first."""
        return tuple(_resolved(self, None, "$"))


def _nodes(node: Policy, depth: int) -> Iterator[Policy]:
    if depth > MAX_DEPTH:
        raise ValueError(f"a policy has at most {MAX_DEPTH} levels")
    yield node
    for below in node.routes:
        yield from _nodes(below, depth + 1)


@dataclass(frozen=True, slots=True)
class Route:
    """A node with all that holds for it. `path` is its place in the document, `key` stays while it means the same."""

    path: str
    contact_point: str
    matchers: tuple[Matcher, ...]
    continues: bool
    group_by: tuple[str, ...]
    group_wait_ms: int
    group_interval_ms: int
    repeat_interval_ms: int
    mute_timings: tuple[str, ...]
    key: str
    below: tuple[Route, ...] = ()

    def labels_of_group(self, labels: Labels) -> dict[str, str]:
        """What alerts of one group have in common; a label that is not there is no part of it."""
        names = sorted(labels) if self.group_by == (EACH,) else self.group_by
        return {name: labels[name] for name in names if name in labels}


def _resolved(node: Policy, above: Route | None, path: str) -> Iterator[Route]:
    alone = _with_inherited(node, above, path)
    found = [tuple(_resolved(one, alone, f"{path}.routes[{index}]")) for index, one in enumerate(node.routes)]
    yield replace(alone, below=tuple(below[0] for below in found))
    yield from chain.from_iterable(found)


def _with_inherited(node: Policy, above: Route | None, path: str) -> Route:
    matchers = parsed(node.matchers)
    said = "|".join(sorted(map(str, matchers)))
    key = f"{above.key if above is not None else ''}/{{{said}}}"

    def ms(text: str | None, inherited: int | None, otherwise: str) -> int:
        if text is not None:
            return duration_ms(text)
        return inherited if inherited is not None else duration_ms(otherwise)

    # An empty list says nothing, as in Alertmanager.
    group_by = tuple(node.group_by) if node.group_by else (above.group_by if above else ())
    return Route(
        path=path,
        contact_point=node.contact_point or (above.contact_point if above else ""),
        matchers=matchers,
        continues=node.continue_,
        group_by=group_by,
        group_wait_ms=ms(node.group_wait, above.group_wait_ms if above else None, GROUP_WAIT),
        group_interval_ms=ms(node.group_interval, above.group_interval_ms if above else None, GROUP_INTERVAL),
        repeat_interval_ms=ms(node.repeat_interval, above.repeat_interval_ms if above else None, REPEAT_INTERVAL),
        mute_timings=tuple(node.mute_timings),
        key=key,
    )


def routed(root: Route, labels: Labels) -> tuple[Route, ...]:
    """The nodes that an alert of these labels goes to, in order; the root where no other takes it."""
    if not all_match(root.matchers, labels):
        return ()
    found: list[Route] = []
    for child in root.below:
        taken = routed(child, labels)
        found += taken
        if taken and not child.continues:
            break
    return tuple(found) or (root,)


def group_key(route: Route, labels: Labels) -> str:
    """The name of the group of an alert at a node: the same on every node of a cluster and after every start."""
    ours = route.labels_of_group(labels)
    text = repr((route.key, route.contact_point, route.group_by, sorted(ours.items())))
    return hashlib.blake2b(text.encode(), digest_size=16).hexdigest()


def group_text(route: Route, labels: Labels) -> str:
    """The same as Alertmanager writes it: `{}/{severity="page"}:{alertname="Down"}`."""
    ours = ", ".join(str(Matcher(name, "=", value)) for name, value in sorted(route.labels_of_group(labels).items()))
    return f"{route.key.removeprefix('/')}:{{{ours}}}"


def names_in(tree: PolicyTree) -> Mapping[str, tuple[set[str], set[str]]]:
    """By the place of each node, the contact point and the mute timings that it names itself."""
    return dict(_names(tree, "$"))


def _names(node: Policy, path: str) -> Iterator[tuple[str, tuple[set[str], set[str]]]]:
    yield path, ({node.contact_point} - {""}, set(node.mute_timings))
    for index, below in enumerate(node.routes):
        yield from _names(below, f"{path}.routes[{index}]")


def where(root: Route, labels: Labels) -> list[dict[str, Any]]:
    """ "Where would this alert go?": the nodes in order, with contact point, group and times."""
    return [
        {
            "path": route.path,
            "contact_point": route.contact_point,
            "group": route.labels_of_group(labels),
            "group_wait_ms": route.group_wait_ms,
            "group_interval_ms": route.group_interval_ms,
            "repeat_interval_ms": route.repeat_interval_ms,
            "mute_timings": list(route.mute_timings),
        }
        for route in routed(root, labels)
    ]
