"""Rights are judged where they are used: who lost one sees nothing more, by whatever he opened before."""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

import httpx
import pytest
from fixtures.naming import fresh
from fixtures.product import Product
from fixtures.waiting import wait
from websockets.exceptions import ConnectionClosed
from websockets.sync.client import connect

PASSWORD = "a good password"
LOGGED_IN: list[httpx.Client] = []
FETCHES = ("panels?ids=1", "columns?panels=1&from=now-5m&to=now", "rows?panel=1", "annotations?from=now-5m&to=now",
           "density?panel=1&from=now-5m&to=now&width=100&height=100")  # fmt: skip
PANELS = [{"panel_id": 1, "type": "table", "query": {"metric": "node_load1"}}]


@dataclass
class Person:
    """Somebody with a login of their own."""

    id: int
    client: httpx.Client
    form: dict[str, str]

    @property
    def cookie(self) -> str:
        return f"heliograph_session={self.client.cookies['heliograph_session']}"


@pytest.fixture(scope="module")
def admin(product: Product) -> Iterator[httpx.Client]:
    with product.client("admin") as client:
        yield client
    for one in LOGGED_IN:
        one.close()
    LOGGED_IN.clear()


def login(product: Product, form: dict[str, str]) -> httpx.Client:
    client = httpx.Client(base_url=product.url, timeout=30)
    LOGGED_IN.append(client)
    answer = client.post("/login", data=form, headers={"Origin": product.url})
    assert answer.status_code == 303, answer.text
    return client


def person(product: Product, admin: httpx.Client, role: str = "viewer") -> Person:
    form = {"login": fresh("person"), "password": PASSWORD}
    made = admin.post("/api/v1/users", json={**form, "role": role})
    assert made.status_code == 201, made.text
    return Person(made.json()["id"], login(product, form), form)


@dataclass
class Tab:
    """A dashboard that somebody has open: its boot document, its socket, and a socket of Bokeh's."""

    product: Product
    boot: dict[str, Any]
    name: str
    headers: dict[str, str]

    def fetch(self, path: str) -> httpx.Response:
        address = f"{self.product.url}/live/{self.boot['view']}/{path}"
        return httpx.get(address, headers={"X-Heliograph-Token": self.boot["token"]}, timeout=30)

    def sockets(self) -> list[Any]:
        base = f"ws://127.0.0.1:{self.product.port}"
        own = connect(f"{base}/live/{self.boot['view']}/socket?token={self.boot['token']}")
        more: Any = {"subprotocols": ["bokeh"], "additional_headers": self.headers}
        return [own, connect(f"{base}/d/{self.name}/bokeh/ws", **more)]


def opened(product: Product, name: str, headers: dict[str, str]) -> Tab:
    answer = httpx.get(f"{product.url}/live/open?dashboard={name}", headers=headers)
    assert answer.status_code == 200, answer.text
    tab = Tab(product, answer.json(), name, headers)
    for path in FETCHES[:2]:
        assert tab.fetch(path).status_code == 200
    return tab


def read_until(socket: Any, deadline: float) -> None:
    """Read until the socket is closed, which raises ConnectionClosed."""
    while True:
        socket.recv(timeout=max(0.1, deadline - time.monotonic()))


def closed(socket: Any, within_s: float) -> int:
    """The code that a socket is closed with."""
    with socket, pytest.raises(ConnectionClosed) as end:
        read_until(socket, time.monotonic() + within_s)
    assert end.value.rcvd is not None
    return int(end.value.rcvd.code)


Lose = Callable[[httpx.Client, Person, str, str], None]


def closes_the_folder(admin: httpx.Client, _who: Person, folder: str, _name: str) -> None:
    changed = admin.put(f"/api/v1/folders/{folder}", json={"permissions": {"role:viewer": "none"}})
    assert changed.status_code == 200


def takes_the_permission(admin: httpx.Client, _who: Person, folder: str, _name: str) -> None:
    assert admin.put(f"/api/v1/folders/{folder}", json={"permissions": {"role:admin": "view"}}).status_code == 200


def leaves_the_team(admin: httpx.Client, who: Person, folder: str, _name: str) -> None:
    team = next(one for one in admin.get("/api/v1/teams").json()["items"] if who.id in one["members"])
    assert admin.put(f"/api/v1/teams/{team['id']}", json={"members": []}).status_code == 200


def is_deleted(admin: httpx.Client, who: Person, _folder: str, _name: str) -> None:
    assert admin.delete(f"/api/v1/users/{who.id}").status_code == 204


