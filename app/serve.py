"""What `serve` and `demo` run: the roles as commands for the supervisor, over one data directory."""

from __future__ import annotations

import asyncio
import contextlib
import fcntl
import secrets
import socket
from collections.abc import Collection, Iterator, Mapping
from importlib.util import find_spec
from pathlib import Path
from urllib.parse import urlsplit

import structlog

from ..errors import StartupError
from .auth.secret import load_or_create_secret
from .configuration import as_environment
from .process import work_address
from .process.alert_role import AlertRole
from .process.lifeline import stop_event
from .process.private_files import make_directory, say_if_open
from .process.pulse import Port
from .process.supervisor import Command, supervise
from .process.work_address import WorkAddress
from .settings import STORE_USER, Settings

log = structlog.get_logger(__name__)
STORE_HEARS = ("HELIOGRAPH_DATA_DIR", "HELIOGRAPH_LOG_LEVEL")
WORK_HEARS = (
    *STORE_HEARS,
    "HELIOGRAPH_HOST",
    "HELIOGRAPH_PORT",
    "HELIOGRAPH_COLLECT_HOST",
    "HELIOGRAPH_METRICS_URL",
    work_address.PORT,
    work_address.SECRET,
)


def run(settings: Settings, extra: Mapping[str, str]) -> int:
    """Run all roles until told to stop; the exit code. `extra` is added to each role's environment."""
    prepare(settings)
    with held(settings.data_dir):
        return asyncio.run(_run(settings, extra))


async def _run(settings: Settings, extra: Mapping[str, str]) -> int:
    return await supervise(commands(settings, extra), stop_event())


def prepare(settings: Settings) -> None:
    """Make the data directory and the secret key, and say what is in the way of starting."""
    try:
        make_directory(settings.data_dir)
        say_if_open(settings.data_dir)
    except OSError as error:
        raise StartupError(f"{settings.data_dir}: {error.strerror}") from None
    load_or_create_secret(settings.data_dir, settings.secret_key)
    if not settings.metrics_url.get_secret_value() and find_spec("chdb") is None:
        raise StartupError(
            "the embedded store is not installed: pip install 'heliograph[embedded]', or set metrics_url"
        )
    if settings.redis_url.get_secret_value() and not settings.database_url.get_secret_value():
        log.warning("for several nodes", missing="database_url: PostgreSQL; this SQLite file is one node's alone")
    if settings.port and not _can_bind(settings.host, settings.port):
        raise StartupError(f"{settings.host}:{settings.port} is in use: name another with --port, or make demo PORT=…")


@contextlib.contextmanager
def held(data_dir: Path) -> Iterator[None]:
    """Hold the data directory's lock; StartupError where another `serve` does."""
    with (data_dir / "serve.lock").open("w") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise StartupError(f"{data_dir} is in use by another heliograph") from None
        yield


def commands(settings: Settings, extra: Mapping[str, str]) -> list[Command]:
    """The roles in the order in which they stop: viewers first, the store last."""
    alerts = AlertRole(free_port())
    environment = {**as_environment(settings), **extra, **alerts.as_environment()}
    draws = find_spec("datashader") is not None
    answers: Port | None = None  # where the work role does
    if draws:
        address = WorkAddress(free_port(), secrets.token_urlsafe(32))
        environment |= address.as_environment()
        answers = Port("127.0.0.1", address.port)
    works = settings.collect_host or draws
    store: list[Command] = []
    if not settings.metrics_url.get_secret_value():
        port, secret = _store_address(settings.data_dir)
        environment["HELIOGRAPH_METRICS_URL"] = f"http://{STORE_USER}:{secret}@127.0.0.1:{port}/"
        own = {"HELIOGRAPH_ROLE_STORE_PORT": str(port), "HELIOGRAPH_ROLE_STORE_SECRET": secret}
        heard = {**chosen(environment, STORE_HEARS), **own}
        store = [Command("store", ["role", "store"], heard, handed=True, port=Port("127.0.0.1", port))]
    heard = chosen(environment, WORK_HEARS)
    work = [Command("work", ["role", "work"], heard, handed=True, port=answers)] if works else []
    served = Port(settings.host, settings.port) if settings.port else None
    view = Command("view", ["role", "view"], environment, port=served)
    alert = Command("alert", ["role", "alert"], environment, port=Port("127.0.0.1", alerts.port))
    files = [Command("files", ["role", "files"], environment)] if settings.provisioning else []
    return [view, *files, alert, *work, *store]


def chosen(environment: Mapping[str, str], keys: Collection[str]) -> dict[str, str]:
    """What a role that runs what people wrote is told: what it needs, and no other secret."""
    return {key: environment[key] for key in keys if key in environment}


def _store_address(data_dir: Path) -> tuple[int, str]:
    """The store's port and secret: those of the last run where they can be had again, so that other nodes find it."""
    try:
        url = urlsplit((data_dir / "store.url").read_text("utf-8").strip())
        port, secret = url.port or 0, url.password or ""
    except (OSError, ValueError):
        port, secret = 0, ""
    if not port or not _can_bind("127.0.0.1", port):
        port = free_port()
    return port, secret or secrets.token_urlsafe(32)


def free_port() -> int:
    """A port of loopback that nobody has at this moment."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def _can_bind(host: str, port: int) -> bool:
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    with socket.socket(family) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((host, port))
        except OSError:
            return False
    return True
