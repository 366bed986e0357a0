"""What frames count as where they are kept: an answer of few long texts is a large one."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from heliograph.datasources.frame import Field, Frame
from heliograph.datasources.query.answer_cache import MAX_BYTES
from heliograph.datasources.query.codec import size_of

LONG = "x" * 1_000_000


def test_texts_and_labels_count_as_long_as_they_are() -> None:
    table = Frame((Field.string("a", [LONG, None, LONG]),), is_table=True)
    assert 2_000_000 < size_of([table]) < 2_010_000
    series = Frame.series([0.0], [1.0], labels={"name": LONG})
    assert 1_000_000 < size_of([series]) < 1_010_000
    assert size_of([table] * 40) > MAX_BYTES, "it is too large to be kept"


def test_numbers_count_as_before() -> None:
    plain = Frame.series(np.arange(1000.0), np.arange(1000.0), labels={"a": "b"})
    assert 16_000 < size_of([plain]) < 17_500
    assert size_of([replace(plain, name="another")]) == size_of([plain])
