"""Passes of links, policies of frames, and what snapshots are kept as."""

from __future__ import annotations

from dataclasses import replace

import pytest

from heliograph.app.configuration import load_settings
from heliograph.app.settings import Settings
from heliograph.app.share.links import PASS_S, Passes
from heliograph.app.share.pages import embedding_policy
from heliograph.app.share.snapshots import packed_parts, unpacked_parts
from heliograph.errors import SettingsError
from heliograph.storage.config.shares import Share, Terms

HASH, OTHER = "$argon2id$one", "$argon2id$other"
SHARE = Share(7, 1, "shop", Terms(password_hash=HASH), "user:1", 0)


def test_a_pass_is_good_for_its_link_its_password_and_its_time() -> None:
    passes = Passes(b"k" * 32)
    made = passes.issue(SHARE, 1000.0)
    assert passes.good(made, SHARE, 1000.0 + PASS_S)
    assert not passes.good(made, SHARE, 1001.0 + PASS_S)
    assert not passes.good(made, replace(SHARE, id=8), 1000.0)
    assert not passes.good(made, replace(SHARE, terms=Terms(password_hash=OTHER)), 1000.0)
    assert not Passes(b"x" * 32).good(made, SHARE, 1000.0)
    assert not any(passes.good(text, SHARE, 1000.0) for text in (None, "", ".", "a.b", made[:-1], "x" * 5000))


def test_frames_are_for_nobody_unless_origins_are_named() -> None:
    assert embedding_policy(()).endswith("frame-ancestors 'none'")
    assert embedding_policy(("https://a.b", "https://*.c")).endswith("frame-ancestors https://a.b https://*.c")
    assert Settings().embed_origins == ()


@pytest.mark.parametrize("text", ["*", "a.b", "https://a.b/c", "https://a b", "https://a.b;script-src", "'self'"])
def test_an_origin_that_is_none_is_refused(text: str) -> None:
    with pytest.raises(SettingsError, match=r"^embed_origins"):
        load_settings(environ={"HELIOGRAPH_EMBED_ORIGINS": text})


def test_parts_come_back_as_they_were() -> None:
    parts = {"snapshot": bytes(range(256)), "annotations": b"{}", "rows-1-0": b""}
    assert unpacked_parts(packed_parts(parts)) == parts
