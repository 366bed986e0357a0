"""Links that open one dashboard without a login: what they show, what they do not, and when they end."""

from __future__ import annotations

import json
import re
import time
from collections.abc import Iterator
from typing import Any

import httpx
import pytest
from fixtures.naming import fresh
from fixtures.product import EMBEDDER, Product
from fixtures.routes import addresses
from fixtures.waiting import wait
from websockets.exceptions import ConnectionClosed
from websockets.sync.client import connect

from heliograph.app.api.router import table
from heliograph.app.api.routing import PREFIX

API = PREFIX
VARIABLES = [
    {"name": "mode", "type": "custom", "query": "idle,user,hidden-customer", "current": "idle"},
    {"name": "free", "type": "textbox", "query": "words"},
    {"name": "tenant", "type": "custom", "query": "ours,theirs", "current": "ours", "hide": "variable"},
]
QUERY = {"metric": "node_load1"}
PANELS = [
    {"panel_id": 1, "title": "Load of $mode $free $tenant", "type": "timeseries", "position": {"y": 0}, "query": QUERY},
    {"panel_id": 2, "title": "Rows", "type": "table", "position": {"y": 8}, "query": QUERY},
]
# What anybody may ask for, who has no token either: pages to sign in, files of pages, what probes ask.
OPEN_TO_ALL = frozenset({"/login", "/dashboards", "/d-solo/host", "/d-solo/host/r", "/static/0/0",
                         "/embed/heliograph.js",
                         "/d/host/bokeh/static/js/bokeh.min.js", "/explore/static/0/0"})  # fmt: skip

# What has a secret of its own in its address, which the token is not; and what is not for GET.
OTHER_SECRETS = ("/s/", "/embed/", "/snapshots/")
POSTED = {"/logout": (405,), "/password": (405,)}


@pytest.fixture
def nobody(product: Product) -> Iterator[httpx.Client]:
    """Who has no account: on this server anonymous people see dashboards, but not those of a closed folder."""
    with httpx.Client(base_url=product.url, timeout=30) as client:
        yield client


def board(product: Product, editor: httpx.Client, **changed: Any) -> str:
    """A dashboard in a folder that only editors see."""
    name = fresh("linked")
    with product.client("admin") as admin:
        folder = {"uid": name, "title": name, "permissions": {"role:editor": "edit"}}
        assert admin.post(f"{API}/folders", json=folder).status_code == 201
    document = {
        "dashboard_id": name, "title": "Linked", "folder": name, "refresh": "1s", "variables": VARIABLES,
        "time": {"from": "now-5m", "to": "now"}, "panels": PANELS, **changed,
    }  # fmt: skip
    made = editor.post(f"{API}/dashboards", json=document)
    assert made.status_code == 201, made.text
    return str(name)


def link(editor: httpx.Client, board_id: str, **terms: Any) -> dict[str, Any]:
    made = editor.post(f"{API}/dashboards/{board_id}/shares", json=terms)
    assert made.status_code == 201, made.text
    found: dict[str, Any] = made.json()
    found["path"] = httpx.URL(found["url"]).path
    return found


def boot_of(page: str) -> dict[str, Any]:
    found = re.search(r'<script type="application/json" id="boot">(.*?)</script>', page, re.DOTALL)
    assert found is not None
    boot: dict[str, Any] = json.loads(found[1])
    return boot


def opened(client: httpx.Client, path: str, **arguments: Any) -> dict[str, Any]:
    answer = client.get(path, params=arguments)
    assert answer.status_code == 200, answer.text
    return boot_of(answer.text)


def fetch(client: httpx.Client, boot: dict[str, Any], path: str) -> httpx.Response:
    return client.get(f"/live/{boot['view']}/{path}", headers={"X-Heliograph-Token": boot["token"]})


def values(boot: dict[str, Any]) -> dict[str, list[str]]:
    return {one["name"]: one["current"] for one in boot["variables"]}


