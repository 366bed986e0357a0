"""Counts of opens that fade, kept over a restart."""

from __future__ import annotations

from pathlib import Path

from sqlalchemy.engine import URL

from heliograph.app.live.popularity import HALF_LIFE_S, MAX_KEPT, Popularity, merge, read_scores
from heliograph.storage.config.database import Database
from heliograph.storage.config.meta import Meta


def test_scores_fade_and_are_bounded() -> None:
    merged = merge({(1, "old"): 8.0, (1, "both"): 4.0}, {(1, "both"): 1, (1, "new"): 3}, HALF_LIFE_S)
    assert merged == {(1, "old"): 4.0, (1, "both"): 3.0, (1, "new"): 3.0}
    assert len(merge({}, {(1, str(index)): index for index in range(1000)}, 0)) == MAX_KEPT


def test_a_text_of_somebody_else_is_no_score() -> None:
    assert [read_scores(text) for text in (None, "", "[]", '{"at": 1}', '{"at":1,"opens":[[1]]}')] == [(0.0, {})] * 5


async def test_what_was_opened_most_is_known_after_a_restart(tmp_path: Path) -> None:
    database = Database(URL.create("sqlite", database=str(tmp_path / "c.db")).render_as_string())
    await database.upgrade()
    popularity = Popularity(Meta(database))
    for name, opens in (("a", 2), ("b", 5), ("c", 1)):
        for _ in range(opens):
            popularity.opened(1, name)
    await popularity.flush(1000.0)
    popularity.opened(1, "c")
    await popularity.flush(1001.0)
    assert await Popularity(Meta(database)).most_opened(2) == [(1, "b"), (1, "c")]
    await database.close()
