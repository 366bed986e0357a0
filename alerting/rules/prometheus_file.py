"""Prometheus's rule files, and the Kubernetes resources that hold them, as rules of ours.

Source: https://prometheus.io/docs/prometheus/latest/configuration/recording_rules/ and alerting_rules/.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Annotated, Any, Final

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, ValidationError, model_validator

from ...datasources.sources.promql import fault
from ...errors import InvalidError
from ...faults import said
from ...jsonpath import json_path
from ..templates.run import check as check_template
from .compiled import Declared
from .declared import OWN_LABELS, Rule
from .durations import SHORTEST_INTERVAL_MS, Duration, duration_ms, duration_text
from .naming import Called
from .recording import RecordingRule
from .yaml_texts import document_of

DEFAULT_INTERVAL: Final = "1m"
SOURCE: Final = "prometheus"
NOT_KEPT: Final = ("limit", "query_offset", "partial_response_strategy", "source_tenants")


@dataclass(frozen=True, slots=True)
class Fault:
    """What of a file is wrong, and where: a JSON path. `harmless`: its rules are taken all the same."""

    path: str
    detail: str
    harmless: bool = False


@dataclass(frozen=True, slots=True)
class Placed:
    """A rule of a file; `position` within its group, `path` within the file."""

    rule: Declared
    position: int
    path: str


@dataclass(frozen=True, slots=True)
class RuleFile:
    """The rules of a file that can be had, and what is wrong with the others."""

    rules: Sequence[Placed] = ()
    faults: Sequence[Fault] = field(default_factory=list)


# A key without a value is as good as none.
Texts = Annotated[dict[str, str], BeforeValidator(lambda value: value or {})]
Time = Annotated[str, BeforeValidator(lambda value: value or "0s")]
Listed = BeforeValidator(lambda value: value or [])


class FileRule(BaseModel):
    """A rule as Prometheus's files write it: either an alert or a record."""

    model_config = ConfigDict(extra="forbid")

    record: str = ""
    alert: str = ""
    expr: str = Field(min_length=1, max_length=100_000)
    for_: Time = Field("0s", alias="for")
    keep_firing_for: Time = "0s"
    labels: Texts = Field(default_factory=dict)
    annotations: Texts = Field(default_factory=dict)

    @model_validator(mode="after")
    def one_of_two(self) -> FileRule:
        if bool(self.record) == bool(self.alert):
            raise ValueError("a rule is either an alert or a record")
        if self.record and (self.annotations or self.for_ != "0s" or self.keep_firing_for != "0s"):
            raise ValueError("a record has neither annotations nor times")
        return self


class FileGroup(BaseModel):
    """A group of rules as Prometheus's files write it."""

    model_config = ConfigDict(extra="forbid")

    name: Called = Field(min_length=1, max_length=200)
    interval: str = ""
    labels: Texts = Field(default_factory=dict)
    rules: Annotated[list[Any], Listed] = Field(default_factory=list, max_length=10_000)
    limit: Annotated[int, BeforeValidator(lambda value: value or 0)] = 0
    query_offset: Annotated[Duration, BeforeValidator(lambda value: value or "0s")] = "0s"
    partial_response_strategy: str = ""
    source_tenants: Annotated[list[str], Listed] = Field(default_factory=list)


@dataclass(frozen=True, slots=True)
class Reading:
    """How a file is read: the folder of its rules, the source of their queries, the interval of groups that have none.

    `any_size`: long queries are parsed too, which takes long.
    """

    folder: str = ""
    datasource: str = SOURCE
    interval: str = DEFAULT_INTERVAL
    any_size: bool = False


def read(text: str, how: Reading | None = None) -> RuleFile:
    """The rules of a file. MalformedError for what is no YAML, InvalidError for what is no rule file at all."""
    rules: list[Placed] = []
    faults: list[Fault] = []
    names: set[str] = set()
    how = how or Reading()
    for prefix, groups in _groups(document_of(text)):
        for number, one in enumerate(groups):
            path = [*prefix, number]
            try:
                group = FileGroup.model_validate(one)
            except ValidationError as error:
                faults += _faults(error, path)
                continue
            if group.name in names:
                faults.append(Fault(json_path([*path, "name"]), f"two groups are {group.name}"))
                continue
            names.add(group.name)
            faults += _not_kept(one, path)
            made = _Group(group, how, path)
            made.read()
            rules += made.rules
            faults += made.faults
    return RuleFile(rules, faults)


