"""`heliograph check`: faults of dashboard files, each as `file:json-path: message`."""

from __future__ import annotations

import json
import runpy
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from ..components.panels.registry import PanelRegistry
from ..components.spec import parse_dashboard
from ..errors import InvalidError


def check_file(path: Path, panels: PanelRegistry) -> Iterator[str]:
    """Each fault of one file as one line; nothing where it is good. A file of Python is run."""
    if path.suffix == ".py":
        yield from check_program(path)
        return
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


def check_program(path: Path) -> Iterator[str]:
    """What is wrong with the dashboards that a file of Python declares, or with the file."""
    try:
        runpy.run_path(str(path), run_name="__check__")
    except InvalidError as error:
        yield f"{path}:{error.path or '$'}: {error.detail}"
    except SyntaxError as error:
        yield f"{path}:$: line {error.lineno}: {error.msg}"
    except Exception as error:  # noqa: BLE001 - whatever somebody's file raises is what is wrong with it
        yield f"{path}:$: {type(error).__name__}: {error}"


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
