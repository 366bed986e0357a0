"""The local spool: numbered batches on disk, fsynced before they are acknowledged, removed once the store has them."""

from __future__ import annotations

import os
import secrets
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pyarrow as pa

SUFFIX = ".arrow"


@dataclass(frozen=True, slots=True)
class Batch:
    """One sealed batch. `token` names it for ever: the store takes it once, however often it is sent."""

    token: str
    path: Path
    series: pa.Table
    samples: pa.Table


class Spool:
    """A directory of sealed batches, in the order of their numbers. All methods block on the disk."""

    def __init__(self, directory: Path) -> None:
        directory.mkdir(mode=0o700, parents=True, exist_ok=True)
        self._directory = directory
        self._name = self._identity()
        self._next = 1 + max((int(path.stem) for path in self._sealed()), default=self._last_number())

    def seal(self, series: pa.Table, samples: pa.Table) -> Batch:
        """Write one batch; it is on disk when this returns."""
        number = self._next
        self._next += 1
        path = self._directory / f"{number:012d}{SUFFIX}"
        unfinished = path.with_suffix(".tmp")
        with unfinished.open("wb") as file:
            for table in (series, samples):
                with pa.ipc.new_stream(file, table.schema) as writer:
                    writer.write_table(table)
            file.flush()
            os.fsync(file.fileno())
        unfinished.rename(path)
        self._sync_directory()
        return Batch(f"{self._name}-{number}", path, series, samples)

    def pending(self) -> Iterator[Batch]:
        """What was sealed and never removed, the oldest first: what a crash left."""
        for path in sorted(self._sealed()):
            with path.open("rb") as file:
                series, samples = (pa.ipc.open_stream(file).read_all() for _ in range(2))
            yield Batch(f"{self._name}-{int(path.stem)}", path, series, samples)

    def remove(self, batch: Batch) -> None:
        """The store has the batch. Its number is kept first, so that no later batch is given it again."""
        self._keep_number(int(batch.path.stem))
        batch.path.unlink(missing_ok=True)

    def _sealed(self) -> list[Path]:
        return [path for path in self._directory.glob(f"*{SUFFIX}") if path.stem.isdigit()]

    def _identity(self) -> str:
        """A name of this spool that no other shares, so that two nodes' numbers never meet in one store."""
        path = self._directory / "identity"
        if not path.exists():
            path.write_text(secrets.token_hex(8), "utf-8")
        return path.read_text("utf-8")

    def _last_number(self) -> int:
        try:
            return int((self._directory / "last").read_text("utf-8"))
        except (OSError, ValueError):
            return 0

    def _keep_number(self, number: int) -> None:
        if number <= self._last_number():
            return
        unfinished = self._directory / "last.tmp"
        with unfinished.open("w") as file:
            file.write(str(number))
            file.flush()
            os.fsync(file.fileno())
        unfinished.rename(self._directory / "last")

    def _sync_directory(self) -> None:
        descriptor = os.open(self._directory, os.O_RDONLY)
        try:
            os.fsync(descriptor)
        finally:
            os.close(descriptor)
