"""The demo's alert rules of this machine; one of them a person can make fire by loading a core."""

from __future__ import annotations

import contextlib
import json
from pathlib import Path
from typing import Any

from ...alerting.rules.checking import parsed
from ...alerting.rules.keeping import as_new
from ...errors import DuplicateError, NotFoundError, VersionConflictError
from ...scope import DEFAULT_ORG
from ...storage.config.repositories import Repositories

FILE = Path(__file__).parent / "alert_rules" / "machine.json"


def documents() -> list[dict[str, Any]]:
    """The rules as the API takes them."""
    found: list[dict[str, Any]] = json.loads(FILE.read_text("utf-8"))
    return found


async def bring_rules(config: Repositories, folder_id: int | None, *, by: str, now_ms: int) -> None:
    """Make the rules that are missing; one that a person has saved since is left as it is."""
    for position, document in enumerate(documents()):
        new = as_new(parsed(document), folder_id, position)
        with contextlib.suppress(DuplicateError, VersionConflictError):  # another node brings it at this moment
            try:
                stored = await config.rules.get(DEFAULT_ORG, new.rule_id)
            except NotFoundError:
                await config.rules.create(DEFAULT_ORG, new, by=by, now_ms=now_ms)
                continue
            if stored.updated_by == by and stored.config != new.config:
                await config.rules.update(DEFAULT_ORG, new, version=stored.version, by=by, now_ms=now_ms)
