"""All files together: read anew where they were written, and whole only where nothing is wrong with any of them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from ...components.panels.registry import PanelRegistry
from ...storage.config.provisioned import Wanted
from .finding import FileFault, Found, Place, find
from .reading import Contents, read_file


@dataclass(frozen=True, slots=True)
class Whole:
    """What the files of all places hold. It is brought only where there is no fault."""

    wanted: Wanted
    files: int
    faults: Sequence[FileFault] = ()
    warnings: Sequence[FileFault] = ()


class Files:
    """The files of places, each kept as it was read until it is written again. Not for two threads at once."""

    def __init__(self, places: Sequence[Place], panels: PanelRegistry, *, any_size: bool = False) -> None:
        self._places = places
        self._panels = panels
        self._any_size = any_size
        self._read: dict[str, tuple[Found, Contents]] = {}

    def look(self) -> tuple[Sequence[Found], Sequence[FileFault]]:
        """The files as they lie there now; another answer means that something was written, made or taken away."""
        return find(self._places)

    def read(self, found: Sequence[Found], faults: Sequence[FileFault]) -> Whole:
        """What they hold."""
        kept: dict[str, tuple[Found, Contents]] = {}
        for file in found:
            before = self._read.get(file.name)
            same = before is not None and before[0] == file and not before[1].faults
            kept[file.name] = before if before is not None and same else (file, self._contents(file))
        self._read = kept
        contents = [one for _, one in kept.values()]
        told = [*faults, *(fault for one in contents for fault in one.faults), *_told_twice(kept)]
        return Whole(
            wanted=Wanted(
                {place.folder: place.title or place.folder for place in reversed(self._places) if place.folder},
                [dashboard for one in contents for dashboard in one.dashboards],
                [rule for one in contents for rule in one.rules],
            ),
            files=len(kept),
            faults=told,
            warnings=[warning for one in contents for warning in one.warnings],
        )

    def _contents(self, file: Found) -> Contents:
        return read_file(file, self._panels, any_size=self._any_size)


def _told_twice(read: dict[str, tuple[Found, Contents]]) -> list[FileFault]:
    """Ids that two files have, or one file twice."""
    faults: list[FileFault] = []
    first: dict[tuple[str, str], str] = {}
    for name, (_, contents) in read.items():
        ids = [("dashboard", one.dashboard_id) for one in contents.dashboards]
        ids += [("rule", one.rule.rule_id) for one in contents.rules]
        for kind, given in ids:
            other = first.setdefault((kind, given), name)
            if other is not name or ids.count((kind, given)) > 1:
                place = f"$.{kind}_id"
                where = f"{other} has" if other is not name else "this file has"
                faults.append(FileFault(name, place, f"{where} a {kind} with the id {given} too"))
    return faults
