"""What libraries say of files of this machine, as people read it."""

from __future__ import annotations

import pytest

from heliograph.pathless import pathless


@pytest.mark.parametrize(
    ("text", "own", "expected"),
    [
        ('Cannot access directory "/root/.duckdb/extensions/v2.0.1"', "", 'Cannot access directory "…"'),
        ("Cannot open file /var/lib/heliograph/store/tmp/a.bin: No space", "", "Cannot open file …: No space"),
        ("file:///tmp/heliograph-picture-x/page.html failed", "", "… failed"),
        ("no file ~/.duckdbrc/x", "", "no file …"),
        ("Cannot access '/etc/passwd'", "select read_text('/etc/passwd')", "Cannot access '/etc/passwd'"),
        ("Cannot access '/etc/passwd'", "select read_text('/etc/pass' || 'wd')", "Cannot access '…'"),
        ("http://127.0.0.1:9/a/b does not answer", "", "http://127.0.0.1:9/a/b does not answer"),
        ("a / b and c/d, 1/2/3, of 4/s", "", "a / b and c/d, 1/2/3, of 4/s"),
        ("near '/x'", "", "near '/x'"),
    ],
)
def test_paths_that_nobody_wrote_are_left_out(text: str, own: str, expected: str) -> None:
    assert pathless(text, own) == expected
