"""What the templates of one evaluation may take: each is bounded, but thousands of alerts may have dozens of them."""

from __future__ import annotations

from collections.abc import Callable
from time import perf_counter
from typing import Final

LOOP_S: Final = 0.01  # of the loop
THREAD_S: Final = 5.0
MAX_WRITTEN: Final = 4_000_000  # characters of all texts of an evaluation
TOO_MUCH: Final = "<error expanding template: the templates of this rule take too long, or write too much>"


class NeedsThreadError(Exception):
    """The templates of an evaluation take longer than the loop has for them."""


class Spending:
    """Counts what templates take. Past the bounds their texts are TOO_MUCH; `on_loop`: NeedsThreadError where it takes
    longer than the loop has."""

    def __init__(self, *, on_loop: bool) -> None:
        self._on_loop = on_loop
        self._until_s = perf_counter() + (LOOP_S if on_loop else THREAD_S)
        self._left = MAX_WRITTEN

    def written(self, write: Callable[[], str]) -> str:
        """What a template comes to."""
        if self._left < 0 or perf_counter() > self._until_s:
            if self._on_loop:
                raise NeedsThreadError
            return TOO_MUCH
        text = write()
        self._left -= len(text)
        return text
