"""A rule as the evaluator works with it: everything that does not change from one evaluation to the next, once."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from pydantic import ValidationError

from ...declared import STORED
from ...storage.config.alert_rows import group_text
from ...storage.config.rules import RECORD, StoredRule
from ..machine import State, Terms
from .declared import Rule, RuleTarget
from .recording import RecordingRule

Declared = Rule | RecordingRule
ENVELOPE = ("version", "created_by", "updated_by", "created_at", "updated_at", "origin", "kind", "folder")


@dataclass(frozen=True, slots=True)
class GroupKey:
    """Rules that are evaluated together, in their order."""

    org: int
    folder: str
    name: str
    interval_ms: int

    @property
    def text(self) -> str:
        """As logs and events name the group."""
        return f"{self.part_text}/{self.interval_ms}"

    @property
    def part_text(self) -> str:
        """What says who evaluates it: an interval that changes leaves it where it is."""
        return group_text(self.org, self.folder, self.name)


@dataclass(frozen=True, slots=True, eq=False)
class Compiled:
    """A version of a rule. `own`: its labels that hold no template; `templated`: those that do."""

    org: int
    rule_id: str
    version: int
    declared: Declared
    group: GroupKey
    folder_id: int | None = None
    terms: Terms = field(default_factory=Terms)
    own: Mapping[str, str] = field(default_factory=dict)
    templated: Mapping[str, str] = field(default_factory=dict)
    shape: str = ""
    created_ms: int = 0  # of a rule that was deleted and made anew, the versions begin again
    maker: str = ""  # who saved it last; nobody for that of a file

    @property
    def key(self) -> tuple[int, str]:
        """What it is known by: org, and id in the org."""
        return (self.org, self.rule_id)

    @property
    def records(self) -> bool:
        """Whether it writes samples and alerts of nothing."""
        return isinstance(self.declared, RecordingRule)

    @property
    def links(self) -> Mapping[str, Any]:
        """The dashboard and panel that it names, where it names them."""
        panel_id = self.declared.panel_id if isinstance(self.declared, Rule) else None
        found = {"dashboard_id": self.declared.dashboard_id, "panel_id": panel_id}
        return {name: value for name, value in found.items() if value is not None}


def declared_of(stored: StoredRule) -> Declared:
    """The declaration of a stored rule; ValidationError where a former version kept what cannot be read any more."""
    kind = RecordingRule if stored.kind == RECORD else Rule
    config = {name: value for name, value in stored.config.items() if name not in ENVELOPE}
    document = {**config, "rule_id": stored.rule_id, "folder": stored.folder, "version": stored.version}
    return kind.model_validate(document, context=STORED)


def compiled(stored: StoredRule) -> Compiled | None:
    """The rule, or None where it cannot be read."""
    try:
        declared = declared_of(stored)
    except ValidationError:
        return None
    rule = compile_rule(declared, stored.org, stored.folder_id, stored.created_at)
    return replace(rule, maker="" if stored.origin else stored.updated_by)


def compile_rule(declared: Declared, org: int, folder_id: int | None = None, created_ms: int = 0) -> Compiled:
    """A rule of an org as it is evaluated; `created_ms`: when it was made, ms since the epoch."""
    labels = declared.labels
    templated = {name: text for name, text in labels.items() if "{{" in text and isinstance(declared, Rule)}
    own = {name: text for name, text in labels.items() if name not in templated}
    if isinstance(declared, Rule):
        own = {**own, "alertname": declared.title}
    return Compiled(
        org=org,
        rule_id=declared.rule_id,
        version=declared.version,
        declared=declared,
        group=GroupKey(org, declared.folder, declared.group, declared.interval_ms),
        folder_id=folder_id,
        terms=terms_of(declared) if isinstance(declared, Rule) else Terms(interval_ms=declared.interval_ms),
        own=own,
        templated=templated,
        shape=shape_of(declared.targets, declared.interval_ms),
        created_ms=created_ms,
    )


def terms_of(rule: Rule) -> Terms:
    """What the state machine must know of a rule."""
    return Terms(rule.for_ms, rule.keep_firing_ms, rule.missing_after, rule.strict_for, rule.interval_ms, State.FIRING)


def shape_of(targets: Sequence[RuleTarget], interval_ms: int) -> str:
    """What the questions of several rules are the same by."""
    asked = [[one.ref, one.datasource, one.query, one.options, one.range, one.instant] for one in targets]
    return hashlib.blake2b(json.dumps([interval_ms, asked], sort_keys=True).encode(), digest_size=16).hexdigest()


def offset_key(rules: Sequence[Compiled]) -> str:
    """What the offset of a group is worked out of: groups that ask the same are evaluated at the same times, so that
    one answer is enough for all of them."""
    shapes = sorted({f"{rule.org} {rule.shape}" for rule in rules})
    return hashlib.blake2b("\n".join(shapes).encode(), digest_size=16).hexdigest()
