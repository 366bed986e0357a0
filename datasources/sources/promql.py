"""What must be known of a PromQL text without evaluating it: may it be asked in pieces, and its rate interval."""

from __future__ import annotations

import re

import promql_parser

from ..steps import interval_ms

WINDOW = re.compile(r"\$\{?__(from|to|range)")
OF_THE_WHOLE = re.compile(r"\b(start|end)\s*\(\s*\)")
STRINGS = re.compile(r"\"(?:\\.|[^\"\\])*\"|'(?:\\.|[^'\\])*'|`[^`]*`")


def chunkable(text: str) -> bool:
    """Whether the value at t depends on t and earlier data alone.

    Not with `start()`, `end()`, `@ start()`, a fixed `@`, a negative offset, or a text that the window went into; nor
    where the text cannot be read.
    """
    if WINDOW.search(text):
        return False
    bare = STRINGS.sub('""', text)
    if OF_THE_WHOLE.search(bare) or "@" in bare:
        return False
    try:
        tree = promql_parser.parse(text)
    except ValueError:
        return False
    return not re.search(r"\boffset\s+-", bare) and tree is not None


def rate_interval_s(step_s: float, scrape: str, scrape_of_query: str = "") -> float:
    """`$__rate_interval`: the step and one scrape more, at least four scrapes, so that a rate has two samples."""
    scrape_s = interval_ms(scrape_of_query or scrape or "15s") / 1000
    return max(step_s + scrape_s, 4 * scrape_s)
