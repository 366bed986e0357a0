"""Garbage collection as a server needs it: seldom, and never over what is there to stay.

With Python's own thresholds a burst of thousands of requests spent a third of its CPU in collections, and some of them
held the loop up for 100 ms: each went through all modules again, and through all requests under way.
"""

from __future__ import annotations

import gc

YOUNG_OBJECTS = 50_000  # containers made and not freed before a look for cycles, which then takes some ms


def collect_seldom() -> None:
    """Call before modules are loaded, which takes a sixth less time then."""
    gc.set_threshold(YOUNG_OBJECTS)


def keep_what_is_loaded() -> None:
    """Call where all is loaded: what is there now is never looked through again."""
    gc.collect()
    gc.freeze()
