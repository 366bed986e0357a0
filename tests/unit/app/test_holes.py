"""Pages with holes: filled as they are, and one gzip member that every reader understands."""

from __future__ import annotations

import gzip
import json
import zlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from heliograph.app.http.script_json import script_json
from heliograph.app.pages.holes import PageWithHoles, hole, stored

TEXTS = st.text(st.characters(exclude_categories=["Cs"]), max_size=300)


@given(fixed=st.lists(TEXTS, min_size=3, max_size=3), fillings=st.lists(TEXTS, min_size=2, max_size=2))
def test_a_page_is_its_fixed_parts_with_the_fillings_between(fixed: list[str], fillings: list[str]) -> None:
    page = PageWithHoles.of(f"{fixed[0]}{hole('one')}{fixed[1]}{hole('two')}{fixed[2]}")
    values = {"one": fillings[0], "two": fillings[1]}
    whole = "".join([fixed[0], fillings[0], fixed[1], fillings[1], fixed[2]]).encode()
    assert page.plain(values) == whole
    assert gzip.decompress(page.gzipped(values)) == whole
    half = page.filled({"one": fillings[0]})
    assert half.plain({"two": fillings[1]}) == whole
    assert gzip.decompress(half.gzipped({"two": fillings[1]})) == whole


@pytest.mark.parametrize("length", [0, 1, 65_535, 65_536, 200_000])
def test_a_long_filling_takes_several_blocks(length: int) -> None:
    page = PageWithHoles.of("a" + hole("one") + "b")
    inflater = zlib.decompressobj(31)
    assert inflater.decompress(page.gzipped({"one": "x" * length})) == b"a" + b"x" * length + b"b"
    assert inflater.eof
    assert inflater.unused_data == b""


def test_a_block_stores_bytes_as_they_are() -> None:
    assert stored(b"abc") == b"\x00\x03\x00\xfc\xffabc"


def test_the_text_of_a_hole_cannot_be_known_beforehand() -> None:
    page = PageWithHoles.of("hole-0000-boot; " + hole("boot"))
    assert page.plain({"boot": "1"}) == b"hole-0000-boot; 1"


@given(st.recursive(TEXTS, lambda inner: st.lists(inner, max_size=3), max_leaves=8))
def test_json_in_a_script_element_never_ends_it_and_reads_back(document: object) -> None:
    text = script_json(document)
    assert not set("<>&\u2028\u2029") & set(text)
    assert json.loads(text) == document
