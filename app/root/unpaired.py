"""Halves of surrogate pairs: JSON can write them, and they are no Unicode, so that no encoder takes them."""

from __future__ import annotations

import json
import re
from typing import Any, Final

HALVES: Final = re.compile("[\ud800-\udfff]")
ESCAPED: Final = re.compile(r"\\u[dD][89a-fA-F]")  # what may be a half, or one of a pair
ESCAPED_BYTES: Final = re.compile(rb"\\u[dD][89a-fA-F]")
REPLACEMENT: Final = "\ufffd"


def paired(text: str) -> str:
    """The text with U+FFFD in the place of each half."""
    if text.isascii():
        return text
    try:
        text.encode()  # some times quicker than to look for them
    except UnicodeEncodeError:
        return HALVES.sub(REPLACEMENT, text)
    return text


def paired_document(document: Any) -> Any:
    """The same of all texts and names of a document, however deep."""
    if isinstance(document, str):
        return paired(document)
    if isinstance(document, dict):
        return {paired(name): paired_document(value) for name, value in document.items()}
    return [paired_document(value) for value in document] if isinstance(document, list) else document


def from_json(text: str | bytes, **how: Any) -> Any:
    """What the JSON of others holds, without halves; `how` as `json.loads` takes it. ValueError, RecursionError."""
    found = json.loads(text, **how)
    has_some = ESCAPED.search(text) if isinstance(text, str) else ESCAPED_BYTES.search(text)
    return paired_document(found) if has_some else found
