"""What the roles that run what people wrote may reach: closed before they load anything that starts a thread."""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable, Mapping
from pathlib import Path
from urllib.parse import urlsplit

from ...storage.metrics.whereabouts import write_url
from ..process.cage import NETWORK_FILES, Cage, own_proc
from ..process.work_address import PORT as WORK_PORT
from ..settings import Settings

STORE_PORT, STORE_SECRET = "HELIOGRAPH_ROLE_STORE_PORT", "HELIOGRAPH_ROLE_STORE_SECRET"
MACHINE = ("/proc/meminfo", "/proc/cpuinfo", "/proc/stat", "/proc/sys", "/proc/loadavg", "/proc/filesystems")
DEFAULT_PORTS = {"http": 8123, "https": 8443}


def store_cage(settings: Settings) -> Cage:
    """Its own folder and its own port. It says where it answers before it cannot write there any more."""
    port = int(os.environ[STORE_PORT])
    write_url(settings.data_dir, port, os.environ[STORE_SECRET])
    own = _with_temporary(settings.data_dir / "store")
    return Cage(owns=(own,), reads=(own_proc(), *map(Path, MACHINE)), binds=(port,))


def work_cage(settings: Settings) -> Cage:
    """Its spool, its own port, this machine's figures; it asks the view role of its node and writes to the store."""
    own = _with_temporary(settings.data_dir / "work")
    compiled = _compiled()
    metrics = urlsplit(settings.metrics_url.get_secret_value())
    return Cage(
        owns=(_made(settings.data_dir / "spool"), own, _made(compiled)),
        reads=(Path("/proc"), *map(Path, NETWORK_FILES)),  # of other processes it sees no more than anybody
        binds=(int(os.environ.get(WORK_PORT) or 0),),
        connects=(settings.port, metrics.port or DEFAULT_PORTS.get(metrics.scheme, 0)),
    )


def _compiled() -> Path:
    """Where machine code is kept from one start to the next: of all of this user, for it takes long to make."""
    cache = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "heliograph" / "compiled"
    return Path(os.environ.setdefault("NUMBA_CACHE_DIR", str(cache)))


def _with_temporary(folder: Path) -> Path:
    """A folder whose temporary files lie within it, those of the last run gone."""
    temporary = _made(folder) / "tmp"
    shutil.rmtree(temporary, ignore_errors=True)
    os.environ["TMPDIR"] = str(_made(temporary).resolve())
    return folder


def _made(folder: Path) -> Path:
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    return folder


CAGES: Mapping[str, Callable[[Settings], Cage]] = {"store": store_cage, "work": work_cage}
