"""The view of a draft: one for all revisions, which asks anew what is drawn otherwise and leaves the rest alone."""

from __future__ import annotations

import asyncio
from typing import Any

from fixtures.views import SCOPE, Clock, Dice, make_view, view_key

from heliograph.app.live.laying import laid_out
from heliograph.app.live.snapshot import decode_snapshot
from heliograph.app.live.view import View
from heliograph.components.spec import parse_dashboard
from heliograph.datasources.frame import Frame
from heliograph.datasources.sources.base import SourceAnswer, SourceQuery

PANELS: list[dict[str, Any]] = [
    {"panel_id": 1, "title": "one", "type": "stat", "query": "lines"},
    {"panel_id": 2, "title": "two", "type": "table", "query": "lines"},
]


class Telling(Dice):  # type: ignore[misc]  # mypy does not see fixtures
    """Answers with the text that it was asked; `gate` holds the answers to `slow` back."""

    def __init__(self) -> None:
        super().__init__(0)
        self.asked: list[Any] = []
        self.gate = asyncio.Event()

    async def query(self, query: SourceQuery) -> SourceAnswer:
        self.asked.append(query.query)
        if query.query == "slow":
            await self.gate.wait()
        return SourceAnswer((Frame.series([query.range.to_ms], [1.0], name=str(query.query)),))


def board(*panels: dict[str, Any]) -> Any:
    return parse_dashboard({"title": "t", "time": {"from": "now-20s", "to": "now"}, "refresh": "1s", "panels": panels})


def become(view: View, *panels: dict[str, Any]) -> None:
    tools = next(iter(view.panels.values())).tools
    key = view_key(Clock())
    view.become(laid_out(key, board(*panels), (), SCOPE, tools, before=view.panels), (), None)


async def shown(view: View, *panel_ids: int) -> dict[str, Any]:
    head = decode_snapshot(await view.snapshot(panel_ids, compressed=False))[0]
    panels: dict[str, Any] = head["panels"]
    return panels


async def test_what_is_drawn_as_before_is_not_asked_again() -> None:
    source = Telling()
    view = make_view(source, Clock(), dashboard=board(*PANELS))
    become(view, *PANELS)  # as views are built: with what a dashboard says of itself
    await shown(view, 1, 2)
    moved = {**PANELS[1], "title": "renamed", "position": {"x": 12, "y": 4, "w": 12, "h": 4}}
    become(view, {**PANELS[0], "query": "others"}, moved, {"panel_id": 3, "type": "stat", "query": "new"})
    assert source.asked == ["lines", "lines"]
    panels = await shown(view, 1, 2, 3)
    assert source.asked == ["lines", "lines", "others", "new"]
    assert "others" in str(panels["1"])
    assert [one["title"] for one in view.heads()] == ["renamed", "one", ""]  # those without a place stand below
    become(view, moved)
    assert list(await shown(view, 1, 2, 3)) == ["2"]
    assert source.asked == ["lines", "lines", "others", "new"]
    await view.close()


async def test_an_answer_to_what_is_not_asked_any_more_is_never_drawn() -> None:
    source = Telling()
    view = make_view(source, Clock(), dashboard=board({**PANELS[0], "query": "slow"}))
    assert (await shown(view, 1))["1"]["state"] == "loading"
    become(view, {**PANELS[0], "query": "quick"})
    assert "quick" in str((await shown(view, 1))["1"])
    source.gate.set()
    await asyncio.sleep(0)
    assert "quick" in str((await shown(view, 1))["1"])
    await view.close()


async def test_what_is_looked_at_is_asked_as_it_is_changed_before_its_page_comes_for_it() -> None:
    source = Telling()
    view = make_view(source, Clock(), dashboard=board(*PANELS))
    become(view, *PANELS)
    await shown(view, 1)
    become(view, {**PANELS[0], "query": "others"}, {**PANELS[1], "query": "unseen"})
    for _ in range(20):
        await asyncio.sleep(0)
    assert source.asked == ["lines", "others"], "nobody looks at the second"
    assert "others" in str((await shown(view, 1))["1"])
    assert source.asked == ["lines", "others"], "it was there"
    await view.close()


async def test_a_panel_with_wrong_options_says_so_and_heals() -> None:
    source = Telling()
    view = make_view(source, Clock(), dashboard=board(*PANELS))
    await shown(view, 1)
    become(view, {**PANELS[0], "options": {"decimals": "many"}}, PANELS[1])
    assert (await shown(view, 1))["1"]["state"] == "error"
    become(view, *PANELS)
    assert (await shown(view, 1))["1"]["state"] == "ready"
    await view.close()