def logs_out(_admin: httpx.Client, who: Person, _folder: str, _name: str) -> None:
    assert who.client.post("/logout", headers={"Sec-Fetch-Site": "same-origin"}).status_code == 303


def gets_another_role(admin: httpx.Client, who: Person, _folder: str, _name: str) -> None:
    assert admin.put(f"/api/v1/users/{who.id}", json={"role": "editor"}).status_code == 200


def loses_the_dashboard(admin: httpx.Client, _who: Person, _folder: str, name: str) -> None:
    assert admin.delete(f"/api/v1/dashboards/{name}").status_code == 204


def has_it_moved(admin: httpx.Client, _who: Person, _folder: str, name: str) -> None:
    hidden = fresh("hidden")
    body = {"uid": hidden, "title": "H", "permissions": {"role:viewer": "none"}}
    assert admin.post("/api/v1/folders", json=body).status_code == 201
    assert admin.put(f"/api/v1/dashboards/{name}/folder", json={"folder": hidden}).status_code in (200, 204)


@pytest.mark.parametrize(
    ("lose", "code", "status"),
    [
        (closes_the_folder, 4403, 404),
        (has_it_moved, 4403, 404),
        (takes_the_permission, 4403, 404),
        (leaves_the_team, 4401, 401),
        (is_deleted, 4401, 401),
        (logs_out, 4401, 401),
        (gets_another_role, 4401, 401),
        (loses_the_dashboard, 4410, 404),
    ],
)
def test_who_loses_a_right_sees_nothing_more(
    product: Product, admin: httpx.Client, lose: Lose, code: int, status: int
) -> None:
    who, folder, name = person(product, admin), fresh("folder"), fresh("board")
    team = admin.post("/api/v1/teams", json={"name": fresh("team"), "members": [who.id]}).json()["id"]
    given = {f"team:{team}": "view"} if lose is leaves_the_team else {f"user:{who.id}": "view"}
    assert admin.post("/api/v1/folders", json={"uid": folder, "title": "F", "permissions": given}).status_code == 201
    document = {"dashboard_id": name, "title": "B", "folder": folder, "panels": PANELS, "refresh": "1s"}
    assert admin.post("/api/v1/dashboards", json=document).status_code == 201
    tab = opened(product, name, {"Cookie": who.cookie})
    sockets = tab.sockets()
    lose(admin, who, folder, name)
    began = time.monotonic()
    assert [closed(socket, 10) for socket in sockets] == [code, code]
    assert time.monotonic() - began < 8  # two sweeps on a machine that is busy with other things
    for path in FETCHES:
        answer = tab.fetch(path)
        assert answer.status_code in {status, 404}, (path, answer.text)
        assert answer.status_code != 200


def test_a_token_that_was_revoked_opens_nothing_that_it_had_opened(product: Product, admin: httpx.Client) -> None:
    made = admin.post("/api/v1/tokens", json={"name": fresh("token"), "role": "viewer"}).json()
    tab = opened(product, "host", {"Authorization": f"Bearer {made['token']}"})
    assert admin.delete(f"/api/v1/tokens/{made['id']}").status_code == 204
    assert [tab.fetch(path).status_code for path in FETCHES] == [401] * len(FETCHES)


def test_a_deleted_persons_cookie_is_nobody_elses(product: Product, admin: httpx.Client) -> None:
    mallory = person(product, admin)
    assert mallory.client.get("/api/v1/folders").status_code == 200
    assert admin.delete(f"/api/v1/users/{mallory.id}").status_code == 204
    boss = person(product, admin, "admin")
    assert boss.id > mallory.id
    assert httpx.get(f"{product.url}/api/v1/users", headers={"Cookie": mallory.cookie}).status_code in (401, 403)


def test_what_a_deleted_person_was_given_is_not_the_next_ones(product: Product, admin: httpx.Client) -> None:
    who, folder = person(product, admin), fresh("folder")
    permissions = {f"user:{who.id}": "edit", "role:admin": "admin"}
    admin.post("/api/v1/folders", json={"uid": folder, "title": "F", "permissions": permissions})
    assert admin.delete(f"/api/v1/users/{who.id}").status_code == 204
    assert admin.get(f"/api/v1/folders/{folder}").json()["permissions"] == {"role:admin": "admin"}


