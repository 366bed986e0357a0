"""A file's dashboards and rules, checked as the API checks them; each fault with its JSON path."""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import structlog

from ...alerting.rules.checking import parsed
from ...alerting.rules.compiled import ENVELOPE as RULE_ENVELOPE
from ...alerting.rules.keeping import as_new, as_new_of_prometheus
from ...alerting.rules.prometheus_file import Reading, read
from ...components.grafana.convert import converted
from ...components.grafana.envelope import is_of_grafana
from ...components.panels.registry import PanelRegistry
from ...components.saved import ENVELOPE, as_config
from ...components.spec import parse_dashboard
from ...errors import HeliographError, InvalidError, MalformedError
from ...jsonpath import json_path
from ...storage.config.provisioned import FileDashboard, FileRule
from ...storage.config.rules import NewRule
from ..http.strict_json import from_strict
from ..http.texts import check_texts
from .finding import MAX_BYTES, FileFault, Found
from .yamldoc import check_size, parse_yaml

log = structlog.get_logger(__name__)
RULE_KEYS = frozenset({"rule_id", "condition", "record"})
KUBERNETES = ("PrometheusRule", "List")
NO_PATH = "$"


@dataclass(frozen=True, slots=True)
class Contents:
    """What a file holds, or what is wrong with it; `warnings` change nothing."""

    dashboards: Sequence[FileDashboard] = ()
    rules: Sequence[FileRule] = ()
    faults: Sequence[FileFault] = ()
    warnings: Sequence[FileFault] = ()


def read_file(file: Found, panels: PanelRegistry, *, any_size: bool = False) -> Contents:
    """The contents of a file. `any_size`: long queries of rules are parsed too, which takes long."""
    try:
        text = _text_of(file)
        documents = _documents_of(text, file.name)
        check_texts(documents[0] if len(documents) == 1 else documents)
        return _contents(file, text, documents, panels, any_size=any_size)
    except HeliographError as error:
        found = error.extra.get("faults") or [{"path": error.path or NO_PATH, "detail": error.detail}]
        return Contents(faults=[_fault(file, one["path"], one["detail"]) for one in found])
    except Exception as error:  # a file that is too much for a check of ours is at fault, and hinders no other
        log.exception("a file cannot be checked", file=file.name)
        return Contents(faults=[_fault(file, NO_PATH, f"it cannot be checked: {type(error).__name__}")])


def _text_of(file: Found) -> str:
    try:
        with file.path.open("rb") as opened:
            found = opened.read(MAX_BYTES + 1)
    except FileNotFoundError:
        raise MalformedError("it went while it was read") from None
    except OSError as error:
        raise MalformedError((error.strerror or "it cannot be read").lower()) from None
    if len(found) > MAX_BYTES:
        raise MalformedError(f"a file has at most {MAX_BYTES // 2**20} MB")
    try:
        return found.decode("utf-8-sig")
    except UnicodeDecodeError:
        raise MalformedError("not UTF-8") from None


def _documents_of(text: str, name: str) -> list[Any]:
    """The documents of a file; one of JSON has one."""
    if name.lower().endswith((".yml", ".yaml")):
        return parse_yaml(text)
    try:
        document = from_strict(text, object_pairs_hook=_once)
    except RecursionError:
        raise MalformedError("not JSON: it is nested too deep") from None
    except ValueError as error:
        raise MalformedError(f"not JSON: {str(error)[:300]}") from None
    check_size(document)
    return [document]


def _once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    made = dict(pairs)
    if len(made) != len(pairs):
        names = [name for name, _ in pairs]
        twice = next(name for name in names if names.count(name) > 1)
        raise ValueError(f"the key {twice[:60]} is there twice")
    return made


