"""What a file of Grafana's holds: the classic document, whether it stands in an envelope, or is one of version 2."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from ...errors import InvalidError
from .given import Notes
from .version2 import as_classic

# Dashboards of ours have neither of these; Grafana's have at least one.
SURE: Final = frozenset({"schemaVersion", "templating", "apiVersion", "elements", "rows", "__inputs"})


def is_of_grafana(document: Any) -> bool:
    """Whether a JSON document is a dashboard in Grafana's form."""
    if not isinstance(document, Mapping):
        return False
    inner = document.get("dashboard")
    return bool(SURE & document.keys()) or (isinstance(inner, Mapping) and bool(SURE & inner.keys()))


def classic_of(document: Mapping[str, Any], notes: Notes) -> Mapping[str, Any]:
    """The classic dashboard of a file: of an answer of its API, a resource, or version 2's elements and layout.

    InvalidError where it is none of these.
    """
    inner = document.get("dashboard")
    if isinstance(inner, Mapping) and "panels" not in document and "rows" not in document:
        return classic_of(inner, notes)
    spec = document.get("spec")
    if isinstance(spec, Mapping) and "apiVersion" in document:
        metadata = document.get("metadata")
        name = metadata.get("name") if isinstance(metadata, Mapping) else None
        own = {"uid": name} if isinstance(name, str) and "uid" not in spec else {}
        return as_classic({**spec, **own}, notes) if "elements" in spec else {**spec, **own}
    if "elements" in document and "layout" in document:
        return as_classic(document, notes)
    if not ({"panels", "rows", "templating", "schemaVersion"} & document.keys()):
        raise InvalidError("not a dashboard of Grafana: it has neither panels nor rows", path="$")
    return document
