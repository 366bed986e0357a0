"""Rules as the config database keeps them."""

from __future__ import annotations

from collections.abc import Sequence

from ...storage.config.rules import ALERT, RECORD, NewRule
from .compiled import Declared
from .prometheus_file import Placed
from .recording import RecordingRule

# What has a column of its own.
APART = frozenset({"rule_id", "folder", "version"})


def as_new(rule: Declared, folder_id: int | None, position: int = 0, origin: str = "") -> NewRule:
    """A rule to keep: its document without what is the default anyway."""
    return NewRule(
        rule_id=rule.rule_id,
        title=rule.title[:200],
        group=rule.group,
        config=rule.model_dump(mode="json", by_alias=True, exclude=set(APART), exclude_defaults=True),
        kind=RECORD if isinstance(rule, RecordingRule) else ALERT,
        folder_id=folder_id,
        position=position,
        origin=origin,
    )


def as_new_of_file(placed: Sequence[Placed], folder_id: int | None, origin: str = "") -> list[NewRule]:
    """The rules of a file, in its order."""
    return [as_new(one.rule, folder_id, one.position, origin) for one in placed]
