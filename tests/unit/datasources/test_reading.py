"""Reading answers of others: what is too much is refused, and what nobody waits for any more is read no further."""

from __future__ import annotations

import asyncio
import time

import pytest

from heliograph.datasources.sources.json_formats import READERS, Format
from heliograph.datasources.sources.reading import LOOK_EVERY, MAX_STRUCTURES, MAX_VALUES, Reading, StoppedError, never
from heliograph.errors import SourceError

ROWS = 5 * LOOK_EVERY
LONG: dict[Format, bytes] = {
    "json": b"[" + b"0.5," * ROWS + b"1]",
    "ndjson": b'{"a": "x"}\n' * ROWS,
    "csv": b"a,b\n" + b"1,2\n" * ROWS,
    "xml": b"<a>" + b"<b/>" * ROWS + b"</a>",
}
OUTGROWN: list[tuple[Format, bytes]] = [
    ("json", b"[" + b"[]," * MAX_STRUCTURES + b"[]]"),
    ("json", b"[" + b"1," * MAX_VALUES + b"1]"),
    ("ndjson", b"\n" * (MAX_VALUES + 1)),
    ("csv", b",".join(b"n%d" % number for number in range(100_000)) + b"\n" + b"1\n" * 1000),
    ("xml", b"<a>" + b"<b/>" * MAX_STRUCTURES + b"</a>"),
    ("xml", b"<a " + b" ".join(b'a%d=""' % number for number in range(200_000)) + b"/>"),
]


@pytest.mark.parametrize("form", LONG)
def test_what_nobody_waits_for_any_more_is_read_no_further(form: Format) -> None:
    assert len(READERS[form](LONG[form], never)) >= 1
    looked = []

    def stopped() -> bool:
        looked.append(1)
        return True

    with pytest.raises(StoppedError):
        READERS[form](LONG[form], stopped)
    assert looked == [1]


@pytest.mark.parametrize(("form", "body"), OUTGROWN)
def test_what_is_many_times_as_much_in_memory_is_refused(form: Format, body: bytes) -> None:
    with pytest.raises(SourceError, match=r"more than|longer than"):
        READERS[form](body, never)


async def test_work_is_told_to_stop_once_nobody_waits_for_it() -> None:
    reading, began, ended = Reading(), asyncio.Event(), []
    loop = asyncio.get_running_loop()

    def work(stopped: object) -> None:
        assert callable(stopped)
        loop.call_soon_threadsafe(began.set)
        while not stopped():
            time.sleep(0.001)
        ended.append("stopped")

    task = asyncio.create_task(reading.run_stoppable("user:1", work))
    await began.wait()
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    assert ended == ["stopped"]
    assert await reading.run_stoppable("user:1", lambda stopped: stopped()) is False
