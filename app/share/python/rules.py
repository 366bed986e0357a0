"""Alert and recording rules in Python, and as the JSON documents that servers and files have."""

from __future__ import annotations

import string
from collections.abc import Mapping, Sequence
from typing import Any, Final, Self

from ....alerting.rules import declared as rules
from ....alerting.rules.checking import parsed
from ....alerting.rules.compiled import ENVELOPE, Declared
from ....components.panel_spec import Target
from ....errors import InvalidError
from .faults import of

STORE: Final = "store"  # what a query that names no data source asks
KNOWN: Final = frozenset(rules.RuleTarget.model_fields)
REFS: Final = string.ascii_uppercase


class AnyRule:
    """What alert and recording rules have in common: `spec`, as it is declared, and the version of the server that it
    was pulled from."""

    def __init__(self, document: Mapping[str, Any], what: str) -> None:
        with of(what):
            self.spec: Declared = parsed(document)
        self.version: int | None = None

    @classmethod
    def from_json(cls, document: Mapping[str, Any]) -> Self:
        """The rule of a document, as `to_json` and servers give it; InvalidError with the path of each fault."""
        kept = {name: value for name, value in document.items() if name == "folder" or name not in ENVELOPE}
        kind: type[AnyRule] = RecordingRule if "record" in kept else Rule
        made = object.__new__(kind)
        made.spec, made.version = parsed(kept), document.get("version")
        if not isinstance(made, cls):
            raise InvalidError(f"{made.title} is no {cls.__name__}", path="$")
        return made

    def to_json(self) -> dict[str, Any]:
        """The document, which says what was said here."""
        return self.spec.model_dump(mode="json", exclude_unset=True, by_alias=True)

    @property
    def title(self) -> str:
        """As it is shown."""
        return self.spec.title

    def __eq__(self, other: object) -> bool:
        return isinstance(other, AnyRule) and self.spec == other.spec

    def __hash__(self) -> int:
        return hash(self.spec.title)

    def __repr__(self) -> str:
        return f"{type(self).__name__}({self.spec.title!r})"


class Rule(AnyRule):
    """An alert: who is told once a value has crossed a threshold for a while.

    `fires` and `resolves` are the two thresholds: `{"above": 5}`, `{"below": 3}`. `of` is the ref of the target that
    they test, the last one by itself, and `reducer` what of each series. `for_` is how long it must hold: "5m".
    `settings` are the other fields of a rule: `rule_id`, `folder`, `group`, `interval`, `keep_firing_for`,
    `missing_after`, `no_data`, `error`, `labels`, `annotations`, `dashboard_id`, `panel_id`, `paused`. InvalidError
    with the path of what is wrong, templates of labels and annotations among it.
    """

    def __init__(
        self,
        title: str,
        *targets: Target | Mapping[str, Any],
        fires: Mapping[str, Any],
        resolves: Mapping[str, Any] | None = None,
        of: str | None = None,
        reducer: str = "last",
        for_: str = "0s",
        **settings: Any,
    ) -> None:
        what = f"Rule {title!r}"
        asked = targets_of(targets, what)
        condition: dict[str, Any] = {
            "of": of or (asked[-1]["ref"] if asked else "A"),
            "reducer": reducer,
            "fires": fires,
        }
        if resolves is not None:
            condition["resolves"] = resolves
        super().__init__({"title": title, "targets": asked, "condition": condition, "for": for_, **settings}, what)


class RecordingRule(AnyRule):
    """A metric of the built-in store that is what a query answers, on schedule.

    `settings` are the other fields of a rule: `rule_id`, `folder`, `group`, `interval`, `labels`, `paused`.
    """

    def __init__(self, record: str, target: Target | Mapping[str, Any], **settings: Any) -> None:
        what = f"RecordingRule {record!r}"
        (asked,) = targets_of([target], what)
        super().__init__({"record": record, "target": asked, **settings}, what)


def targets_of(targets: Sequence[Target | Mapping[str, Any]], what: str) -> list[dict[str, Any]]:
    """What is asked as a rule has it, with refs A, B, C … where none are said; InvalidError for what no rule has."""
    found = []
    for index, target in enumerate(targets):
        given = target.model_dump(mode="json", exclude_unset=True) if isinstance(target, Target) else dict(target)
        strange = sorted(set(given) - KNOWN)
        if strange:
            path = f"$.targets[{index}].{strange[0]}"
            raise InvalidError(f"{what}: {path}: a rule's query has no {strange[0]}", path=path)
        found.append({"ref": REFS[index % len(REFS)], "datasource": STORE, **given})
    return found
