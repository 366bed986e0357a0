"""`heliograph check`: faults of dashboard and rule files, each as `file:json-path: message`."""

from __future__ import annotations

import runpy
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

from ..components.panels.registry import PanelRegistry
from ..errors import InvalidError
from .provisioning.finding import Place
from .provisioning.places import places_of
from .provisioning.whole import Files
from .settings import Settings


def check_paths(paths: Sequence[Path], panels: PanelRegistry) -> Iterator[str]:
    """Each fault of files, and of folders as they would be provisioned, as one line; a file of Python is run."""
    for path in paths:
        if path.suffix == ".py":
            yield from check_program(path)
        else:
            yield from check_places([Place(str(path))], panels)


def check_provisioned(settings: Settings, panels: PanelRegistry) -> Iterator[str]:
    """Each fault of what the settings provision; InvalidError where they name nothing."""
    if not settings.provisioning:
        raise InvalidError("name files or folders, or a [[provisioning]] in the configuration file")
    yield from check_places(places_of(settings), panels)


def check_places(places: Sequence[Place], panels: PanelRegistry) -> Iterator[str]:
    """The same for files and folders together, as they would be brought."""
    files = Files(places, panels, any_size=True)
    whole = files.read(*files.look())
    for fault in (*whole.faults, *whole.warnings):
        yield str(fault)


def check_program(path: Path) -> Iterator[str]:
    """What is wrong with the dashboards that a file of Python declares, or with the file."""
    try:
        with _beside(path):
            runpy.run_path(str(path), run_name="__check__")
    except InvalidError as error:
        yield f"{path}:{error.path or '$'}: {error.detail}"
    except SyntaxError as error:
        yield f"{path}:$: line {error.lineno}: {error.msg}"
    except SystemExit as error:  # the files after it are checked all the same
        if error.code not in (None, 0):
            yield f"{path}:$: it ended with {error.code}"
    except Exception as error:  # noqa: BLE001 - whatever somebody's file raises is what is wrong with it
        yield f"{path}:$: {type(error).__name__}: {error}"


@contextmanager
def _beside(path: Path) -> Iterator[None]:
    """A file finds the modules that lie beside it, as Python has it; the next file does not find them."""
    before, folder = set(sys.modules), str(path.parent.resolve())
    sys.path.insert(0, folder)
    try:
        yield
    finally:
        sys.path.remove(folder)
        for name in set(sys.modules) - before:
            if (getattr(sys.modules[name], "__file__", None) or "").startswith(f"{folder}/"):
                del sys.modules[name]