def test_a_link_opens_its_dashboard_live_for_nobody_in_particular_and_shares_their_view(
    product: Product, editor: httpx.Client, nobody: httpx.Client
) -> None:
    name = board(product, editor)
    assert nobody.get(f"/d/{name}").status_code == 404
    shared = link(editor, name, name="For the wall")
    assert re.fullmatch(r"/s/[A-Za-z0-9_-]{32}", shared["path"])
    answer = nobody.get(shared["path"])
    assert (answer.headers["Referrer-Policy"], answer.headers["Cache-Control"]) == ("no-referrer", "private, no-store")
    assert "frame-ancestors 'self'" in answer.headers["Content-Security-Policy"]
    boot = boot_of(answer.text)
    ours = editor.get(f"/live/open?dashboard={name}").json()
    assert boot["view"] == ours["view"], "one view, one query, whoever looks"
    assert (boot["can_edit"], boot["annotate"], boot["firing"], boot["user"]["login"]) == (False, None, 0, "")
    assert fetch(nobody, boot, "panels?ids=1,2").status_code == 200
    assert fetch(nobody, boot, "columns?panels=1&from=now-2m&to=now").status_code == 200
    assert fetch(nobody, boot, "annotations?from=now-2m&to=now").status_code == 200
    assert fetch(nobody, boot, "inspect?panel=1").status_code == 403, "what is asked is the makers' own"
    again = nobody.get(f"{shared['path']}/open").json()
    assert (again["view"], again["guest"]) == (boot["view"], {"variables": False, "time": False})
    socket = connect(f"ws://127.0.0.1:{product.port}/live/{boot['view']}/socket?token={boot['token']}")
    with socket:
        socket.send(json.dumps({"want": [1]}))
        assert [json.loads(socket.recv(timeout=40))["seq"] for _ in range(2)]
    (listed,) = editor.get(f"{API}/dashboards/{name}/shares").json()["items"]
    assert (listed["name"], listed["share_id"], listed["used_at"] is None) == (
        "For the wall",
        shared["share_id"],
        False,
    )
    assert shared["path"].split("/")[-1] not in json.dumps(listed)


def test_what_a_link_holds_fixed_nobody_changes(product: Product, editor: httpx.Client, nobody: httpx.Client) -> None:
    name = board(product, editor)
    held = link(editor, name, values={"mode": "user"}, **{"from": "now-2m", "to": "now"})
    boot = opened(nobody, held["path"], **{
        "var-mode": "hidden-customer", "var-free": "x", "var-tenant": "theirs", "from": "now-7d", "to": "now",
        "refresh": "5s",
    })  # fmt: skip
    assert values(boot) == {"mode": ["user"], "free": ["words"]}
    assert (boot["range"], boot["refresh_s"]) == ({"from": "now-2m", "to": "now"}, 1)
    assert boot["panels"][0]["title"] == "Load of user words ours"
    assert "hidden-customer" not in json.dumps(boot), "options that cannot be chosen are not told"
    assert "theirs" not in json.dumps(boot)
    other = nobody.get(f"{held['path']}/open", params={"var-mode": "idle", "from": "now-1d", "to": "now"}).json()
    assert other["view"] == boot["view"]
    for what in ("columns?panels=1", "density?panel=1&width=100&height=100", "annotations?x"):
        assert fetch(nobody, boot, f"{what}&from=now-3h&to=now-1h").status_code == 404, what
    rows = fetch(nobody, boot, "columns?panels=1&from=now-3h&to=now")
    head = json.loads(rows.content[4 : 4 + int.from_bytes(rows.content[:4], "little")])
    assert head["window"][0] >= boot["window"][0], "a zoom is cut to what the link shows"

    loose = link(editor, name, variables="free", time="free", values={"mode": "user"})
    boot = opened(nobody, loose["path"], **{"var-mode": "nonsense", "var-free": "x", "var-tenant": "theirs"})
    assert values(boot) == {"mode": ["idle"], "free": ["words"]}
    boot = opened(nobody, loose["path"], **{"var-mode": "hidden-customer", "from": "now-1h", "to": "now"})
    assert (values(boot)["mode"], boot["range"]["from"]) == (["hidden-customer"], "now-1h")
    assert values(opened(nobody, loose["path"]))["mode"] == ["user"]
    texts = link(editor, name, variables="free", text_boxes=True)
    assert values(opened(nobody, texts["path"], **{"var-free": "x"}))["free"] == ["x"]