class _Group:
    """A group as it is read: rules of the same name in it are told apart by their place among them."""

    def __init__(self, group: FileGroup, how: Reading, path: Sequence[int | str]) -> None:
        self._group = group
        self._how = how
        self._path = path
        self._seen: dict[tuple[str, str], int] = {}
        self.rules: list[Placed] = []
        self.faults: list[Fault] = []
        self._common = {"folder": how.folder, "group": group.name, "interval": self._interval()}

    def _interval(self) -> str:
        """How often it is evaluated; as often as a rule may be where it is to be more often."""
        text, shortest = self._group.interval, duration_text(SHORTEST_INTERVAL_MS)
        try:
            ms = duration_ms(text) if text else 0
        except ValueError:
            return text  # its rules say what is wrong with it
        if 0 < ms < SHORTEST_INTERVAL_MS:
            said = f"{text} is too often: its rules are evaluated every {shortest}"
            self.faults.append(Fault(json_path([*self._path, "interval"]), said, harmless=True))
            return shortest
        return text if ms else self._how.interval

    def read(self) -> None:
        for position, document in enumerate(self._group.rules):
            if document == "":  # a dash without a rule: Prometheus passes it over
                continue
            path = [*self._path, "rules", position]
            try:
                one = FileRule.model_validate(document)
            except ValidationError as error:
                self.faults += _faults(error, path)
            else:
                self._take(one, position, path)

    def _take(self, one: FileRule, position: int, path: Sequence[int | str]) -> None:
        """The rule, or all that is wrong with it: what its parts say, and what its expression says."""
        try:
            rule = self._declared(one, self._labels(one, path))
            found = _of_templates(rule, path)
        except ValidationError as error:
            found = _faults(error, path)
        except InvalidError as error:
            found = [Fault(error.path or json_path(path), error.detail)]
        at = json_path([*path, "expr"])
        if at not in {one.path for one in found} and (wrong := fault(one.expr, any_size=self._how.any_size)):
            found.append(Fault(at, wrong))
        if found:
            self.faults += found
        else:
            self.rules.append(Placed(rule, position, json_path(path)))

    def _labels(self, one: FileRule, path: Sequence[int | str]) -> dict[str, str]:
        """Those of the rule and of its group. What an alert is called by replaces a label of that name, as it does for
        Prometheus."""
        labels = {**self._group.labels, **one.labels}
        for name in sorted(OWN_LABELS & labels.keys()) if one.alert else ():
            where = json_path([*(path if name in one.labels else self._path), "labels", name])
            check_template(labels.pop(name), where)
            self.faults.append(
                Fault(where, f"{name} is what the alert is called: the label is not kept", harmless=True)
            )
        return labels

    def _declared(self, one: FileRule, labels: Mapping[str, str]) -> Declared:
        kind, name = ("record", one.record) if one.record else ("alert", one.alert)
        number = self._seen[kind, name] = self._seen.get((kind, name), 0) + 1
        common = {**self._common, "rule_id": _id(self._group.name, kind, name, number)}
        target = {"ref": "A", "datasource": self._how.datasource, "query": one.expr}
        if one.record:
            return RecordingRule.model_validate({**common, "record": name, "target": target, "labels": labels})
        return Rule.model_validate(
            {
                **common,
                "title": name,
                "targets": [target],
                "condition": {},
                "for": one.for_,
                "keep_firing_for": one.keep_firing_for,
                "missing_after": 1,
                "no_data": "Normal",
                "error": "KeepLast",
                "labels": labels,
                "annotations": one.annotations,
            }
        )


def _groups(documents: Sequence[Any]) -> list[tuple[list[int | str], list[Any]]]:
    """The lists of groups in a file, each with where it stands; PrometheusRule resources and lists of them too."""
    found: list[tuple[list[int | str], list[Any]]] = []
    for document in documents:
        if not isinstance(document, dict):
            raise InvalidError("a rule file has groups", path="$.groups")
        if document.get("kind") == "List":
            items = document.get("items")
            for number, item in enumerate(items if isinstance(items, list) else []):
                if isinstance(item, dict) and item.get("kind") == "PrometheusRule":
                    found.append((["items", number, "spec", "groups"], _list_in(item.get("spec"), "$.items")))
        elif document.get("kind") == "PrometheusRule":
            found.append((["spec", "groups"], _list_in(document.get("spec"), "$.spec.groups")))
        else:
            found.append((["groups"], _list_in(document, "$.groups")))
    if not found:
        raise InvalidError("a rule file has groups", path="$.groups")
    return found


def _list_in(document: Any, path: str) -> list[Any]:
    groups = document.get("groups") if isinstance(document, dict) else None
    if groups == "":
        return []
    if not isinstance(groups, list):
        raise InvalidError("a rule file has groups, which are a list", path=path)
    return groups


def _not_kept(group: Any, path: Sequence[int | str]) -> list[Fault]:
    """What Prometheus would do and we do not: it is said, and the rules are taken all the same."""
    found = [name for name in NOT_KEPT if isinstance(group, Mapping) and group.get(name) not in (None, "", "0", "0s")]
    said = "is not kept; the rules are taken without it"
    return [Fault(json_path([*path, name]), f"{name} {said}", harmless=True) for name in found]


def _of_templates(rule: Declared, path: Sequence[int | str]) -> list[Fault]:
    """The templates that cannot be read."""
    found: list[Fault] = []
    for where, texts in (("labels", rule.labels), ("annotations", rule.annotations)) if isinstance(rule, Rule) else ():
        for name, text in texts.items():
            try:
                check_template(text, json_path([*path, where, name]))
            except InvalidError as error:
                found.append(Fault(error.path or json_path(path), error.detail))
    return found


def _faults(error: ValidationError, path: Sequence[int | str]) -> list[Fault]:
    return [
        Fault(json_path([*path, *_in_file(fault["loc"])]), said(fault))
        for fault in error.errors(include_url=False, include_input=False)
    ]


def _in_file(location: Sequence[int | str]) -> list[int | str]:
    """Where a fault of a rule of ours stands in the file."""
    if list(location[:1]) in (["targets"], ["target"]):
        return ["expr"]
    return ["alert"] if list(location) == ["title"] else list(location)


def _id(group: str, kind: str, name: str, number: int) -> str:
    """The id of a rule of a file: the same whenever the file is read, unless its group or name changes."""
    digest = hashlib.blake2b(f"{group}\0{kind}\0{name}\0{number}".encode(), digest_size=4).hexdigest()
    readable = re.sub(r"[^A-Za-z0-9]+", "-", name).strip("-")[:50]
    return f"{readable}-{digest}" if readable else digest
