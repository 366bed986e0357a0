"""Texts are read one at a time, by turns of who asks, beside all other work."""

from __future__ import annotations

import asyncio
import threading

from heliograph.datasources.parsing import Parsing


async def test_whoever_sends_many_texts_waits_for_their_own_and_no_other_work_does() -> None:
    parsing, may, read = Parsing(), threading.Event(), []

    def slowly(text: str) -> str:
        may.wait(20)
        read.append(text)
        return text

    async with asyncio.timeout(20):
        many = [asyncio.create_task(parsing.run("1/user:7", slowly, f"mine {number}")) for number in range(40)]
        await asyncio.sleep(0)
        other = asyncio.create_task(parsing.run("1/user:8", slowly, text="theirs"))
        await asyncio.sleep(0)
        many[-1].cancel()
        assert await asyncio.to_thread(len, "abc") == 3, "threads of other work are free"
        may.set()
        assert await other == "theirs"
        await asyncio.gather(*many, return_exceptions=True)
    assert read.index("theirs") == 1
    assert len(read) == 40


async def test_who_goes_while_their_text_is_read_keeps_their_turn_until_it_is() -> None:
    parsing, may, begun = Parsing(), threading.Event(), threading.Event()

    def slowly() -> None:
        begun.set()
        may.wait(20)

    async with asyncio.timeout(20):
        leaver = asyncio.create_task(parsing.run("a", slowly))
        await asyncio.to_thread(begun.wait, 20)
        leaver.cancel()
        after = asyncio.create_task(parsing.run("b", str, 5))
        await asyncio.sleep(0)
        assert not leaver.done()
        may.set()
        assert await after == "5"
        assert leaver.cancelled() or await asyncio.gather(leaver, return_exceptions=True)
