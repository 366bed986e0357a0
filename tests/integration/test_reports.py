"""Reports by mail from two nodes over one PostgreSQL: sent once, as their maker sees them, with how it went."""

from __future__ import annotations

import contextlib
import shutil
from collections.abc import Iterator
from typing import Any

import httpx
import pypdfium2
import pytest
from fixtures.naming import fresh
from fixtures.postgres import Postgres
from fixtures.product import Product, ProductMaker
from fixtures.receivers import MailBox
from fixtures.waiting import wait

API = "/api/v1"
ROOT = "https://metrics.example.org/h"
YEARLY = "0 8 1 1 *"
pytestmark = [
    pytest.mark.skipif(shutil.which("chromium") is None, reason="Chromium is not installed: apt install chromium"),
    pytest.mark.timeout(300),
]


@pytest.fixture(scope="module")
def nodes(
    make_product: ProductMaker, postgres_server: Postgres, tmp_path_factory: pytest.TempPathFactory
) -> tuple[Product, Product]:
    shared = {
        "HELIOGRAPH_DATABASE_URL": postgres_server.create("reports"),
        "HELIOGRAPH_SECRET_KEY": "the same on both nodes, long enough",
        "HELIOGRAPH_ALLOWED_NETWORKS": "127.0.0.0/8",
        "HELIOGRAPH_PUBLIC_URL": ROOT,
    }
    upgraded = Product(tmp_path_factory.mktemp("upgrade") / "data", environment=shared).command("db", "upgrade")
    assert upgraded.returncode == 0, upgraded.stderr
    one = make_product(**shared)
    two = make_product(**shared, HELIOGRAPH_METRICS_URL=(one.data_dir / "store.url").read_text().strip())
    return one, two


@pytest.fixture
def admin(nodes: tuple[Product, Product]) -> Iterator[httpx.Client]:
    with nodes[0].client("admin") as client:
        yield client


def board(client: httpx.Client, **changed: Any) -> str:
    query = "select concat('$who-', toString(number)) as line, number as n from numbers(6)"
    table = {"type": "table", "title": "Lines", "targets": [{"query": query, "options": {"format": "table"}}]}
    name = fresh("paper")
    document = {"dashboard_id": name, "title": "Paper", "panels": [{"panel_id": 1, **table}], **changed}
    document.setdefault("variables", [{"name": "who", "type": "custom", "query": "ann,bob", "current": "ann"}])
    assert client.post(f"{API}/dashboards", json=document).status_code == 201
    return str(name)


def mail_to(admin: httpx.Client, box: MailBox) -> str:
    body = {
        "contact_point_id": fresh("mail"), "name": "Mail", "type": "email", "url": box.url,
        "options": {"from": "h@example.org", "to": ["mira@example.org"], "starttls": "never"},
    }  # fmt: skip
    made = admin.post(f"{API}/contact-points", json=body)
    assert made.status_code == 201, made.text
    return str(made.json()["contact_point_id"])


def report(client: httpx.Client, dashboard: str, contact: str, **changed: Any) -> dict[str, Any]:
    body = {"schedule": YEARLY, "zone": "Europe/Berlin", "contact_point": contact, **changed}
    made = client.post(f"{API}/dashboards/{dashboard}/reports", json=body)
    assert made.status_code == 201, made.text
    found: dict[str, Any] = made.json()
    return found


def ended(client: httpx.Client, name: str, number: int) -> dict[str, Any]:
    """How a report went, once it went."""

    def last() -> dict[str, Any] | None:
        items = client.get(f"{API}/dashboards/{name}/reports").raise_for_status().json()["items"]
        found: dict[str, Any] | None = next(one["last"] for one in items if one["report_id"] == number)
        return found

    found: dict[str, Any] = wait(last, "how the report went", 120)
    return found


def test_reports_are_sent_once_over_all_nodes_and_show_what_their_maker_chose(
    nodes: tuple[Product, Product], admin: httpx.Client, mailbox: MailBox
) -> None:
    name, contact = board(admin), mail_to(admin, mailbox)
    made = [
        report(admin, name, contact, name=f"Weekly {who}\r\nBcc: eve@example.org", values={"who": who}, tz="UTC",
               **{"from": "now-1h", "to": "now"})
        for who in ("ann", "bob")
    ]  # fmt: skip
    assert [one["last"] for one in made] == [None, None]
    mailbox.script.append("451 not now")
    with nodes[1].client("admin") as other:
        for one in made:
            assert other.post(f"{API}/reports/{one['report_id']}/send").status_code == 202
    results = [ended(admin, name, one["report_id"]) for one in made]
    assert all(one["sent"] for one in results), results
    assert len(mailbox.mails) == 2, "each once, the one that was not taken at first too"
    assert len({mail["Message-ID"] for mail in mailbox.mails}) == 2
    for mail in mailbox.mails:
        who, other_one = ("ann", "bob") if "Weekly ann" in str(mail["Subject"]) else ("bob", "ann")
        assert mail["Bcc"] is None
        (pdf,) = mail.iter_attachments()
        with contextlib.closing(pypdfium2.PdfDocument(pdf.get_content())) as document:
            text = "".join(page.get_textpage().get_text_bounded() for page in document)
        assert f"{who}-5" in text
        assert f"{other_one}-5" not in text
        body = mail.get_body()
        assert body is not None
        assert f"{ROOT}/d/{name}/paper?" in body.get_content()
        assert f"var-who={who}" in body.get_content()
        assert body.get_content().splitlines()[0] == f"Weekly {who} Bcc: eve@example.org", "no title writes lines"
    (again, _) = admin.get(f"{API}/dashboards/{name}/reports").json()["items"]
    assert again["due_at"] == made[1]["due_at"], "the schedule goes on as it was"
    assert admin.delete(f"{API}/reports/{made[0]['report_id']}").status_code == 204
    assert admin.delete(f"{API}/reports/{made[0]['report_id']}").status_code == 404


