"""Halves of surrogate pairs in what others wrote."""

from __future__ import annotations

import json
from typing import Any

import pytest

from heliograph.app.http.strict_json import strict_json
from heliograph.unpaired import from_json, paired

FACE = "\U0001f600"


@pytest.mark.parametrize(
    ("text", "found"),
    [
        (r'"\ud800"', "\ufffd"),
        (r'"\uDFFFx"', "\ufffdx"),
        (r'{"\udc00": ["\ud83d", 1, null]}', {"\ufffd": ["\ufffd", 1, None]}),
        (json.dumps(FACE), FACE),
        (r'"\\ud800"', r"\ud800"),
        (f'"{FACE}"', FACE),
    ],
)
def test_halves_are_replaced_and_pairs_are_characters(text: str, found: Any) -> None:
    assert from_json(text) == from_json(text.encode()) == found


def test_what_is_sent_holds_none() -> None:
    assert strict_json({"\ud800": ["ä\udfff"]}).encode() == '{"\ufffd":["ä\ufffd"]}'.encode()
    assert paired("plain") == "plain"
