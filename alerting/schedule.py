"""When a group of rules is evaluated: at aligned times, moved by an offset of its own so that not all come at once."""

from __future__ import annotations

import hashlib


def offset_ms(key: str, interval_ms: int) -> int:
    """The place of a group within its interval: the same on every node and after every start."""
    digest = hashlib.blake2b(key.encode(), digest_size=8).digest()
    return int.from_bytes(digest, "big") % interval_ms


def due_ms(now_ms: int, key: str, interval_ms: int) -> int:
    """The last scheduled time that is not later than `now_ms`."""
    offset = offset_ms(key, interval_ms)
    return (now_ms - offset) // interval_ms * interval_ms + offset


def next_ms(after_ms: int, key: str, interval_ms: int) -> int:
    """The first scheduled time that is later than `after_ms`."""
    return due_ms(after_ms, key, interval_ms) + interval_ms


def missed(last_ms: int | None, at_ms: int, interval_ms: int) -> int:
    """How many evaluations should have been between two that were."""
    return 0 if last_ms is None else max(0, (at_ms - last_ms) // interval_ms - 1)
