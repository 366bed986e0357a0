"""Which views end, and who may have another."""

from __future__ import annotations

import pytest

from heliograph.app.auth.bucket import Bucket
from heliograph.app.live.lifecycle import Admission, Fact, ViewLimits, admit, comeback_window_ms, to_end

LIMITS = ViewLimits(views=3, view_bytes=1000, views_per_user=2, viewers=10, warm_s=60)


def fact(view_id: str, used_s: float = 0, **changes: object) -> Fact:
    values: dict[str, object] = {"owner": "a", "watched": False, "pinned": False, "nbytes": 10, **changes}
    return Fact(view_id=view_id, used_s=used_s, **values)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("facts", "ending"),
    [
        ([fact("a", 139), fact("b", 141)], ["a"]),
        ([fact("a", watched=True), fact("b", pinned=True)], []),
        ([fact("a", 190), fact("b", 180), fact("c", 199), fact("d", 170, watched=True)], ["b"]),
        ([fact("a", 190, nbytes=600), fact("b", 199, nbytes=600)], ["a"]),
        ([fact(f"v{index}", watched=True, nbytes=900) for index in range(9)], []),
    ],
)
def test_views_end_when_unwatched_for_long_or_where_there_is_too_much(facts: list[Fact], ending: list[str]) -> None:
    assert to_end(facts, LIMITS, now_s=200) == ending


@pytest.mark.parametrize(
    ("facts", "owner", "admission"),
    [
        ([], "a", Admission()),
        ([fact("x", 5), fact("y", 3)], "a", Admission(("y",))),
        ([fact("x", watched=True), fact("y", watched=True)], "a", Admission(refused="views_per_user")),
        ([fact("x", watched=True), fact("y", watched=True)], "b", Admission()),
        ([fact("x"), fact("y"), fact("z")], "", Admission(("x",))),
        ([fact("x", 9), fact("y", 2, owner="b"), fact("z", owner="c", watched=True)], "d", Admission(("y",))),
        ([fact(one, watched=True, owner=one) for one in "xyz"], "d", Admission(refused="views")),
        ([fact("x", pinned=True, owner="", nbytes=2000)], "d", Admission(refused="views")),
    ],
)
def test_a_new_view_takes_the_place_of_one_that_nobody_watches(
    facts: list[Fact], owner: str, admission: Admission
) -> None:
    assert admit(facts, owner, LIMITS) == admission


def test_the_window_of_a_comeback_grows_with_the_viewers_to_a_bound() -> None:
    assert [comeback_window_ms(number) for number in (1, 1000, 10_000, 10**6)] == [1500, 4000, 40_000, 60_000]


def test_a_bucket_lets_so_many_through_a_second_and_twice_as_many_after_a_rest() -> None:
    now = [0.0]
    bucket = Bucket(10, lambda: now[0])
    assert sum(bucket.take() for _ in range(50)) == 20
    now[0] = 0.5
    assert sum(bucket.take() for _ in range(50)) == 5
    now[0] = 100.0
    assert sum(bucket.take() for _ in range(50)) == 20