def test_a_links_token_and_what_it_gives_open_nothing_else(product: Product, editor: httpx.Client) -> None:
    """Every route of the API and every page, with the token in all places where one could be."""
    name, other = board(product, editor), board(product, editor)
    shared = link(editor, name, variables="free", time="free")
    token = shared["path"].split("/")[-1]
    with httpx.Client(base_url=product.url, timeout=30) as client:
        boot = opened(client, shared["path"])
        tried = {"Authorization": f"Bearer {token}", "X-Heliograph-Token": token}
        viewer = {"Authorization": f"Bearer {boot['token']}", "X-Heliograph-Token": boot["token"]}
        for route in table().table:
            path = PREFIX + re.sub(r"\{\w+\}", name, route.path)
            for headers in (tried, viewer):
                body: Any = {} if route.method in ("POST", "PUT") else None
                answer = client.request(route.method, path, headers=headers, json=body, params={"token": token})
                assert answer.status_code in (401, 403), (route.method, route.path, answer.status_code)
        for path in addresses(name):
            if path.replace(name, "host") in OPEN_TO_ALL or path.endswith(("/0.0", "/ws", "/socket")):
                continue
            for headers in (tried, viewer):
                answer = client.get(path, headers=headers, params={"dashboard": name, "token": token})
                login = answer.status_code == 302 and answer.headers["Location"].startswith("/login")
                taken = (404,) if path.startswith(OTHER_SECRETS) else (401, 403)
                assert login or answer.status_code in (*taken, *POSTED.get(path, ())), (path, answer.status_code)
        for path in (f"/d/{other}", f"/d/{name}", f"/live/open?dashboard={other}", f"/d/{name}/panels/1.csv"):
            assert client.get(path, headers={"Cookie": f"heliograph_session={token}"}).status_code == 404, path
        strange = editor.get(f"/live/open?dashboard={other}").json()
        there = client.get(f"/live/{strange['view']}/panels?ids=1", headers={"X-Heliograph-Token": boot["token"]})
        assert there.status_code == 401


def read_until(socket: Any, deadline: float) -> None:
    while True:
        socket.recv(timeout=max(0.1, deadline - time.monotonic()))


def closed_with(socket: Any, within_s: float = 15) -> int:
    deadline = time.monotonic() + within_s
    with socket, pytest.raises(ConnectionClosed) as end:
        read_until(socket, deadline)
    assert end.value.rcvd is not None
    return int(end.value.rcvd.code)


def test_a_link_that_is_revoked_or_whose_dashboard_goes_ends_for_all(
    product: Product, editor: httpx.Client, nobody: httpx.Client
) -> None:
    name = board(product, editor)
    first, second = link(editor, name), link(editor, name)
    boots = [opened(nobody, one["path"]) for one in (first, second)]
    sockets = [
        connect(f"ws://127.0.0.1:{product.port}/live/{one['view']}/socket?token={one['token']}") for one in boots
    ]
    assert editor.delete(f"{API}/shares/{first['share_id']}").status_code == 204
    assert closed_with(sockets[0]) == 4401
    assert nobody.get(first["path"]).status_code == 404
    assert nobody.get(f"{first['path']}/open").status_code == 404
    assert fetch(nobody, boots[0], "panels?ids=1").status_code == 401
    assert nobody.get(second["path"]).status_code == 200
    assert editor.delete(f"{API}/shares/{first['share_id']}").status_code == 404
    assert editor.delete(f"{API}/dashboards/{name}").status_code == 204
    assert closed_with(sockets[1]) in (4401, 4410)
    assert editor.post(f"{API}/dashboards", json={"dashboard_id": name, "title": "Another"}).status_code == 201
    wait(lambda: nobody.get(second["path"]).status_code == 404, "a link does not open the next of that name")


def test_a_links_password_is_asked_for_and_not_guessed(product: Product, editor: httpx.Client) -> None:
    name = board(product, editor)
    shared = link(editor, name, password="a good password")
    assert shared["embed_url"] is None
    with httpx.Client(base_url=product.url, timeout=30) as client:
        asked = client.get(shared["path"])
        assert (asked.status_code, "Linked" in asked.text) == (401, False)
        assert asked.headers["Referrer-Policy"] == "strict-origin", "else its own form comes from nowhere"
        assert client.get(f"{shared['path']}/open").status_code == 401
        assert client.get(f"/embed{shared['path']}").status_code == 403
        ours = {"Origin": product.url}
        assert client.post(shared["path"], data={"password": "no"}, headers=ours).status_code == 401
        theirs = {"Origin": "https://evil.example"}
        assert client.post(shared["path"], data={"password": "a good password"}, headers=theirs).status_code == 403
        good = client.post(f"{shared['path']}?next=//evil", data={"password": "a good password"}, headers=ours)
        assert (good.status_code, good.headers["Location"]) == (303, f"{shared['path']}?next=//evil")
        assert opened(client, shared["path"])["title"] == "Linked"
        other = link(editor, name, password="another password")
        mine = client.cookies[f"heliograph_share_{shared['share_id']}"]
        forged = {"Cookie": f"heliograph_share_{other['share_id']}={mine}"}
        assert client.get(other["path"], headers=forged).status_code == 401, "a pass is for its link alone"
        statuses = [client.post(other["path"], data={"password": "no"}, headers=ours).status_code for _ in range(25)]
        assert statuses[-1] == 429
        late = client.post(other["path"], data={"password": "another password"}, headers=ours)
        assert late.status_code == 429, "the right one waits too"


