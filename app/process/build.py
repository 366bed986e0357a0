"""Which build of Heliograph runs: its version, and a digest of its code that tells two builds of one version apart."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from functools import cache
from importlib.util import find_spec
from pathlib import Path
from typing import Final

ROOMS: Final = ("app", "components", "datasources", "alerting", "storage")
PUBLIC: Final = "app/root/"  # `heliograph` itself where the rooms stand at the root of a checkout
SHOWN: Final = 12  # characters of the digest


@cache
def build() -> str:
    """The digest of all files of the rooms, read once (a tenth of a second: call it from a thread); the same wherever
    they are installed."""
    digest = hashlib.sha256()
    for name, path in _files():
        digest.update(f"{name}\0{path.stat().st_size}\0".encode())
        digest.update(path.read_bytes())
    return digest.hexdigest()[:SHOWN]


def _files() -> Iterator[tuple[str, Path]]:
    """Their names in one order; what Python makes of them is none of them."""
    found = {}
    for room in ROOMS:
        spec = find_spec(f"heliograph.{room}")
        for root in map(Path, spec.submodule_search_locations or ()) if spec else ():
            for path in root.rglob("*"):
                name = f"{room}/{path.relative_to(root).as_posix()}"
                if path.is_file() and "__pycache__" not in path.parts and not name.startswith(PUBLIC):
                    found[name] = path
    yield from sorted(found.items())
