"""What was being made ready as this node's process died: kept in a file, so that the next one does not die of it."""

from __future__ import annotations

import contextlib
import json
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import structlog

from ...errors import StartupError

log = structlog.get_logger(__name__)
FILE = "warming.json"
MAX_KNOWN = 1000
Version = tuple[int, str, int]  # org, dashboard, its version


@dataclass(slots=True)
class Suspects:
    """Marks each dashboard before it is opened and takes the mark away after.

    A mark that a former process left behind makes that version suspect: it is made ready alone, after all others. One
    that was alone as a process died is left out until it is saved anew.
    """

    path: Path
    under_way: list[Version] = field(default_factory=list)
    suspect: set[Version] = field(default_factory=set)
    left_out: dict[Version, int] = field(default_factory=dict)  # when, ms

    @classmethod
    def of(cls, data_dir: Path, now_ms: int) -> Suspects:
        """What a former process left; StartupError where the file cannot be written."""
        path = data_dir / FILE
        found = cls(path)
        document = _read(path)
        before = _versions(document.get("under_way"))
        found.suspect = {*before, *_versions(document.get("suspect"))}
        found.left_out = {tuple(row[:3]): row[3] for row in document.get("left_out", []) if len(row) == 4}
        if len(before) == 1:
            found.left_out[before[0]] = now_ms
            found.suspect.discard(before[0])
            log.warning("a dashboard ended this node as it was made ready: it is left out", dashboard=before[0][1])
        try:
            found._write()
        except OSError as error:
            raise StartupError(f"{path}: {error.strerror}") from None
        return found

    @contextlib.contextmanager
    def opening(self, version: Version) -> Iterator[None]:
        """Marked while it is opened; an error that is only an error takes the mark away too."""
        self.under_way.append(version)
        self._write()
        try:
            yield
        finally:
            self.under_way.remove(version)
            self.suspect.discard(version)
            self._write()

    def left_out_since(self, version: Version) -> int | None:
        """Since when (ms) a version is left out; None where it is not."""
        return self.left_out.get(version)

    def _write(self) -> None:
        document = {
            "under_way": self.under_way,
            "suspect": sorted(self.suspect)[:MAX_KNOWN],
            "left_out": [[*version, at_ms] for version, at_ms in list(self.left_out.items())[-MAX_KNOWN:]],
        }
        beside = self.path.with_suffix(".new")
        beside.write_text(json.dumps(document), "utf-8")
        beside.replace(self.path)


def _read(path: Path) -> dict[str, Any]:
    try:
        document = json.loads(path.read_text("utf-8"))
    except (OSError, ValueError):
        return {}
    return document if isinstance(document, dict) else {}


def _versions(rows: Any) -> list[Version]:
    return [(int(row[0]), str(row[1]), int(row[2])) for row in rows or () if len(row) == 3]
