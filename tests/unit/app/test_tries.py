"""Tries to log in: slowed by account without shutting its owner out."""

from __future__ import annotations

import pytest

from heliograph.app.auth.addresses import network_of
from heliograph.app.auth.tries import FREE_FAILURES, LONGEST_WAIT_S, Accounts
from heliograph.errors import RateLimitedError


class Clock:
    now_s = 1000.0

    def __call__(self) -> float:
        return self.now_s


def failed(accounts: Accounts, times: int) -> None:
    for _ in range(times):
        accounts.failed("mira")


def test_each_failure_past_the_free_ones_doubles_the_wait_up_to_a_longest() -> None:
    clock = Clock()
    accounts, waits = Accounts(clock), []
    failed(accounts, FREE_FAILURES - 1)
    accounts.check("mira", "192.0.2.1")
    for _ in range(12):
        accounts.failed("mira")
        with pytest.raises(RateLimitedError) as refused:
            accounts.check("mira", "192.0.2.1")
        waits.append(refused.value.retry_after_s)
    assert waits[:4] == [1, 2, 4, 8]
    assert waits[-1] == LONGEST_WAIT_S
    accounts.check("noor", "192.0.2.1")
    clock.now_s += LONGEST_WAIT_S
    accounts.check("mira", "192.0.2.1")


def test_who_logged_in_from_a_place_before_is_not_slowed_there() -> None:
    accounts = Accounts(Clock())
    accounts.succeeded("mira", "198.51.100.7")
    failed(accounts, FREE_FAILURES + 5)
    accounts.check("mira", "198.51.100.7")
    with pytest.raises(RateLimitedError):
        accounts.check("mira", "192.0.2.1")


@pytest.mark.parametrize(
    ("one", "other", "same"),
    [
        ("2001:db8::1", "2001:db8::ffff:1", True),
        ("2001:db8::1", "2001:db8:0:1::1", False),
        ("192.0.2.1", "::ffff:192.0.2.1", True),
        ("192.0.2.1", "192.0.2.2", False),
    ],
)
def test_a_household_is_one_asker(one: str, other: str, same: bool) -> None:
    assert (network_of(one) == network_of(other)) is same
