"""Garbage collection as a server needs it: seldom, and never over what is there to stay.

With Python's own thresholds a burst of thousands of requests spent a third of its CPU in collections, and some of them
held the loop up for 100 ms: each went through all modules again, and through all requests under way.
"""

from __future__ import annotations

import gc

YOUNG_OBJECTS = 50_000  # containers made and not freed before a look for cycles, which then takes some ms


def tune_garbage_collection() -> None:
    """Call where all is loaded: what is there now is never looked through again."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(YOUNG_OBJECTS)
