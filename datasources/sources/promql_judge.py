"""The process that parses long PromQL, which its parser takes quadratic time and any depth of stack for.

Texts come on standard input and numbers go to standard output, each behind its length. It ends with its parent, and
whoever asks it ends it where a text takes too long.
"""

from __future__ import annotations

import resource
import signal
import struct
import sys
from typing import BinaryIO

from .promql import horizon

LENGTH = struct.Struct("<I")
ANSWER = struct.Struct("<d")
MAX_MEMORY = 2**30


def serve(source: BinaryIO, sink: BinaryIO) -> None:
    """Answer until the input ends."""
    while head := source.read(LENGTH.size):
        text = source.read(LENGTH.unpack(head)[0]).decode()
        sink.write(ANSWER.pack(horizon(text)))
        sink.flush()


if __name__ == "__main__":
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # a terminal's goes to the parent too, who ends this process
    resource.setrlimit(resource.RLIMIT_AS, (MAX_MEMORY, MAX_MEMORY))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    answers, sys.stdout = sys.stdout.buffer, sys.stderr  # what a library prints is no answer
    serve(sys.stdin.buffer, answers)
