"""Texts with `{{name}}` in them, filled in: what stands for a name may be long, and stand there often."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Final

REFERENCE: Final = re.compile(r"\{\{([^{}]{1,400})\}\}")  # no blanks apart: many would take time by their square


def filled(template: str, words: Mapping[str, str], most: int) -> str:
    """The template with what its names stand for, no more than `most` characters of it; a missing one is empty."""
    left = most

    def written(match: re.Match[str]) -> str:
        nonlocal left
        text = words.get(match[1].strip(), "")[:left]
        left -= len(text)
        return text

    return REFERENCE.sub(written, template)
