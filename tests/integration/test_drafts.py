"""Drafts over the API of a running server: changed, undone, seen by their author alone, saved and joined."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import httpx
import pytest
from fixtures.naming import fresh
from fixtures.product import Product, ProductMaker

from heliograph.app.live.snapshot import decode_snapshot

API = "/api/v1"


def panel(panel_id: int, content: str, **more: Any) -> dict[str, Any]:
    return {"panel_id": panel_id, "title": f"P{panel_id}", "type": "text", "options": {"content": content}, **more}


DOCUMENT = {
    "title": "Drafted",
    "time": {"to": "now", "from": "now-5m"},
    "refresh": "5s",
    "panels": [panel(1, "one"), panel(2, "two", position={"x": 12, "y": 0, "w": 12, "h": 8})],
}


@pytest.fixture(scope="module")
def other(product: Product) -> Iterator[httpx.Client]:
    with product.client("editor") as client:
        yield client


def made(editor: httpx.Client, **more: Any) -> str:
    name: str = fresh("drafted")
    answer = editor.post(f"{API}/dashboards", json={**DOCUMENT, "dashboard_id": name, **more})
    assert answer.status_code == 201, answer.text
    return name


def opened(client: httpx.Client, name: str) -> dict[str, Any]:
    answer = client.post(f"{API}/dashboards/{name}/draft")
    assert answer.status_code == 200, answer.text
    draft: dict[str, Any] = answer.json()
    return draft


def change(client: httpx.Client, draft: dict[str, Any], *patch: dict[str, Any]) -> dict[str, Any]:
    answer = client.patch(
        f"{API}/drafts/{draft['draft_id']}", json={"revision": draft["revision"], "patch": list(patch)}
    )
    assert answer.status_code == 200, answer.text
    draft.update(answer.json())
    return draft


def replaced(path: str, value: Any) -> dict[str, Any]:
    return {"op": "replace", "path": path, "value": value}


def test_a_draft_is_changed_undone_done_again_and_saved_with_its_message(editor: httpx.Client) -> None:
    name = made(editor)
    draft = opened(editor, name)
    assert (draft["revision"], draft["base_version"], draft["changed"]) == (1, 1, False)
    address = f"{API}/drafts/{draft['draft_id']}"
    change(editor, draft, replaced("/panels/1/options/content", "other"))
    assert (draft["revision"], draft["changed_panels"], draft["opens_anew"]) == (2, [2], False)
    change(editor, draft, {"op": "add", "path": "/panels/0/position", "value": {"x": 0, "y": 8, "w": 12, "h": 8}})
    assert draft["changed_panels"] == []
    assert opened(editor, name)["draft_id"] == draft["draft_id"]
    back = editor.post(f"{address}/undo").json()
    assert "position" not in back["document"]["panels"][0]
    assert (back["can_undo"], back["can_redo"]) == (True, True)
    again = editor.post(f"{address}/redo").json()
    assert again["document"]["panels"][0]["position"]["y"] == 8
    saved = editor.post(f"{address}/save", json={"message": "a better text"}).json()
    assert (saved["version"], saved["new_version"], saved["joined_with"]) == (2, True, None)
    versions = editor.get(f"{API}/dashboards/{name}/versions").json()["items"]
    assert [one["message"] for one in versions] == ["a better text", ""]
    assert editor.get(address).status_code == 404


def test_a_fault_names_its_path_and_leaves_the_draft_as_it_was(editor: httpx.Client) -> None:
    draft = opened(editor, made(editor))
    address = f"{API}/drafts/{draft['draft_id']}"
    wrong = [replaced("/panels/0/type", "nonsense"), replaced("/panels/1/options", {"content": 3})]
    answer = editor.patch(address, json={"revision": 1, "patch": wrong})
    assert answer.status_code == 422
    assert {one["path"] for one in answer.json()["faults"]} == {"$.type", "$.panels[1].options.content"} or (
        [one["path"].split(".")[1] for one in answer.json()["faults"]] == ["panels[0]", "panels[1]"]
    )
    answer = editor.patch(address, json={"revision": 1, "patch": [{"op": "remove", "path": "/nothing"}]})
    assert (answer.status_code, answer.json()["path"]) == (422, "$.patch[0]")
    stands = editor.get(address).json()
    assert (stands["revision"], stands["document"]["panels"][0]["type"]) == (1, "text")
    change(editor, draft, replaced("/title", "x"))
    late = editor.patch(address, json={"revision": 1, "patch": [replaced("/title", "y")]})
    assert (late.status_code, late.json()["code"], late.json()["current_version"]) == (409, "version_conflict", 2)


def test_what_is_saved_without_a_change_is_the_document_that_it_was(editor: httpx.Client) -> None:
    name = made(editor)
    before = editor.get(f"{API}/dashboards/{name}").content
    draft = opened(editor, name)
    change(editor, draft, replaced("/title", "x"))
    assert editor.post(f"{API}/drafts/{draft['draft_id']}/undo").status_code == 200
    draft["revision"] += 1
    for path, value in (("/refresh", "5s"), ("/panels/0/options/content", "one")):  # what is put back stands last
        change(editor, draft, {"op": "remove", "path": path})
        change(editor, draft, {"op": "add", "path": path, "value": value})
    saved = editor.post(f"{API}/drafts/{draft['draft_id']}/save", json={}).json()
    assert saved["new_version"] is False
    assert editor.get(f"{API}/dashboards/{name}").content == before


def test_a_draft_is_its_authors_alone(product: Product, editor: httpx.Client, other: httpx.Client) -> None:
    draft = opened(editor, made(editor))
    address = f"{API}/drafts/{draft['draft_id']}"
    patch = {"revision": 1, "patch": []}
    for answer in (
        other.get(address),
        other.patch(address, json=patch),
        other.post(f"{address}/undo"),
        other.post(f"{address}/save", json={}),
        other.delete(address),
        other.get(f"/live/open?dashboard=draft:{draft['draft_id']}"),
        other.post(f"{API}/query", json={"dashboard_id": f"draft:{draft['draft_id']}", "panel_id": 1}),
    ):
        assert answer.status_code == 404, answer.text
    with product.client("viewer") as viewer:
        assert viewer.get(address).status_code == 403
        assert viewer.get(f"/live/open?dashboard=draft:{draft['draft_id']}").status_code == 404
    assert [one["draft_id"] for one in other.get(f"{API}/drafts").json()["items"]] == []


def test_who_loses_the_right_to_edit_keeps_the_draft_and_sees_it_again_with_the_right(
    product: Product, editor: httpx.Client
) -> None:
    folder = fresh("folder")
    with product.client("admin") as admin:
        assert admin.post(f"{API}/folders", json={"uid": folder, "title": folder}).status_code == 201
        draft = opened(editor, made(editor, folder=folder))
        change(editor, draft, replaced("/title", "kept"))
        address = f"{API}/drafts/{draft['draft_id']}"
        place = f"{API}/folders/{folder}"
        assert admin.put(place, json={"permissions": {"role:viewer": "view"}}).status_code == 200
        assert editor.get(address).status_code == 403
        assert editor.patch(address, json={"revision": 2, "patch": []}).status_code == 403
        assert editor.get(f"/live/open?dashboard=draft:{draft['draft_id']}").status_code == 403
        folders = {one["uid"]: one["can_edit"] for one in editor.get(f"{API}/folders").json()["items"]}
        begun = editor.post(f"{API}/drafts", json={}).json()
        saved = editor.post(f"{API}/drafts/{begun['draft_id']}/save", json={"folder": folder})
        assert (folders[folder], saved.status_code) == (False, 403)
        assert admin.put(place, json={"permissions": {"role:editor": "edit"}}).status_code == 200
        assert editor.get(address).json()["document"]["title"] == "kept"
        saved = editor.post(f"{API}/drafts/{begun['draft_id']}/save", json={"folder": folder}).json()
        made_there = f"{API}/dashboards/{saved['dashboard_id']}"
        assert editor.get(made_there).status_code == 200
        assert admin.put(place, json={"permissions": {"role:admin": "view"}}).status_code == 200
        assert editor.get(made_there).status_code == 404, "it lies there"


def shown(client: httpx.Client, boot: dict[str, Any], revision: int = 0) -> dict[str, Any]:
    more = f"&revision={revision}" if revision else ""
    answer = client.get(f"/live/{boot['view']}/panels?ids=1,2{more}", headers={"X-Heliograph-Token": boot["token"]})
    assert answer.status_code == 200, answer.text
    head, _ = decode_snapshot(answer.content)
    panels: dict[str, Any] = head["panels"]
    return panels


def test_a_draft_is_drawn_by_one_view_that_shows_each_change(editor: httpx.Client) -> None:
    draft = opened(editor, made(editor))
    boot = editor.get(f"/live/open?dashboard=draft:{draft['draft_id']}").json()
    assert "one" in str(shown(editor, boot)["1"])
    change(editor, draft, replaced("/panels/0/options/content", "anew"), replaced("/panels/1/title", "Renamed"))
    panels = shown(editor, boot, draft["revision"])
    assert "anew" in str(panels["1"])
    assert "two" in str(panels["2"])
    again = editor.get(f"/live/open?dashboard=draft:{draft['draft_id']}").json()
    assert again["view"] == boot["view"]
    assert [one["title"] for one in again["panels"]] == ["Renamed", "P1"]  # what says nothing of its place stands below
    change(editor, draft, {"op": "add", "path": "/variables", "value": [{"name": "v", "type": "textbox"}]})
    assert draft["opens_anew"]
    assert editor.get(f"/live/open?dashboard=draft:{draft['draft_id']}").json()["view"] != boot["view"]


def test_what_others_saved_is_joined_and_what_collides_is_chosen(editor: httpx.Client, other: httpx.Client) -> None:
    name = made(editor)
    mine, theirs = opened(editor, name), opened(other, name)
    change(editor, mine, replaced("/panels/0/title", "mine"))
    change(other, theirs, replaced("/panels/1/title", "theirs"))
    assert other.post(f"{API}/drafts/{theirs['draft_id']}/save", json={}).json()["version"] == 2
    saved = editor.post(f"{API}/drafts/{mine['draft_id']}/save", json={}).json()
    assert (saved["version"], saved["joined_with"]) == (3, 2)
    assert [one["title"] for one in saved["panels"]] == ["mine", "theirs"]
    mine, theirs = opened(editor, name), opened(other, name)
    change(editor, mine, replaced("/panels/0/title", "mine again"), replaced("/title", "M"))
    change(other, theirs, replaced("/panels/0/title", "theirs again"))
    assert other.post(f"{API}/drafts/{theirs['draft_id']}/save", json={}).json()["version"] == 4
    address = f"{API}/drafts/{mine['draft_id']}/save"
    refused = editor.post(address, json={})
    assert (refused.status_code, refused.json()["current_version"]) == (409, 4)
    [collision] = refused.json()["collisions"]
    assert collision["part"] == "panels/1"
    assert (collision["theirs"]["title"], collision["mine"]["title"]) == ("theirs again", "mine again")
    late = editor.post(address, json={"choices": {"panels/1": "mine"}, "against": 3})
    assert late.status_code == 409
    saved = editor.post(address, json={"choices": {"panels/1": "both"}, "against": 4}).json()
    assert [one["title"] for one in saved["panels"]] == ["theirs again", "mine again", "theirs"]
    assert saved["title"] == "M"


def test_a_new_dashboard_is_a_draft_first_and_a_deleted_one_leaves_its_drafts(editor: httpx.Client) -> None:
    draft = editor.post(f"{API}/drafts", json={}).json()
    assert editor.post(f"{API}/drafts", json={}).json()["draft_id"] == draft["draft_id"]
    change(editor, draft, {"op": "add", "path": "/panels/-", "value": panel(1, "new")}, replaced("/title", "Begun"))
    assert draft["draft_id"] in [one["draft_id"] for one in editor.get(f"{API}/drafts").json()["items"]]
    saved = editor.post(f"{API}/drafts/{draft['draft_id']}/save", json={"message": "first"}).json()
    assert saved["version"] == 1
    draft = opened(editor, saved["dashboard_id"])
    change(editor, draft, replaced("/title", "Not lost"))
    assert editor.delete(f"{API}/dashboards/{saved['dashboard_id']}").status_code == 204
    kept = editor.get(f"{API}/drafts/{draft['draft_id']}").json()
    assert (kept["dashboard_id"], kept["document"]["title"]) == (None, "Not lost")
    again = editor.post(f"{API}/drafts/{draft['draft_id']}/save", json={}).json()
    assert (again["title"], again["version"]) == ("Not lost", 1)


def test_each_browser_of_people_who_did_not_log_in_has_drafts_of_its_own(make_product: ProductMaker) -> None:
    product = make_product(HELIOGRAPH_ANONYMOUS_ROLE="editor", HELIOGRAPH_COLLECT_SELF="false")
    with product.client(None) as one, product.client(None) as two, product.client(None) as program:
        name = made(one)
        for client in (one, two):
            page = client.get(f"/d/{name}/edit")
            assert page.status_code == 200
            cookie = page.headers["Set-Cookie"]
            assert cookie.startswith("heliograph_browser=")
            assert "HttpOnly" in cookie
            assert "SameSite=Lax" in cookie
            assert opened(client, name)["draft_id"] in page.text
            assert "Set-Cookie" not in client.get(f"/d/{name}/edit").headers
        first, second = opened(one, name), opened(two, name)
        assert first["draft_id"] != second["draft_id"]
        change(one, first, {"op": "replace", "path": "/title", "value": "Mine"})
        assert two.get(f"{API}/drafts/{second['draft_id']}").json()["document"]["title"] == "Drafted"
        assert [draft["title"] for draft in one.get(f"{API}/drafts").json()["items"]] == ["Mine"]
        assert two.get(f"{API}/drafts").json()["items"] == []
        for client, status in ((one, 200), (two, 404), (program, 404)):
            assert client.get(f"{API}/drafts/{first['draft_id']}").status_code == status
            seen = client.get("/live/open", params={"dashboard": f"draft:{first['draft_id']}"})
            assert seen.status_code == status, seen.text
        assert program.get(f"{API}/drafts").json()["items"] == []
        for refused in (program.post(f"{API}/dashboards/{name}/draft"), program.post(f"{API}/drafts", json={})):
            assert refused.status_code == 403
            assert "somebody's own" in refused.json()["detail"]
        program.cookies.set("heliograph_browser", "../../x")  # none of ours
        assert program.post(f"{API}/drafts", json={}).status_code == 403
