"""Names: what can be seen, and changes nothing of the text around it."""

from __future__ import annotations

import pytest

from heliograph.named import a_login, a_name

UNSEEN = ["\u200b", "\ufeff", "\u00a0", "\u3000", "\u115f", "\u2800", "\U000e0041", "\u0301", " "]
TURNING = ["a\u202eb", "\u2066x\u2069", "a\nb", "a\x1b[2Jb", "a\u2028b", "a\x85b", "a\x00b", "\ud800x"]
FINE = ["Team A", "שלום", "\u200eabc", "नमस्ते", "👩\u200d💻 on call", "e\u0301", "</script>", "東京", "a\u00a0b"]


@pytest.mark.parametrize("text", [*UNSEEN, *TURNING])
def test_what_nobody_sees_or_turns_the_text_is_no_name(text: str) -> None:
    for rule in (a_name, a_login):
        with pytest.raises(ValueError, match="name"):
            rule(text)


@pytest.mark.parametrize("text", FINE)
def test_names_of_all_scripts_are_names(text: str) -> None:
    assert a_name(text) == text


@pytest.mark.parametrize("text", ["admin\u200b", "ad\u00admin", "\u200eadmin", "\uff41dmin", "admin\u3164", "ﬁn"])
def test_nobody_signs_in_by_a_name_that_looks_like_anothers(text: str) -> None:
    with pytest.raises(ValueError, match=r"character|write it as"):
        a_login(text)


@pytest.mark.parametrize("text", ["mira", "josé", "हिन्दी", "m.o-r+1@example.org", "山田"])
def test_people_of_all_scripts_sign_in_by_their_names(text: str) -> None:
    assert a_login(text) == text
