"""Viewer tokens, session cookies and derived keys."""

from __future__ import annotations

import stat
from pathlib import Path

import pytest
from pydantic import SecretStr

from heliograph.app.auth.secret import Keys, load_or_create_secret
from heliograph.app.auth.sessions import Sessions
from heliograph.app.auth.viewer_token import LIFE_S, ViewerTokens
from heliograph.app.http.parsing import own_path
from heliograph.app.pages.slug import slug
from heliograph.errors import SettingsError, StartupError, UnauthenticatedError
from heliograph.scope import Role
from heliograph.storage.config.users import User

TOKENS = ViewerTokens(b"k" * 32)
USER = User(7, "mira", "", "hash", False, 3, 1, Role.EDITOR)


def test_a_token_says_who_may_follow_what() -> None:
    checked = TOKENS.check(TOKENS.issue("v1", "user:7", "session:7:3", 1000.0), "v1", 1001.0)
    assert (checked.principal, checked.credential) == ("user:7", "session:7:3")


@pytest.mark.parametrize(
    ("token", "view", "now_s"),
    [
        (TOKENS.issue("v1", "u", "c", 1000.0), "v2", 1001.0),
        (TOKENS.issue("v1", "u", "c", 1000.0), "v1", 1001.0 + LIFE_S),
        (ViewerTokens(b"x" * 32).issue("v1", "u", "c", 1000.0), "v1", 1001.0),
        (TOKENS.issue("v1", "u", "c", 1000.0)[:-1], "v1", 1001.0),
        ("", "v1", 1001.0),
        (".", "v1", 1001.0),
        ("é.ü", "v1", 1001.0),
    ],
    ids=["another view", "past its life", "forged", "cut", "empty", "dot", "not ascii"],
)
def test_a_token_that_is_not_good_is_refused(token: str, view: str, now_s: float) -> None:
    with pytest.raises(UnauthenticatedError):
        TOKENS.check(token, view, now_s)


def test_a_session_says_who_and_as_of_when() -> None:
    sessions = Sessions(b"s" * 32)
    session = sessions.read(sessions.issue(USER))
    assert session is not None
    assert (session.user_id, session.epoch) == (7, 3)
    assert Sessions(b"t" * 32).read(sessions.issue(USER)) is None
    assert sessions.read("garbage") is None


def test_the_secret_is_made_once_and_for_its_owner_alone(tmp_path: Path) -> None:
    first = load_or_create_secret(tmp_path, SecretStr(""))
    assert load_or_create_secret(tmp_path, SecretStr("")) == first
    assert stat.S_IMODE((tmp_path / "secret.key").stat().st_mode) == 0o600
    with pytest.raises(SettingsError):
        load_or_create_secret(tmp_path, SecretStr("short"))


def test_a_secret_that_others_may_read_is_closed_to_them(tmp_path: Path) -> None:
    first = load_or_create_secret(tmp_path, SecretStr(""))
    (tmp_path / "secret.key").chmod(0o644)
    assert load_or_create_secret(tmp_path, SecretStr("")) == first
    assert [(path.name, stat.S_IMODE(path.stat().st_mode)) for path in tmp_path.iterdir()] == [("secret.key", 0o600)]


@pytest.mark.parametrize("kept", [b"", b"\n", b" ", b"short\n"])
def test_a_file_without_a_key_is_no_key(tmp_path: Path, kept: bytes) -> None:
    """A disk that was full leaves it empty: whoever knows that could sign anybody's session."""
    (tmp_path / "secret.key").write_bytes(kept)
    with pytest.raises(StartupError, match="holds no key"):
        load_or_create_secret(tmp_path, SecretStr(""))


def test_derived_keys_differ_from_each_other_and_by_secret() -> None:
    one, other = Keys.derive("a" * 32), Keys.derive("b" * 32)
    assert len({one.session, one.viewer, one.encryption, other.session, other.viewer}) == 5
    assert one.fingerprint != other.fingerprint


@pytest.mark.parametrize(
    ("path", "safe"),
    [
        ("/d/x?from=now", "/d/x?from=now"),
        ("//evil", "/"),
        ("https://evil", "/"),
        ("/\\evil", "/"),
        ("evil", "/"),
        ("", "/"),
    ],
)
def test_login_leads_to_pages_of_ours_alone(path: str, safe: str) -> None:
    assert own_path(path) == safe


@pytest.mark.parametrize(
    ("title", "expected"),
    [("Production Overview", "production-overview"), ("Ärger & Öl!", "arger-ol"), ("日本", "dashboard")],
)
def test_a_title_becomes_part_of_an_address(title: str, expected: str) -> None:
    assert slug(title) == expected