def test_who_may_make_links_and_of_what(product: Product, editor: httpx.Client, nobody: httpx.Client) -> None:
    name = board(product, editor)
    path = f"{API}/dashboards/{name}/shares"
    with product.client("viewer") as viewer:
        assert viewer.post(path, json={}).status_code == 403
        assert viewer.get(path).status_code == 403
    assert nobody.post(path, json={}).status_code == 403
    with product.client("admin") as admin:
        hidden = fresh("hidden")
        folder = {"uid": hidden, "title": hidden, "permissions": {"role:editor": "view"}}
        assert admin.post(f"{API}/folders", json=folder).status_code == 201
        document = {"dashboard_id": hidden, "title": "x", "folder": hidden, "panels": PANELS[:1]}
        assert admin.post(f"{API}/dashboards", json=document).status_code == 201
        made = link(admin, hidden)
    assert editor.post(f"{API}/dashboards/{hidden}/shares", json={}).status_code == 403
    assert editor.delete(f"{API}/shares/{made['share_id']}").status_code == 403
    faults = {
        "$.expires_in": {"expires_in": "soon"},
        "$.values.nothing": {"values": {"nothing": "x"}},
        "$.to": {"from": "now-1h"},
        "$.password": {"password": "short"},
        "$.variables": {"variables": "all"},
        "$.tz": {"tz": "Nowhere/At_all"},
    }
    for where, body in faults.items():
        answer = editor.post(path, json=body)
        assert (answer.status_code, answer.json()["path"]) == (422, where)
    own = {**PANELS[0], "query": "select '$__user' as u"}
    assert editor.post(f"{API}/dashboards/{board(product, editor, panels=[own])}/shares", json={}).status_code == 403
    lists = [{"panel_id": 1, "type": "alertlist"}]
    assert editor.post(f"{API}/dashboards/{board(product, editor, panels=lists)}/shares", json={}).status_code == 403


def test_frames_are_for_the_origins_that_an_operator_names_and_no_log_has_a_token(
    product: Product, editor: httpx.Client, nobody: httpx.Client
) -> None:
    name = board(product, editor, title="</script><img src=x onerror=alert(1)>")
    shared = link(editor, name)
    framed = nobody.get(f"/embed{shared['path']}", params={"panel": "1", "transparent": ""})
    assert f"frame-ancestors http://{EMBEDDER}:*" in framed.headers["Content-Security-Policy"]
    assert "<img src=x" not in framed.text
    assert nobody.get(f"/embed{shared['path']}", params={"panel": "77"}).status_code == 404
    assert nobody.get(f"/s/{'x' * 32}").status_code == 404
    lost = nobody.get(f"{shared['path']}x")
    assert (lost.status_code, "/login" in lost.text) == (404, False), "no way to sign in has the token in it"
    token = shared["path"].split("/")[-1]
    assert token not in product.log.read_text("utf-8", "replace")
    assert token not in nobody.get("/metrics").text


def test_who_may_take_snapshots_and_of_what(product: Product, editor: httpx.Client, nobody: httpx.Client) -> None:
    name = board(product, editor, title="</script><img src=x onerror=alert(1)>")
    path = f"{API}/dashboards/{name}/snapshots"
    with product.client("viewer") as viewer:
        assert viewer.post(path, json={}).status_code == 403
        kept = editor.post(path, json={"values": {"mode": "user"}}).json()
        assert viewer.delete(f"{API}/snapshots/{kept['snapshot_id']}").status_code == 403
    shown = nobody.get(f"/snapshots/{kept['snapshot_id']}")
    assert shown.status_code == 200
    policy = shown.headers["Content-Security-Policy"]
    assert "default-src 'none'; script-src 'sha256-" in policy
    assert policy.endswith("frame-ancestors 'none'")
    assert shown.headers["Referrer-Policy"] == "no-referrer"
    assert "<img src=x" not in shown.text
    assert "hidden-customer" not in shown.text, "what was not chosen is not in it"
    own = {**PANELS[0], "query": "select '$__user' as u"}
    assert editor.post(f"{API}/dashboards/{board(product, editor, panels=[own])}/snapshots", json={}).status_code == 403
    assert editor.post(path, json={"panel": 77}).status_code == 404
    assert editor.delete(f"{API}/dashboards/{name}").status_code == 204
    assert nobody.get(f"/snapshots/{kept['snapshot_id']}").status_code == 404
    assert kept["snapshot_id"] not in product.log.read_text("utf-8", "replace")
