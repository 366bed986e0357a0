"""The process that compiles layouts: reads what is wanted from standard input, writes layouts to standard output.

Both are pickles with their length before them, spoken by one process and the child that it started. It ends with its
parent: standard input ends then.
"""

from __future__ import annotations

import pickle
import signal
import struct
import sys
from typing import Any, BinaryIO

from ...errors import HeliographError
from ..compile import compile_layout
from ..panels.registry import PanelRegistry, default_registry

LENGTH = struct.Struct("<I")


def frame(document: Any) -> bytes:
    """One message."""
    body = pickle.dumps(document)
    return LENGTH.pack(len(body)) + body


def compiled(registry: PanelRegistry, name: str, options: Any, shape: Any) -> Any:
    """The layout, or the text of what is wrong with it."""
    try:
        return compile_layout(registry.get(name), options, shape)
    except HeliographError as error:
        return error.detail
    except Exception as error:  # noqa: BLE001 - the asker's panel shows it; the process goes on for all others
        return f"{type(error).__name__}: {error}"


def serve(source: BinaryIO, sink: BinaryIO) -> None:
    """Answer until the input ends."""
    registry = default_registry()
    while head := source.read(LENGTH.size):
        name, options, shape = pickle.loads(source.read(LENGTH.unpack(head)[0]))  # noqa: S301 - from our parent alone
        sink.write(frame(compiled(registry, name, options, shape)))
        sink.flush()


if __name__ == "__main__":
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # a terminal's goes to the parent too, who ends this process
    answers, sys.stdout = sys.stdout.buffer, sys.stderr  # what a library prints is no answer
    serve(sys.stdin.buffer, answers)
