"""Landlock: a process shuts itself into what it needs of the file system and of TCP, for good, and all its threads.

Called before any thread starts: the kernel cages the thread that asks, and those that come of it.
Source: the kernel's Documentation/userspace-api/landlock.rst. UDP and sockets with a path are not covered.
"""

from __future__ import annotations

import ctypes
import os
import sys
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

import structlog

log = structlog.get_logger(__name__)
CREATE_RULESET, ADD_RULE, RESTRICT_SELF = 444, 445, 446
VERSION = 1  # the flag that asks CREATE_RULESET for the ABI
NO_NEW_PRIVILEGES = 38
PATH_BENEATH, NET_PORT = 1, 2
BIND_TCP, CONNECT_TCP = 1, 2
SCOPES = 3  # abstract sockets and signals stay within
READ = (1 << 0) | (1 << 2) | (1 << 3)  # execute, read files, list folders
FILE_ONLY = (1 << 0) | (1 << 1) | (1 << 2) | (1 << 14)  # what a rule for a file, not a folder, may grant
FILE_RIGHTS = {1: 13, 2: 14, 3: 15, 4: 15}  # ABI → rights of the file system that it knows; 16 from 5 on
SYSTEM = ("/usr", "/lib", "/lib64", "/bin", "/etc/ld.so.cache", "/etc/localtime", "/sys", "/dev/urandom")
NETWORK_FILES = ("/etc/hosts", "/etc/resolv.conf", "/etc/nsswitch.conf", "/etc/ssl", "/etc/host.conf", "/run/systemd")


class _Ruleset(ctypes.Structure):
    _fields_ = [("fs", ctypes.c_uint64), ("net", ctypes.c_uint64), ("scoped", ctypes.c_uint64)]


class _Beneath(ctypes.Structure):
    _pack_ = 1
    _fields_ = [("access", ctypes.c_uint64), ("fd", ctypes.c_int32)]


class _Port(ctypes.Structure):
    _fields_ = [("access", ctypes.c_uint64), ("port", ctypes.c_uint64)]


@dataclass(frozen=True, slots=True)
class Cage:
    """What is left to a process: folders that it owns, what it reads, ports that it binds and connects to."""

    owns: tuple[Path, ...] = ()
    reads: tuple[Path, ...] = ()
    binds: tuple[int, ...] = ()
    connects: tuple[int, ...] = ()

    def close(self) -> bool:
        """Shut this process in. False, and a line in the log, where the platform cannot; OSError where it fails."""
        abi = landlock_abi()
        if not abi:
            log.warning("not caged", reason="this platform has no Landlock: the file system is open to the role")
            return False
        every = (1 << FILE_RIGHTS.get(abi, 16)) - 1
        rules = _Ruleset(every, BIND_TCP | CONNECT_TCP if abi >= 4 else 0, SCOPES if abi >= 6 else 0)
        ruleset = _syscall(CREATE_RULESET, ctypes.byref(rules), _size(abi), 0)
        try:
            for folder in self.owns:
                _allow_path(ruleset, folder, every)
            for path in (*self.reads, *installation(), *map(Path, SYSTEM)):
                _allow_path(ruleset, path, READ)
            for device in ("/dev/null", "/dev/zero"):
                _allow_path(ruleset, Path(device), every)
            if abi >= 4:
                _allow_ports(ruleset, self.binds, BIND_TCP)
                _allow_ports(ruleset, self.connects, CONNECT_TCP)
            _library().prctl(NO_NEW_PRIVILEGES, 1, 0, 0, 0)
            _syscall(RESTRICT_SELF, ruleset, 0)
        finally:
            os.close(ruleset)
        log.info("caged", landlock=abi, network="its ports" if abi >= 4 else "open", owns=len(self.owns))
        return True


def landlock_abi() -> int:
    """The version of Landlock that the kernel speaks; 0 where it has none."""
    if not sys.platform.startswith("linux"):
        return 0
    return max(int(_library().syscall(CREATE_RULESET, None, ctypes.c_size_t(0), VERSION)), 0)


def kept_from_cages() -> dict[str, bool]:
    """What a closed cage keeps from a role on this machine: the `files` and the `network` that are not its own."""
    abi = landlock_abi()
    return {"files": abi >= 1, "network": abi >= 4}


def installation() -> Iterable[Path]:
    """Where Python, its libraries and our own code lie: this package's folders alone, not what stands beside them."""
    yield from (Path(sys.prefix), Path(sys.base_prefix))
    yield from (Path(entry) for entry in sys.path if entry.endswith((".zip", "site-packages", "dist-packages")))
    root = __name__.partition(".")[0]
    for name in (root, *(f"{root}.{part}" for part in ("app", "alerting", "components", "datasources", "storage"))):
        module = sys.modules.get(name) or _imported(name)
        yield from map(Path, getattr(module, "__path__", []))


def _imported(name: str) -> object:
    from importlib import import_module  # noqa: PLC0415 - beside its only use

    try:
        return import_module(name)
    except ImportError:
        return None


def own_proc() -> Path:
    """This process's folder of /proc: other processes' are not beneath it."""
    return Path("/proc") / str(os.getpid())


def _library() -> ctypes.CDLL:
    return ctypes.CDLL(None, use_errno=True)


def _size(abi: int) -> ctypes.c_size_t:
    """How much of the ruleset a kernel of that ABI knows."""
    return ctypes.c_size_t(8 if abi < 4 else 16 if abi < 6 else 24)


def _syscall(number: int, *arguments: object) -> int:
    answer = int(_library().syscall(number, *arguments))
    if answer < 0:
        raise OSError(ctypes.get_errno(), os.strerror(ctypes.get_errno()))
    return answer


def _allow_path(ruleset: int, path: Path, access: int) -> None:
    """What is not there needs no rule."""
    try:
        descriptor = os.open(path, os.O_PATH | os.O_CLOEXEC)
    except OSError:
        return
    try:
        granted = access if path.is_dir() else access & FILE_ONLY
        _syscall(ADD_RULE, ruleset, PATH_BENEATH, ctypes.byref(_Beneath(granted, descriptor)), 0)
    finally:
        os.close(descriptor)


def _allow_ports(ruleset: int, ports: Iterable[int], access: int) -> None:
    for port in filter(None, ports):
        _syscall(ADD_RULE, ruleset, NET_PORT, ctypes.byref(_Port(access, port)), 0)
