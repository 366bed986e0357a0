"""What we write is for this account alone: files of an installation hold hashes, secrets and what people measure."""

from __future__ import annotations

import contextlib
import os
import stat
import sys
from pathlib import Path

import structlog

log = structlog.get_logger(__name__)
OTHERS = stat.S_IRWXG | stat.S_IRWXO
BESIDE = ("", "-wal", "-shm", "-journal")  # what SQLite writes beside a database


def keep_to_ourselves() -> None:
    """From now on nothing that this process and its children make is readable by other accounts."""
    os.umask(OTHERS)


def make_directory(path: Path) -> None:
    """Make the data directory, mode 0700, where it is not there. OSError where it cannot be made."""
    path.mkdir(mode=0o700, parents=True, exist_ok=True)


def close_database(path: Path) -> None:
    """Take a SQLite database, and what stands beside it, from the eyes of others; nothing where there is none."""
    for ending in BESIDE:
        close_file(path.with_name(path.name + ending))


def close_file(file: Path) -> None:
    """Take a file from the eyes of others; nothing where there is none."""
    with contextlib.suppress(FileNotFoundError, PermissionError):  # another account's: opening it says so
        if file.stat().st_mode & OTHERS:
            file.chmod(0o600)


def say_if_open(directory: Path) -> None:
    """A line on standard error and in the log where other accounts may enter the directory, which is its owner's."""
    mode = stat.S_IMODE(directory.stat().st_mode)
    if mode & OTHERS:
        log.warning("the data directory is open to others", path=str(directory), mode=f"{mode:04o}")
        print(
            f"heliograph: {directory} may be entered by other accounts (mode {mode:04o}): chmod 700 {directory}",
            file=sys.stderr,
        )
