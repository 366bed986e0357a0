"""Private sessions: their places, their tickets, and who is believed to ask for somebody else."""

from __future__ import annotations

from dataclasses import dataclass

import pytest

from heliograph.app.auth.authenticator import Authenticator, Identity
from heliograph.app.auth.behalf import Behalf
from heliograph.app.auth.session_ticket import LIFE_S, SCHEME, SessionTickets
from heliograph.app.auth.viewer_token import ViewerTokens
from heliograph.app.private.places import WAIT_S, PlaceLimits, Places
from heliograph.app.private.sessions import owner
from heliograph.app.process.work_address import SECRET_HEADER, WorkAddress
from heliograph.errors import TooManySessionsError, UnauthenticatedError
from heliograph.scope import Role, Scope

KEY = b"k" * 32
TICKETS = SessionTickets(KEY)


@dataclass
class Clock:
    """A time that tests set."""

    now_s: float = 1000.0

    def __call__(self) -> float:
        return self.now_s


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def places(clock: Clock) -> Places:
    return Places(PlaceLimits(sessions=3, per_user=2), clock)


def test_a_person_has_so_many_places_and_others_have_theirs(places: Places) -> None:
    places.reserve("a", "user:1")
    places.reserve("b", "user:1")
    with pytest.raises(TooManySessionsError, match="you have 2"):
        places.reserve("c", "user:1")
    places.reserve("c", "user:2")
    assert len(places) == 3


def test_a_node_has_so_many_places(places: Places) -> None:
    for number in range(3):
        places.reserve(f"s{number}", f"user:{number}")
    with pytest.raises(TooManySessionsError, match="this server"):
        places.reserve("another", "user:9")
    with pytest.raises(TooManySessionsError, match="this server"):
        places.take(object(), "another", "user:9")
    places.free("s1")
    places.reserve("another", "user:9")


def test_a_page_that_never_came_back_holds_its_place_for_a_while(places: Places, clock: Clock) -> None:
    places.reserve("a", "user:1")
    clock.now_s += WAIT_S - 0.1
    assert len(places) == 1
    clock.now_s += 0.2
    assert len(places) == 0
    places.reserve("b", "user:1")
    places.reserve("c", "user:1")
    assert len(places) == 2


def test_a_socket_takes_the_place_of_its_page_and_keeps_it(places: Places, clock: Clock) -> None:
    socket = object()
    places.reserve("a", "user:1")
    places.reserve("b", "user:1")
    places.take(socket, "a", "user:1")  # both of the person's places are held: it needs no third
    assert len(places) == 2
    clock.now_s += 10 * WAIT_S
    assert len(places) == 1
    places.free(socket)
    places.free(socket)
    assert len(places) == 0


def test_the_second_socket_of_a_page_needs_a_place_of_its_own(places: Places) -> None:
    places.reserve("a", "user:1")
    places.take(object(), "a", "user:1")
    places.take(object(), "a", "user:1")
    with pytest.raises(TooManySessionsError):
        places.take(object(), "a", "user:1")


def test_who_is_refused_is_not_counted(places: Places) -> None:
    places.reserve("a", "user:1")
    places.reserve("b", "user:1")
    for _ in range(5):
        with pytest.raises(TooManySessionsError):
            places.take(object(), "x", "user:1")
    assert len(places) == 2
    places.free("a")
    places.reserve("c", "user:1")


def test_people_without_a_login_are_told_apart_by_their_address() -> None:
    nobody = Identity(Scope(1, Role.EDITOR), "anonymous")
    mira = Identity(Scope(1, Role.EDITOR, principal="user:7"), "session:7:0")
    assert owner(nobody, "10.0.0.1") != owner(nobody, "10.0.0.2")
    assert owner(mira, "10.0.0.1") == owner(mira, "10.0.0.2")


def test_a_ticket_names_the_credential_for_some_hours() -> None:
    ticket = TICKETS.issue("session:7:0", 1000.0)
    assert TICKETS.check(ticket, 1000.0 + LIFE_S - 1) == "session:7:0"
    with pytest.raises(UnauthenticatedError, match="past its life"):
        TICKETS.check(ticket, 1000.0 + LIFE_S + 1)


def _viewer_token(key: bytes) -> str:
    return ViewerTokens(key).issue("v1", "user:7", "session:7:0", 1000.0)


@pytest.mark.parametrize(
    "ticket",
    [
        "",
        ".",
        "nonsense",
        SessionTickets(b"o" * 32).issue("session:7:0", 1000.0),
        TICKETS.issue("session:7:0", 1000.0)[:-1],
        TICKETS.issue("session:7:0", 1000.0).replace(".", ".A"),
        "A" + TICKETS.issue("session:7:0", 1000.0),
        _viewer_token(b"o" * 32),
        _viewer_token(KEY),
    ],
)
def test_a_ticket_that_is_forged_tampered_with_or_of_another_kind_is_refused(ticket: str) -> None:
    with pytest.raises(UnauthenticatedError):
        TICKETS.check(ticket, 1001.0)


def test_a_ticket_is_no_token_of_a_viewer() -> None:
    with pytest.raises(UnauthenticatedError):
        ViewerTokens(KEY).check(TICKETS.issue("session:7:0", 1000.0), "v1", 1001.0)


class People(Authenticator):
    """Knows one session."""

    def __init__(self) -> None:
        self.good = {"session:7:0"}

    async def identity_of(self, credential: str) -> Identity | None:
        if credential not in self.good:
            return None
        return Identity(Scope(1, Role.EDITOR, principal="user:7"), credential)


def headers(ticket: str = "", secret: str = "s3cret") -> dict[str, str]:
    return {
        "Authorization": f"{SCHEME} {ticket or TICKETS.issue('session:7:0', 1000.0)}",
        SECRET_HEADER: secret,
    }


async def test_the_work_role_asks_for_the_person_until_they_log_out(clock: Clock) -> None:
    people = People()
    behalf = Behalf(TICKETS, people, WorkAddress(1, "s3cret"), "10.1.1.1", clock)
    assert behalf.speaks(headers())
    assert not behalf.speaks({"Authorization": "Bearer hg_x"})
    for ip in ("127.0.0.1", "::1", "10.1.1.1"):
        assert (await behalf.identity(headers(), ip)).scope.principal == "user:7"
    people.good.clear()
    with pytest.raises(UnauthenticatedError, match="has ended"):
        await behalf.identity(headers(), "127.0.0.1")


@pytest.mark.parametrize(
    ("ticket", "secret", "ip"),
    [
        ("", "", "127.0.0.1"),
        ("", "other", "127.0.0.1"),
        ("", "s3cret", "10.0.0.9"),
        ("forged.x", "s3cret", "127.0.0.1"),
    ],
)
async def test_nobody_else_asks_for_anybody(clock: Clock, ticket: str, secret: str, ip: str) -> None:
    behalf = Behalf(TICKETS, People(), WorkAddress(1, "s3cret"), "", clock)
    with pytest.raises(UnauthenticatedError):
        await behalf.identity(headers(ticket, secret), ip)


async def test_without_a_work_role_nobody_asks_for_anybody(clock: Clock) -> None:
    with pytest.raises(UnauthenticatedError):
        await Behalf(TICKETS, People(), None, "", clock).identity(headers(secret=""), "127.0.0.1")
