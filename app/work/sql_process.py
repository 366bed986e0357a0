"""The process that runs SQL over answers: in DuckDB, in memory, shut in, one SELECT at a time, within limits.

It reads messages from standard input and writes answers to standard output, each with its length before it. Each
statement gets a database of its own, in which there is nothing but the tables that came with it: no file, no network,
no extension, no setting can be reached, and what DuckDB says a statement is, is what is judged. Whoever started it ends
it where a statement cannot be told to stop.
"""

from __future__ import annotations

import os
import signal
import struct
import sys
import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Any, Final

from ...pathless import pathless
from ..http.framed import pack, unpack

LENGTH: Final = struct.Struct("<I")
DEADLINE_S: Final = 10.0
MAX_ROWS: Final = 100_000
MAX_BYTES: Final = 64 * 2**20
NICENESS: Final = 5  # living views go first
BATCH_ROWS: Final = 10_000
MEMORY: Final = "512MB"
DATA: Final = 2**30  # of memory of its own, beyond what the process has before it is asked anything
# In this order: what comes after the last two cannot be changed any more, by whatever a statement says.
SETTINGS: Final = (
    "SET temp_directory = ''",
    "SET secret_directory = ''",
    f"SET memory_limit = '{MEMORY}'",
    "SET threads = 1",
    "SET TimeZone = 'UTC'",
    "SET python_enable_replacements = false",
    "SET autoinstall_known_extensions = false",
    "SET autoload_known_extensions = false",
    "SET allow_community_extensions = false",
    "SET enable_external_access = false",
    "SET lock_configuration = true",
)


def answered(message: bytes, watch: Watch) -> bytes:
    """The answer to one message: rows as a stream of Arrow, or what is wrong, in words for whoever asks."""
    import duckdb  # noqa: PLC0415 - the process says so where it is not installed

    head, buffers = unpack(message)
    sql = head["sql"]
    try:
        rows = run(duckdb, sql, dict(zip(head["tables"], buffers, strict=True)), watch)
    except (duckdb.InterruptException, TimeoutError):
        return pack({"error": f"the SQL took longer than {DEADLINE_S:g} s", "code": "source_timeout"}, [])
    except (duckdb.OutOfMemoryException, duckdb.InternalException, MemoryError):
        return pack({"error": f"the SQL needs more than {MEMORY} of memory", "code": "source_error"}, [])
    except (duckdb.Error, ValueError, OverflowError, RecursionError) as error:
        text = str(error).strip().splitlines() or [type(error).__name__]
        return pack({"error": pathless(text[0], sql)[:500], "code": "source_error"}, [])
    return pack({}, [memoryview(rows)])


def run(duckdb: Any, sql: str, tables: dict[str, memoryview], watch: Watch) -> bytes:
    """The rows of the one SELECT that a text is; ValueError and DuckDB's own errors where it is not or fails."""
    import pyarrow as pa  # noqa: PLC0415 - beside the other

    with duckdb.connect(":memory:") as connection:
        for setting in SETTINGS:
            connection.execute(setting)
        for name, data in tables.items():
            with pa.ipc.open_stream(pa.py_buffer(data)) as reader:
                connection.register(name, reader.read_all())
        statements = duckdb.extract_statements(sql)
        if len(statements) != 1 or statements[0].type != duckdb.StatementType.SELECT:
            raise ValueError("exactly one SELECT is allowed")
        with watch.over(connection):
            return read(pa, connection.sql(statements[0]).to_arrow_reader(BATCH_ROWS))


def read(pa: Any, reader: Any) -> bytes:
    """All rows, up to the limits; ValueError beyond them."""
    batches: list[Any] = []
    rows = size = 0
    for batch in reader:
        rows, size = rows + batch.num_rows, size + batch.nbytes
        if rows > MAX_ROWS or size > MAX_BYTES:
            raise ValueError(f"the SQL answers more than {MAX_ROWS} rows, or {MAX_BYTES // 2**20} MiB")
        batches.append(batch)
    sink = pa.BufferOutputStream()
    with pa.ipc.new_stream(sink, reader.schema) as writer:
        for batch in batches:
            writer.write_batch(batch)
    return bytes(sink.getvalue())


class Watch:
    """Interrupts a statement once its time is over: a thread that is there before the bounds are."""

    def __init__(self) -> None:
        self._begun, self._over = threading.Event(), threading.Event()
        self._connection: Any = None
        threading.Thread(target=self._look, daemon=True).start()

    @contextmanager
    def over(self, connection: Any) -> Iterator[None]:
        """Have what runs in there interrupted after DEADLINE_S."""
        self._connection = connection
        self._over.clear()
        self._begun.set()
        try:
            yield
        finally:
            self._over.set()

    def _look(self) -> None:
        while self._begun.wait():
            self._begun.clear()
            if not self._over.wait(DEADLINE_S):
                self._connection.interrupt()
                self._over.wait()


def shut_in() -> None:
    """Bounds that the kernel holds: memory, files, cores, whatever a statement makes of DuckDB."""
    import resource  # noqa: PLC0415 - of POSIX alone

    with open("/proc/self/statm", encoding="ascii") as statm:
        now = int(statm.read().split()[5]) * resource.getpagesize()
    for limit, most in (
        (resource.RLIMIT_DATA, now + DATA),
        (resource.RLIMIT_FSIZE, 0),
        (resource.RLIMIT_CORE, 0),
    ):
        resource.setrlimit(limit, (most, most))


def main(arguments: Sequence[str] = ()) -> None:
    """Answer until the input ends."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # a terminal's goes to the parent too, who ends this process
    answers, sys.stdout = sys.stdout.buffer, sys.stderr  # what a library prints is no answer
    import duckdb  # noqa: F401, PLC0415 - loaded before the bounds
    import pyarrow.ipc  # noqa: F401, PLC0415

    os.chdir("/")
    os.environ["HOME"] = "/"  # no setting and no message names a folder of whoever runs this
    watch = Watch()
    os.nice(NICENESS)
    if sys.platform.startswith("linux"):
        shut_in()
    while head := sys.stdin.buffer.read(LENGTH.size):
        body = answered(sys.stdin.buffer.read(LENGTH.unpack(head)[0]), watch)
        answers.write(LENGTH.pack(len(body)) + body)
        answers.flush()


if __name__ == "__main__":
    main()
