"""What the process of explore writes of messages that make no sense."""

from __future__ import annotations

import logging

import pytest

pytest.importorskip("panel", reason="panel is not installed: pip install 'heliograph[work]'")

from heliograph.app.work.panel_server import MOST_CHARS, Few


def test_messages_of_pages_fill_no_log() -> None:
    few = Few()
    records = [logging.LogRecord("b", logging.ERROR, "", 0, "message: %r", ("x" * 60_000,), None) for _ in range(500)]
    written = [one for one in records if few.filter(one)]
    assert 1 <= len(written) <= 5
    assert all(len(one.getMessage()) <= MOST_CHARS for one in written)
