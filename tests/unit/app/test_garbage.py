"""How a server collects garbage."""

from __future__ import annotations

import subprocess
import sys

PROGRAM = """
import gc
from heliograph.app.process.garbage import YOUNG_OBJECTS, collect_seldom, keep_what_is_loaded

collect_seldom()
keep_what_is_loaded()
assert gc.get_freeze_count() > 10_000, gc.get_freeze_count()
seen = []
gc.callbacks.append(lambda phase, info: seen.append(info["generation"]))
burst = [[n] for n in range(YOUNG_OBJECTS // 2)]
assert not seen, seen
burst += [[n] for n in range(YOUNG_OBJECTS)]
assert set(seen) == {0}, seen
"""


def test_a_burst_is_looked_through_once_and_what_was_there_before_it_never() -> None:
    subprocess.run([sys.executable, "-c", PROGRAM], check=True, timeout=60)
