"""Files of pages as they are sent: whoever comes first waits for no slow packing."""

from __future__ import annotations

import asyncio
import gzip

import cramjam
import pytest
from fixtures.waiting import WAIT_S

from heliograph.app.pages import static_files
from heliograph.app.pages.static_files import SentFiles

TEXT = b"let words = 'the same again';\n" * 50


async def test_a_file_is_sent_by_gzip_at_first_and_by_brotli_later(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(static_files, "PACK_AFTER_S", 0.0)
    files = SentFiles(lambda _: TEXT)
    body, encoding = await files.packed("a.js", "gzip, deflate, br")
    assert (gzip.decompress(body), encoding) == (TEXT, "gzip")
    async with asyncio.timeout(WAIT_S):
        while (await files.packed("a.js", "gzip, deflate, br"))[1] != "br":
            await asyncio.sleep(0)
    body, _ = await files.packed("a.js", "br")
    assert bytes(cramjam.brotli.decompress(body)) == TEXT
    assert (await files.packed("a.js", "gzip"))[1] == "gzip"
    assert await files.packed("a.js", "") == (TEXT, "")
