"""Rule files: those that an operator names in the settings, those that a command brings, and those it only checks."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from pathlib import Path

import structlog

from ...alerting.rules.keeping import as_new_of_prometheus
from ...alerting.rules.prometheus_file import SOURCE, Placed, Reading, RuleFile, read
from ...alerting.rules.yaml_texts import MAX_BYTES
from ...datasources.sources.registry import choose
from ...errors import HeliographError, InvalidError, NotFoundError
from ...scope import DEFAULT_ORG
from ...storage.config.database import Database
from ...storage.config.datasources import without_secrets
from ...storage.config.folders import Folders
from ...storage.config.rules import Rules
from ..accounts import now_ms, opened
from ..demo.prometheus import remembered
from ..query_path import provisioned
from ..settings import Settings

log = structlog.get_logger(__name__)
BY = "provisioned"


def read_path(path: Path, how: Reading) -> RuleFile:
    """The rules of a file; InvalidError where there is no such file, or it is no text."""
    try:
        if path.stat().st_size > MAX_BYTES:
            raise InvalidError(f"a rule file has at most {MAX_BYTES // 2**20} MB", path="$")
        return read(path.read_text("utf-8"), how)
    except OSError as error:
        raise InvalidError(error.strerror or str(error), path="$") from None
    except UnicodeDecodeError:
        raise InvalidError("not UTF-8", path="$") from None


async def bring(settings: Settings, rules: Rules) -> None:
    """Make the rules of the settings' files those of the default org; rules of files that are not named any more go.

    A file that cannot be read leaves its rules as they are.
    """
    files = sorted({str(path.resolve()) for pattern in settings.rule_files for path in matching(pattern)})
    for file in files:
        try:
            found = read_path(Path(file), Reading())
            for fault in found.faults:
                log.warning("a rule of a file is left out", file=file, path=fault.path, fault=fault.detail)
            new = [as_new_of_prometheus(one, None, file) for one in found.rules]
            changed = await rules.replace(DEFAULT_ORG, file, new, by=BY, now_ms=now_ms())
            log.info("rule file", file=file, rules=len(new), changed=changed)
        except HeliographError as error:
            log.error("a rule file cannot be taken", file=file, fault=error.detail)
    for gone in await rules.origins(DEFAULT_ORG, by=BY) - set(files):
        await rules.replace(DEFAULT_ORG, gone, [], by=BY, now_ms=now_ms())


def matching(pattern: str) -> Iterable[Path]:
    """The files of a pattern; a name without one is itself, there or not."""
    path = Path(pattern)
    if not any(sign in pattern for sign in "*?["):
        return [path]
    base = Path(path.anchor or ".")
    return sorted(base.glob(str(path.relative_to(base) if path.anchor else path)))


async def import_files(settings: Settings, paths: Sequence[Path], datasource: str = SOURCE, folder: str = "") -> str:
    """Make the rules of files, or change those that were imported before; InvalidError with all faults of a file, or
    with its rules where the data source that they ask is not there.

    What was done, in a line behind those of what is not kept.
    """
    read_files = [read_path(path, Reading(folder, datasource, any_size=True)) for path in paths]
    faults = [(path, fault) for path, found in zip(paths, read_files, strict=True) for fault in found.faults]
    lines = [f"{path}:{fault.path}: {fault.detail}" for path, fault in faults]
    if not all(fault.harmless for _, fault in faults):
        raise InvalidError("; ".join(lines[:20]))
    count = 0
    async with opened(settings) as database:
        if not await _is_there(settings, database, datasource):
            asking = [(path, one) for path, found in zip(paths, read_files, strict=True) for one in found.rules]
            raise InvalidError("; ".join(_without_source(path, one, datasource) for path, one in asking[:20]))
        rules = Rules(database)
        folder_id = (await Folders(database).get(DEFAULT_ORG, folder)).id if folder else None
        for placed in (one for found in read_files for one in found.rules):
            new = as_new_of_prometheus(placed, folder_id)
            try:
                before = await rules.get(DEFAULT_ORG, new.rule_id)
            except NotFoundError:
                await rules.create(DEFAULT_ORG, new, by="command line", now_ms=now_ms())
            else:
                await rules.update(DEFAULT_ORG, new, version=before.version, by="command line", now_ms=now_ms())
            count += 1
    return "\n".join([*lines, f"{count} rules"])


async def _is_there(settings: Settings, database: Database, datasource: str) -> bool:
    sources = [*provisioned(remembered(settings)), *await without_secrets(database, DEFAULT_ORG)]
    return choose(sources, datasource) is not None


def _without_source(path: Path, placed: Placed, datasource: str) -> str:
    rule = placed.rule
    return f"{path}:{placed.path}: {rule.title}: there is no data source {datasource}; --datasource names another"