def test_a_report_has_no_rights_beyond_its_makers(
    nodes: tuple[Product, Product], admin: httpx.Client, mailbox: MailBox
) -> None:
    contact = mail_to(admin, mailbox)
    one = nodes[0]
    token = admin.post(f"{API}/tokens", json={"name": fresh("maker"), "role": "editor"}).json()
    with httpx.Client(base_url=one.url, headers={"Authorization": f"Bearer {token['token']}"}, timeout=30) as editor:
        closed, gone = board(editor), board(editor)
        first, second = report(editor, closed, contact), report(editor, gone, contact)
    folder = fresh("closed")
    permissions = {"role:admin": "admin"}
    assert admin.post(f"{API}/folders", json={"uid": folder, "title": folder, "permissions": permissions}).is_success
    assert admin.put(f"{API}/dashboards/{closed}/folder", json={"folder": folder}).is_success
    admin.post(f"{API}/reports/{first['report_id']}/send").raise_for_status()
    said = ended(admin, closed, first["report_id"])
    assert (said["sent"], said["message"]) == (False, f"there is no dashboard {closed}")
    admin.delete(f"{API}/tokens/{token['id']}").raise_for_status()
    admin.post(f"{API}/reports/{second['report_id']}/send").raise_for_status()
    said = ended(admin, gone, second["report_id"])
    assert (said["sent"], said["message"].startswith("who made it has no account")) == (False, True)
    assert mailbox.mails == []
    with one.client("viewer") as viewer:
        assert viewer.get(f"{API}/dashboards/{gone}/reports").status_code == 403
        assert viewer.post(f"{API}/reports/{second['report_id']}/send").status_code == 403


def test_a_report_is_changed_and_paused(nodes: tuple[Product, Product], admin: httpx.Client, mailbox: MailBox) -> None:
    name, contact = board(admin), mail_to(admin, mailbox)
    made = report(admin, name, contact, name="Yearly", values={"who": "ann"})
    path = f"{API}/reports/{made['report_id']}"
    changed = {
        "name": "Daily",
        "schedule": "0 9 * * *",
        "zone": "UTC",
        "contact_point": contact,
        "values": {"who": "bob"},
    }
    assert admin.put(path, json=changed).json()["path"] == "$.version"
    with nodes[1].client("editor") as editor:
        saved = editor.put(path, json={**changed, "paused": True}, headers={"If-Match": '"1"'})
        assert (saved.status_code, saved.headers["ETag"]) == (200, '"2"'), saved.text
        told = saved.json()
        assert (told["name"], told["values"], told["paused"], told["due_at"]) == ("Daily", {"who": ["bob"]}, True, None)
        assert told["created_by"] != made["created_by"], "who changes it makes it theirs"
        lost = editor.put(path, json={**changed, "version": 1})
        assert (lost.status_code, lost.json()["current_version"]) == (409, 2)
        assert editor.put(path, json={**changed, "version": 2, "schedule": "x"}).json()["path"] == "$.schedule"
        editor.post(f"{path}/send").raise_for_status()
    assert ended(admin, name, made["report_id"])["sent"]
    (after,) = admin.get(f"{API}/dashboards/{name}/reports").json()["items"]
    assert (after["paused"], after["due_at"]) == (True, None), "sent once, and paused all the same"
    goes_on = admin.put(path, json={**changed, "version": 2, "paused": False}).raise_for_status().json()
    assert goes_on["due_at"] > goes_on["created_at"]
    with nodes[0].client("viewer") as viewer:
        assert viewer.put(path, json={**changed, "version": 3}).status_code == 403


def test_what_is_wrong_with_a_report_is_named(admin: httpx.Client, mailbox: MailBox) -> None:
    name, contact = board(admin), mail_to(admin, mailbox)
    path, good = f"{API}/dashboards/{name}/reports", {"schedule": YEARLY, "contact_point": contact}
    for wrong, where in (
        ({"schedule": "0 8 30 2 *"}, "$.schedule"),
        ({"schedule": "* * * * * *"}, "$.schedule"),
        ({"zone": "Moon/Base"}, "$.zone"),
        ({"contact_point": "nobody"}, "$.contact_point"),
        ({"contact_point": "log"}, "$.contact_point"),
        ({"values": {"nope": "x"}}, "$.values.nope"),
        ({"from": "now-1h"}, "$.to"),
        ({"tz": "Moon/Base"}, "$.tz"),
    ):
        answer = admin.post(path, json={**good, **wrong})
        assert (answer.status_code, answer.json().get("path")) == (422, where), (wrong, answer.text)
    private = {"panel_id": 1, "type": "stat", "query": "select '$__user' as me", "title": "Me"}
    own = board(admin, panels=[private], variables=[])
    assert admin.post(f"{API}/dashboards/{own}/reports", json=good).status_code == 403
    assert admin.get(path).json() == {"items": []}
