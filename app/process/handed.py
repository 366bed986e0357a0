"""What a role is told by its parent over standard input, so that no secret stands in its environment.

One line of JSON, before anything else: /proc/<pid>/environ shows what a process was started with for as long as it
lives, to the process itself too.
"""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Mapping, MutableMapping

from ...child import plain_environment

MARK = "HELIOGRAPH_ROLE_HANDED"
MAX_BYTES = 1_000_000


def clean_environment(environ: Mapping[str, str]) -> dict[str, str]:
    """An environment without anything that an operator said to us, or to others."""
    return {**plain_environment(environ), MARK: "1", "HELIOGRAPH_CONFIG": os.devnull}


def as_line(told: Mapping[str, str]) -> bytes:
    """What a child is told on its standard input."""
    return json.dumps(dict(told)).encode() + b"\n"


def take(environ: MutableMapping[str, str]) -> None:
    """Read what the parent says into this process's own copy of its environment, where it says anything."""
    if environ.pop(MARK, "") != "1":
        return
    line = bytearray()
    descriptor = sys.stdin.fileno()
    while not line.endswith(b"\n") and len(line) < MAX_BYTES:
        byte = os.read(descriptor, 1)  # not one more: what follows is the parent's life
        if not byte:
            break
        line += byte
    environ.update(json.loads(line or b"{}"))
