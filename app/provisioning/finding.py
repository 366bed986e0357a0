"""Which files an operator's folders hold now: dashboards and rules by their endings, without reading them.

Links are followed where they end inside of the folder, as config maps of Kubernetes have them; hidden names are not
looked at.
"""

from __future__ import annotations

import os
import stat
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

ENDINGS: Final = (".json", ".yml", ".yaml")
MAX_FILES: Final = 20_000
MAX_BYTES: Final = 4 * 2**20


@dataclass(frozen=True, slots=True)
class FileFault:
    """What is wrong with a file, and where in it: a JSON path."""

    file: str
    path: str
    detail: str

    def __str__(self) -> str:
        return f"{self.file}:{self.path}: {self.detail}"


@dataclass(frozen=True, slots=True)
class Place:
    """A folder or file that is named in the settings: `folder` is the uid of that its dashboards go to, empty: none.

    `datasource` answers the queries of rules that name none.
    """

    path: str
    folder: str = ""
    title: str = ""
    datasource: str = "prometheus"


@dataclass(frozen=True, slots=True)
class Found:
    """A file. `name` is as people are told it; `stamp` is another once it was written."""

    name: str
    place: Place
    path: Path
    stamp: tuple[int, int, int]


def find(places: Sequence[Place]) -> tuple[list[Found], list[FileFault]]:
    """The files of all places, in order of their names, and what is in the way of having them all."""
    found: list[Found] = []
    faults: list[FileFault] = []
    for place in places:
        for one in _below(place):
            if isinstance(one, FileFault):
                faults.append(one)
            elif len(found) == MAX_FILES:
                faults.append(FileFault(place.path, "$", f"there are more than {MAX_FILES} files"))
                break
            else:
                found.append(one)
    return sorted(found, key=lambda one: one.name), faults


def _below(place: Place) -> Iterator[Found | FileFault]:
    base = Path(place.path)
    try:
        root = base.resolve(strict=True)
        if root.is_file():
            yield from _file(place, root, place.path, root)
            return
    except (OSError, RuntimeError) as error:
        yield FileFault(place.path, "$", _why(error))
        return
    yield from _folder(place, root, "", root, frozenset())


def _folder(place: Place, folder: Path, below: str, root: Path, above: frozenset[Path]) -> Iterator[Found | FileFault]:
    """The files of a folder and of those in it; one that holds itself by a link is gone through once."""
    try:
        with os.scandir(folder) as entries:
            names = sorted((entry.name, entry.is_dir()) for entry in entries if not entry.name.startswith("."))
    except OSError as error:
        yield FileFault(os.path.join(place.path, below), "$", _why(error))
        return
    for name, is_folder in names:
        path, told = folder / name, f"{below}/{name}".strip("/")
        if is_folder:
            real = path.resolve()
            if real in above or real == root:
                continue
            if path.is_symlink() and not real.is_relative_to(root):
                yield FileFault(f"{place.path.rstrip('/')}/{told}", "$", "a link that leads out of the folder")
                continue
            yield from _folder(place, path, told, root, above | {real})
        elif name.lower().endswith(ENDINGS):
            yield from _file(place, path, f"{place.path.rstrip('/')}/{told}", root)


def _file(place: Place, path: Path, name: str, root: Path) -> Iterator[Found | FileFault]:
    try:
        known = path.stat()
        if path.is_symlink() and not path.resolve(strict=True).is_relative_to(root):
            yield FileFault(name, "$", "a link that leads out of the folder")
        elif not stat.S_ISREG(known.st_mode):
            yield FileFault(name, "$", "not a file")
        elif known.st_size > MAX_BYTES:
            yield FileFault(name, "$", f"a file has at most {MAX_BYTES // 2**20} MB")
        else:
            yield Found(name, place, path, (known.st_mtime_ns, known.st_size, known.st_ino))
    except (OSError, RuntimeError) as error:
        yield FileFault(name, "$", _why(error))


def _why(error: BaseException) -> str:
    """What a person reads of an error of the operating system; nothing of where it happened."""
    if isinstance(error, FileNotFoundError):
        return "there is no such file or folder"
    return str(getattr(error, "strerror", None) or "it cannot be read").lower()
