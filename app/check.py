"""`heliograph check`: faults of dashboard files, each as `file:json-path: message`."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from ..components.panels.registry import PanelRegistry
from ..components.spec import parse_dashboard
from ..errors import InvalidError


def check_file(path: Path, panels: PanelRegistry) -> Iterator[str]:
    """Each fault of one file as one line; nothing where it is good."""
    try:
        document = json.loads(path.read_text("utf-8"))
    except OSError as error:
        yield f"{path}:$: {error.strerror or error}"
        return
    except (UnicodeDecodeError, json.JSONDecodeError, RecursionError) as error:
        yield f"{path}:$: not JSON: {error}"
        return
    for where, message in check_dashboard(document, panels):
        yield f"{path}:{where}: {message}"


def check_dashboard(document: Any, panels: PanelRegistry) -> Iterator[tuple[str, str]]:
    """Each fault of a dashboard's JSON document as its path and what is wrong there."""
    if not isinstance(document, dict):
        yield "$", "a dashboard is a JSON object"
        return
    try:
        panels.validate(parse_dashboard(document))
    except InvalidError as error:
        for fault in error.extra.get("faults") or [{"path": error.path or "$", "detail": error.detail}]:
            yield fault["path"], fault["detail"]
