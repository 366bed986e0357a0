"""What each role of `serve` runs in its own process; each module has `run(settings)`."""

from __future__ import annotations

import asyncio
import contextlib
import faulthandler
from importlib import import_module

from ...errors import SettingsError
from ..process.garbage import collect_seldom
from ..process.logs import configure_logs
from ..process.supervisor import STACKS
from ..settings import Settings
from .cages import CAGES

ROLES = ("view", "alert", "work", "store", "files")


def run_role(name: str, settings: Settings) -> None:
    """Run a role until told to stop; SettingsError for a name that is none. A role loads only what it needs."""
    if name not in ROLES:
        raise SettingsError(f"there is no role {name}: {', '.join(ROLES)}")
    collect_seldom()
    configure_logs(settings.log_level, name)
    faulthandler.register(STACKS)  # what hangs says where, before the supervisor ends it
    if name in CAGES:
        CAGES[name](settings).close()
    with contextlib.suppress(ImportError):
        import_module("uvloop").install()
    asyncio.run(import_module(f".{name}", __name__).run(settings))