def test_the_tokens_that_a_person_made_may_no_more_than_they_may_now(product: Product, admin: httpx.Client) -> None:
    who, ours = person(product, admin, "admin"), {"Origin": product.url}
    made = who.client.post("/api/v1/tokens", json={"name": fresh("token"), "role": "admin"}, headers=ours).json()
    with product.client_with(made["token"]) as program:
        again = program.post("/api/v1/tokens", json={"name": fresh("token"), "role": "admin"}).json()
    assert admin.put(f"/api/v1/users/{who.id}", json={"role": "viewer"}).status_code == 200
    for token in (made["token"], again["token"]):
        with product.client_with(token) as program:
            assert program.get("/api/v1/folders").status_code == 200
            assert program.get("/api/v1/tokens").status_code == 403


def test_the_tokens_that_a_deleted_person_made_are_revoked(product: Product, admin: httpx.Client) -> None:
    who = person(product, admin, "admin")
    made = who.client.post("/api/v1/tokens", json={"name": fresh("token"), "role": "admin"},
                           headers={"Origin": product.url}).json()  # fmt: skip
    headers = {"Authorization": f"Bearer {made['token']}"}
    assert httpx.get(f"{product.url}/api/v1/users", headers=headers).status_code == 200
    assert admin.delete(f"/api/v1/users/{who.id}").status_code == 204
    assert httpx.get(f"{product.url}/api/v1/users", headers=headers).status_code == 401


@pytest.fixture
def hidden(product: Product, admin: httpx.Client) -> tuple[str, str]:
    """A folder that is closed to all but admins and one editor, and a dashboard in it."""
    folder, name = fresh("hidden"), fresh("secret")
    permissions = {"role:admin": "admin"}
    admin.post("/api/v1/folders", json={"uid": folder, "title": "H", "permissions": permissions})
    document = {"dashboard_id": name, "title": "S", "folder": folder, "panels": [], "tags": [f"tag-{name}"]}
    assert admin.post("/api/v1/dashboards", json=document).status_code == 201
    return folder, name


def test_tags_of_hidden_dashboards_are_not_listed(
    product: Product, admin: httpx.Client, hidden: tuple[str, str]
) -> None:
    with product.client("viewer") as viewer:
        assert f"tag-{hidden[1]}" in admin.get("/").text
        assert f"tag-{hidden[1]}" not in viewer.get("/").text


def test_home_shows_one_folder(product: Product, admin: httpx.Client, hidden: tuple[str, str]) -> None:
    folder, name = hidden
    page = admin.get(f"/?folder={folder}")
    assert page.status_code == 200
    assert name in page.text
    with product.client("viewer") as viewer:
        for uid in (folder, "none", "%00"):
            assert viewer.get(f"/?folder={uid}").status_code == 200
            assert name not in viewer.get(f"/?folder={uid}").text


def test_annotations_of_a_hidden_dashboard_are_for_those_who_see_it_and_go_with_it(
    product: Product, admin: httpx.Client, hidden: tuple[str, str]
) -> None:
    folder, name = hidden
    editor = person(product, admin, "editor")
    ours = {"Origin": product.url}
    open_to = {"role:admin": "admin", f"user:{editor.id}": "edit"}
    admin.put(f"/api/v1/folders/{folder}", json={"permissions": open_to})
    now = int(time.time() * 1000)
    body = {"time": now, "text": f"mark {name}", "dashboard_id": name}
    made = editor.client.post("/api/v1/annotations", json=body, headers=ours)
    assert made.status_code == 201, made.text
    mark = f"/api/v1/annotations/{made.json()['id']}"
    admin.put(f"/api/v1/folders/{folder}", json={"permissions": {"role:admin": "admin"}})
    changed = {"time": now, "text": "changed"}
    assert editor.client.put(mark, json=changed, headers=ours).status_code == 404
    assert editor.client.delete(mark, headers=ours).status_code == 404
    assert f"mark {name}" in json.dumps(admin.get("/api/v1/annotations").json())
    assert f"mark {name}" not in editor.client.get("/api/v1/annotations").text
    assert admin.delete(f"/api/v1/dashboards/{name}").status_code == 204
    for client in (admin, editor.client):
        assert f"mark {name}" not in client.get("/api/v1/annotations").text
    assert admin.delete(mark).status_code == 404


def test_a_page_says_so_at_once_when_a_login_ends_while_it_is_fetching(product: Product, admin: httpx.Client) -> None:
    who = person(product, admin)
    tab = opened(product, "host", {"Cookie": who.cookie})
    logs_out(admin, who, "", "")
    answer = wait(lambda: tab.fetch(FETCHES[0]) if tab.fetch(FETCHES[0]).status_code != 200 else None, "the end", 10)
    assert (answer.status_code, answer.json()["code"]) == (401, "unauthenticated")