def _contents(file: Found, text: str, documents: Sequence[Any], panels: PanelRegistry, *, any_size: bool) -> Contents:
    if not documents:
        raise InvalidError("it is empty", path=NO_PATH)
    first = documents[0]
    if isinstance(first, Mapping) and ("groups" in first or first.get("kind") in KUBERNETES):
        return _of_prometheus(file, text, any_size=any_size)
    if len(documents) > 1:
        raise InvalidError("a file has one document, unless it holds rules of Prometheus", path=NO_PATH)
    if isinstance(first, list):
        return _of_rules(file, first, [])
    if not isinstance(first, Mapping):
        raise InvalidError("a dashboard is a JSON object, and so is a rule", path=NO_PATH)
    if isinstance(first.get("rules"), list):
        return _of_rules(file, first["rules"], ["rules"])
    if RULE_KEYS & first.keys():
        return Contents(rules=[FileRule(_rule(file, first, 0), file.place.folder)])
    if is_of_grafana(first):
        return _of_grafana(file, first, panels)
    return Contents(dashboards=[_dashboard(file, first, panels)])


def _dashboard(file: Found, document: Mapping[str, Any], panels: PanelRegistry) -> FileDashboard:
    kept = {name: value for name, value in document.items() if name not in ENVELOPE}
    dashboard = parse_dashboard(kept)
    panels.validate(dashboard)
    text = json.dumps(as_config(dashboard), ensure_ascii=False, separators=(",", ":"))
    digest = hashlib.sha256(text.encode()).hexdigest()
    return FileDashboard(dashboard.dashboard_id or id_of(file.name), text, file.place.folder, file.name, digest)


def _of_grafana(file: Found, document: Mapping[str, Any], panels: PanelRegistry) -> Contents:
    """A dashboard in Grafana's own form; what is not carried over is told, and hinders nothing."""
    made = converted(document, panels)
    return Contents(
        dashboards=[_dashboard(file, made.document, panels)],
        warnings=[FileFault(file.name, NO_PATH, str(note)) for note in made.notes],
    )


def _of_prometheus(file: Found, text: str, *, any_size: bool) -> Contents:
    found = read(text, Reading(file.place.folder, file.place.datasource, any_size=any_size))
    told = [_fault(file, one.path, one.detail) for one in found.faults if not one.harmless]
    rules = [as_new_of_prometheus(one, None, file.name) for one in found.rules]
    return Contents(
        rules=[FileRule(one, file.place.folder) for one in rules],
        faults=told,
        warnings=[_fault(file, one.path, one.detail) for one in found.faults if one.harmless],
    )


def _of_rules(file: Found, documents: Sequence[Any], above: list[int | str]) -> Contents:
    """Rules of ours, in the order in which they stand."""
    rules: list[FileRule] = []
    faults: list[FileFault] = []
    for number, document in enumerate(documents):
        place = json_path([*above, number])
        try:
            if not isinstance(document, Mapping):
                raise InvalidError("a rule is a JSON object", path=NO_PATH)
            rules.append(FileRule(_rule(file, document, number), file.place.folder))
        except InvalidError as error:
            for path, detail in _each(error):
                faults.append(_fault(file, place + path.removeprefix("$"), detail))
    return Contents(rules=rules, faults=faults)


def _rule(file: Found, document: Mapping[str, Any], position: int) -> NewRule:
    kept = {name: value for name, value in document.items() if name not in RULE_ENVELOPE}
    rule = parsed({**kept, "folder": file.place.folder})
    new = as_new(rule, None, position, file.name)
    return new if new.rule_id else replace(new, rule_id=id_of(f"{file.name}#{position}"))


def _each(error: InvalidError) -> Iterator[tuple[str, str]]:
    for one in error.extra.get("faults") or [{"path": error.path or NO_PATH, "detail": error.detail}]:
        yield one["path"], one["detail"]


def _fault(file: Found, path: str, detail: str) -> FileFault:
    return FileFault(file.name, path, detail.removeprefix(f"{path}: "))


def id_of(name: str) -> str:
    """The id of what has none: the same for as long as its file is called so."""
    stem = name.replace("\\", "/").rsplit("/", 1)[-1].rsplit(".", 1)[0]
    readable = re.sub(r"[^A-Za-z0-9]+", "-", stem).strip("-")[:50]
    digest = hashlib.blake2b(name.encode(), digest_size=4).hexdigest()
    return f"{readable}-{digest}" if readable else digest
