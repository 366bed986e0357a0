"""Scripts and styles of the installed Panel and Bokeh that its applications need: found when first asked for."""

from __future__ import annotations

from functools import lru_cache
from importlib.metadata import PackageNotFoundError, version
from importlib.util import find_spec
from pathlib import Path

from ..pages.static_files import BOKEH_JS, SentFiles

# Where Panel's models look for what is Panel's, below whatever path they are told.
PANEL = "static/extensions/panel"
SUFFIXES = frozenset({".js", ".css", ".svg", ".woff2", ".ttf"})
FOLDERS = ("css", "bundled/datatabulator", "bundled/font-awesome", "bundled/theme")
BOKEH_SCRIPTS = ("bokeh-widgets.min.js", "bokeh-tables.min.js")


@lru_cache(1)
def installed_version() -> str:
    """What the addresses of these files carry, so that browsers may keep them; empty where Panel is not installed."""
    try:
        return f"{version('bokeh')}-{version('panel')}"
    except PackageNotFoundError:
        return ""


@lru_cache(1)
def files() -> dict[str, Path]:
    """The files by their names below the version."""
    found = {name: BOKEH_JS / name for name in BOKEH_SCRIPTS}
    dist = panel_dist()
    if dist is None:
        return found
    found[f"{PANEL}/panel.min.js"] = dist / "panel.min.js"
    for folder in FOLDERS:
        for path in (dist / folder).rglob("*"):
            if path.suffix in SUFFIXES:
                found[f"{PANEL}/{path.relative_to(dist).as_posix()}"] = path
    return found


def panel_dist() -> Path | None:
    """The folder of Panel's files; Panel itself is not loaded."""
    found = find_spec("panel")
    if found is None or not found.submodule_search_locations:
        return None
    return Path(found.submodule_search_locations[0]) / "dist"


@lru_cache(1)
def scripts() -> tuple[str, ...]:
    """What a page loads after BokehJS, in this order."""
    tabulator = sorted(name for name in files() if "/datatabulator/" in name and name.endswith(".min.js"))
    return (*BOKEH_SCRIPTS, *tabulator, f"{PANEL}/panel.min.js")


def read(name: str) -> bytes:
    """The bytes of one of Panel's files; KeyError where there is none."""
    return files()[name].read_bytes()


PANEL_FILES = SentFiles(read)
