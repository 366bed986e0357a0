"""The regular expressions of templates: those of Go, which are those of RE2, in linear time."""

from __future__ import annotations

import re
from functools import lru_cache
from typing import Any

import re2

MAX_PATTERN = 1000
MAX_TEXT = 20_000
MAX_MEMORY = 2**20
MAX_REPLACED = 64 * 1024  # characters
REFERENCE = re.compile(r"\$(?:(\$)|\{(\w+)\}|(\w+))", re.ASCII)


@lru_cache(512)
def _compiled(pattern: str) -> Any:
    if len(pattern) > MAX_PATTERN:
        raise ValueError(f"a regular expression has at most {MAX_PATTERN} characters")
    options = re2.Options()
    options.log_errors, options.max_mem = False, MAX_MEMORY
    try:
        return re2.compile(pattern, options)
    except re2.error as error:
        reason = error.args[0] if error.args else ""
        text = reason.decode(errors="replace") if isinstance(reason, bytes) else str(reason)
        raise ValueError(f"error parsing regexp: {text[:200]}") from None


def matches(pattern: str, text: str) -> bool:
    """Whether a text holds a match."""
    return _compiled(pattern).search(text[:MAX_TEXT]) is not None


def replaced(pattern: str, replacement: str, text: str) -> str:
    """A text with all matches replaced; `$1`, `${1}` and `${name}` in the replacement are what a group found.

    An empty match directly behind another one is none, as Go has it.
    """

    def written(match: Any) -> str:
        def group(reference: re.Match[str]) -> str:
            if reference[1]:
                return "$"
            name = reference[2] or reference[3]
            try:
                return match.group(int(name) if name.isdigit() else name) or ""
            except (IndexError, KeyError, re2.error):
                return ""

        return REFERENCE.sub(group, replacement)

    found: list[str] = []
    place, size, references = 0, 0, len(REFERENCE.findall(replacement))
    for match in _compiled(pattern).finditer(text[:MAX_TEXT]):
        if match.end() == match.start() == place and found:
            continue
        if references * len(match[0]) > MAX_REPLACED:
            raise ValueError(f"more than {MAX_REPLACED} characters come of it")
        found += [text[place : match.start()], written(match)]
        place = match.end()
        size += len(found[-1])
        if size > MAX_REPLACED:
            raise ValueError(f"more than {MAX_REPLACED} characters come of it")
    return "".join([*found, text[place:]])
