"""Every kind of contact point over a real server: what is sent, what comes back, and whether trying again can help."""

from __future__ import annotations

import hashlib
import hmac
import json
from dataclasses import replace
from typing import Any

import pytest
from fixtures.receivers import HttpReceiver, MailBox
from fixtures.resolving import listening

from heliograph.alerting.alert import Alert
from heliograph.alerting.grouping.notification import Notification
from heliograph.alerting.notifiers.base import NotifyError, Receipt
from heliograph.alerting.notifiers.registry import NotifierKinds, default_kinds
from heliograph.datasources.sources.network import NetworkGuard
from heliograph.errors import InvalidError
from heliograph.storage.config.datasources import StoredSource

EVIL = "x\r\nBcc: all@example.org\r\n\r\n<script>alert(1)</script><!channel> \u2028 \x00"
LABELS = {"alertname": "Down", "service": "api", "severity": "page"}
FIRING = Alert("f1", LABELS, {"summary": "api is down"}, starts_ms=1_700_000_000_000, rule_id="down", value=4.5)
ENDED = replace(FIRING, fingerprint="f2", labels=LABELS | {"service": "web"}, ends_ms=1_700_000_060_000)
TOLD = Notification(
    "0123", "abcd", '{}:{alertname="Down"}', "ops", {"alertname": "Down"}, (FIRING,), (ENDED,), 1_700_000_100_000,
    "https://metrics.example.org",
)  # fmt: skip
NASTY = replace(
    TOLD,
    firing=(replace(FIRING, labels={"alertname": EVIL, "a": EVIL}, annotations={"summary": EVIL}),),
    group_labels={"alertname": EVIL},
)


def kinds(*allowed: str, timeout_s: float = 10.0) -> NotifierKinds:
    return default_kinds(NetworkGuard(allowed or ("127.0.0.0/8",)), lambda: 1_700_000_200.5, timeout_s)


def over_http(kind: str, url: str, **more: Any) -> StoredSource:
    """A contact point of each kind that speaks HTTP, at that server."""
    secret: dict[str, dict[str, str]] = {
        "slack": {"url": f"{url}/services/T/B/secret"},
        "teams": {"url": f"{url}/workflows/1?api-version=2016&sig=secret"},
        "pagerduty": {"routing_key": "R123"},
        "webhook": {"signing_key": "k"},
    }
    place = "" if kind in ("slack", "teams") else url + ("/hook?a=1" if kind == "webhook" else "")
    return StoredSource("ops", "Ops", kind, place, more, secret.get(kind, {}))


HTTP_KINDS = ("webhook", "slack", "teams", "pagerduty", "alertmanager")


async def send(stored: StoredSource, told: Notification = TOLD, timeout_s: float = 10.0) -> Receipt:
    notifier = kinds(timeout_s=timeout_s).make(stored)
    try:
        return await notifier.send(told)
    finally:
        await notifier.close()


@pytest.mark.parametrize("kind", HTTP_KINDS)
@pytest.mark.parametrize(
    ("said", "again"),
    [(500, True), (503, True), (429, True), (408, True), (400, False), (401, False), (404, False), (302, False)],
)
async def test_a_notifier_says_whether_trying_again_can_help(
    receiver: HttpReceiver, kind: str, said: int, again: bool
) -> None:
    receiver.script, receiver.text = [said], "the reason"
    with pytest.raises(NotifyError) as caught:
        await send(over_http(kind, receiver.url))
    assert (caught.value.retryable, caught.value.answer) == (again, "the reason")
    assert str(said) in caught.value.reason or said == 302


@pytest.mark.parametrize("kind", HTTP_KINDS)
@pytest.mark.parametrize("said", ["reset", "hang"])
async def test_a_receiver_that_hangs_or_breaks_off_is_tried_again(receiver: HttpReceiver, kind: str, said: str) -> None:
    receiver.script = [said]
    with pytest.raises(NotifyError) as caught:
        await send(over_http(kind, receiver.url), timeout_s=0.5)
    assert caught.value.retryable
    assert "secret" not in caught.value.reason


async def test_a_receiver_says_when_to_come_again(receiver: HttpReceiver) -> None:
    receiver.script, receiver.headers = [429], {"Retry-After": "7"}
    with pytest.raises(NotifyError) as caught:
        await send(over_http("webhook", receiver.url))
    assert caught.value.wait_s == 7


@pytest.mark.parametrize("kind", HTTP_KINDS)
async def test_no_kind_of_contact_point_reaches_what_the_operator_did_not_allow(
    receiver: HttpReceiver, kind: str
) -> None:
    notifier = kinds("10.0.0.0/8").make(over_http(kind, receiver.url))
    with pytest.raises(NotifyError, match="allowed_networks") as caught:
        await notifier.send(TOLD)
    assert not caught.value.retryable
    assert receiver.posted == []


async def test_mail_goes_nowhere_that_the_operator_did_not_allow(mailbox: MailBox) -> None:
    notifier = kinds("10.0.0.0/8").make(mail(mailbox))
    with pytest.raises(NotifyError, match="allowed_networks"):
        await notifier.send(TOLD)
    assert mailbox.mails == []


NAME, JUDGED, INNER = "rebinding.example.com", "127.0.0.3", "127.0.0.1"
MAIL = {"from": "alerts@example.org", "to": ["ops@example.org"]}


def at(kind: str, host: str, port: int) -> StoredSource:
    """A contact point of any kind at that host."""
    if kind == "email":
        return StoredSource("ops", "Ops", kind, f"smtp://{host}:{port}", MAIL)
    return over_http(kind, f"http://{host}:{port}")


@pytest.mark.parametrize("kind", ["webhook", "pagerduty", "alertmanager", "email"])
async def test_a_name_that_changes_its_mind_is_told_at_the_judged_address_alone(
    kind: str, names: dict[str, list[list[str]]]
) -> None:
    async with listening(JUDGED) as (port, judged), listening(INNER, port) as (_, inner):
        names[NAME] = [[JUDGED], [INNER]]
        notifier = kinds(f"{JUDGED}/32", timeout_s=2.0).make(at(kind, NAME, port))
        with pytest.raises(NotifyError):
            await notifier.send(TOLD)
        assert judged
        with pytest.raises(NotifyError, match="allowed_networks"):  # it is the inner address now
            await notifier.send(TOLD)
        names[NAME] = [[JUDGED, INNER]]
        with pytest.raises(NotifyError, match="allowed_networks"):
            await notifier.send(TOLD)
        assert inner == []
        await notifier.close()


SPELLED = (
    "2130706433", "0x7f000001", "017700000001", "127.1", "0177.0.0.1", "localhost", "localhost.", "[::1]",
    "[::ffff:127.0.0.1]", "[::ffff:7f00:1]", "[::127.0.0.1]", "[64:ff9b::7f00:1]", "[2002:7f00:1::]", "0", "0.0.0.0",
    "100.64.0.1", "169.254.169.254", "[fd00:ec2::254]", "metadata.google.internal", "metadata.google.internal.",
    "METADATA", "[fe80::1]", "198.18.0.1", "[64:ff9b:1::1]", "①②⑦.⓪.⓪.①", "10.0.0.1%2f",
)  # fmt: skip


@pytest.mark.parametrize("kind", ["webhook", "email"])
@pytest.mark.parametrize("host", SPELLED)
async def test_no_way_of_writing_an_inner_address_reaches_it(kind: str, host: str) -> None:
    async with listening(INNER) as (port, inner):
        try:
            notifier = kinds(f"{JUDGED}/32", timeout_s=2.0).make(at(kind, host, port))
        except InvalidError:
            return
        with pytest.raises(NotifyError, match=r"allowed_networks|nobody may ask|no address"):
            await notifier.send(TOLD)
        assert inner == []
        await notifier.close()


# -- webhook -----------------------------------------------------------------------------------------------------------


async def test_a_webhook_gets_alertmanagers_json_signed_and_named(receiver: HttpReceiver) -> None:
    stored = over_http("webhook", receiver.url, headers={"X-Team": "a"}, user="mira")
    await send(replace(stored, secrets={**stored.secrets, "password": "p"}))
    (got,) = receiver.posted
    assert got.path == "/hook?a=1"
    assert got.headers["Idempotency-Key"] == "0123"
    assert got.headers["X-Team"] == "a"
    assert got.headers["Authorization"] == "Basic bWlyYTpw"
    assert got.headers["X-Heliograph-Timestamp"] == "1700000200"
    stamped = b"1700000200." + got.body
    assert got.headers["X-Heliograph-Signature"] == "sha256=" + hmac.new(b"k", stamped, hashlib.sha256).hexdigest()
    assert json.loads(got.body) == {
        "version": "4",
        "groupKey": '{}:{alertname="Down"}',
        "truncatedAlerts": 0,
        "status": "firing",
        "receiver": "ops",
        "groupLabels": {"alertname": "Down"},
        "commonLabels": {"alertname": "Down", "severity": "page"},
        "commonAnnotations": {"summary": "api is down"},
        "externalURL": "https://metrics.example.org",
        "alerts": [
            {
                "status": "firing",
                "labels": LABELS,
                "annotations": {"summary": "api is down"},
                "startsAt": "2023-11-14T22:13:20.000Z",
                "endsAt": "0001-01-01T00:00:00Z",
                "generatorURL": "https://metrics.example.org/alerts/down",
                "fingerprint": json.loads(got.body)["alerts"][0]["fingerprint"],
            },
            {
                **json.loads(got.body)["alerts"][1],
                "status": "resolved",
                "endsAt": "2023-11-14T22:14:20.000Z",
            },
        ],
    }


async def test_a_webhook_gets_as_many_alerts_as_it_takes(receiver: HttpReceiver) -> None:
    await send(over_http("webhook", receiver.url, max_alerts=1))
    got = json.loads(receiver.posted[0].body)
    assert (len(got["alerts"]), got["truncatedAlerts"]) == (1, 1)


@pytest.mark.parametrize("headers", [{"X": "a\r\nEvil: 1"}, {"Host": "other"}, {"bad name": "x"}])
def test_headers_that_would_be_others_are_refused(headers: dict[str, str]) -> None:
    with pytest.raises(InvalidError) as caught:
        kinds().make(over_http("webhook", "http://example.org", headers=headers))
    assert caught.value.path == "$.options.headers"


@pytest.mark.parametrize("url", ["ftp://x", "http://", "nonsense", "file:///etc/passwd", "http://a\x00b"])
def test_a_url_that_is_none_is_refused_by_its_path(url: str) -> None:
    with pytest.raises(InvalidError) as caught:
        kinds().make(StoredSource("ops", "Ops", "webhook", url))
    assert caught.value.path == "$.url"


# -- the others over HTTP ----------------------------------------------------------------------------------------------


async def test_slack_gets_an_attachment_in_which_no_label_mentions_a_channel(receiver: HttpReceiver) -> None:
    await send(over_http("slack", receiver.url, channel="#ops"), NASTY)
    got = json.loads(receiver.posted[0].body)
    assert receiver.posted[0].path == "/services/T/B/secret"
    assert got["channel"] == "#ops"
    assert "<!channel>" not in receiver.posted[0].body.decode()
    assert "&lt;!channel&gt;" in got["attachments"][0]["text"]


async def test_teams_gets_an_adaptive_card_of_plain_runs(receiver: HttpReceiver) -> None:
    await send(over_http("teams", receiver.url))
    assert receiver.posted[0].path == "/workflows/1?api-version=2016&sig=secret"
    card = json.loads(receiver.posted[0].body)["attachments"][0]["content"]
    assert card["type"] == "AdaptiveCard"
    runs = [run for block in card["body"] for run in block["inlines"]]
    assert runs[0]["text"] == "[FIRING:1] Down"
    assert any("api is down" in run["text"] for run in runs)
    assert {run["type"] for run in runs} == {"TextRun"}


async def test_pagerduty_is_triggered_and_resolved_by_one_key(receiver: HttpReceiver) -> None:
    stored = over_http("pagerduty", receiver.url)
    await send(stored)
    await send(stored, replace(TOLD, key="4567", firing=()))
    first, second = (json.loads(one.body) for one in receiver.posted)
    assert [one["event_action"] for one in (first, second)] == ["trigger", "resolve"]
    assert first["dedup_key"] == second["dedup_key"] == "abcd"
    assert first["routing_key"] == "R123"
    assert first["payload"]["severity"] == "critical"
    assert first["payload"]["summary"] == "[FIRING:1] Down"


async def test_an_alertmanager_gets_alerts_with_their_ends(receiver: HttpReceiver) -> None:
    await send(over_http("alertmanager", receiver.url))
    assert receiver.posted[0].path == "/api/v2/alerts"
    firing, ended = json.loads(receiver.posted[0].body)
    assert firing["labels"] == LABELS
    assert firing["endsAt"] == "2023-11-15T22:15:00.000Z"
    assert ended["endsAt"] == "2023-11-14T22:14:20.000Z"


async def test_the_log_takes_everything() -> None:
    assert (await send(StoredSource("log", "Log", "log"), NASTY)).message == "written to the log"


# -- mail --------------------------------------------------------------------------------------------------------------


def mail(box: MailBox, **options: Any) -> StoredSource:
    secrets = {"password": options.pop("password")} if "password" in options else {}
    chosen = {"from": "alerts@example.org", "to": ["ops@example.org", "dev@example.org"], **options}
    return StoredSource("mail", "Mail", "email", box.url, chosen, secrets)


async def test_a_mail_has_a_text_and_html_and_is_named_by_its_notification(mailbox: MailBox) -> None:
    receipt = await send(mail(mailbox))
    (got,) = mailbox.mails
    assert mailbox.recipients == [["ops@example.org", "dev@example.org"]]
    assert receipt.answer == "taken"
    assert got["Subject"] == "[FIRING:1] Down"
    assert got["From"] == "Heliograph <alerts@example.org>"
    assert got["Message-ID"] == "<0123@example.org>"
    assert got["References"] == "<abcd@example.org>"
    assert got.get_content_type() == "multipart/alternative"
    text, page = got.get_body(("plain",)), got.get_body(("html",))
    assert text is not None
    assert page is not None
    assert "api is down" in text.get_content()
    assert "https://metrics.example.org/alerts/down" in page.get_content()


async def test_no_text_of_an_alert_begins_a_header_or_a_script_in_a_mail(mailbox: MailBox) -> None:
    await send(mail(mailbox, from_name='Eve"\\ <eve@example.org>'), NASTY)
    (got,) = mailbox.mails
    assert got["Bcc"] is None
    assert mailbox.recipients == [["ops@example.org", "dev@example.org"]]
    assert "\n" not in got["Subject"]
    assert [one.addr_spec for one in got["From"].addresses] == ["alerts@example.org"]
    page = got.get_body(("html",))
    assert page is not None
    assert "<script>" not in page.get_content()
    assert "&lt;script&gt;" in page.get_content()


@pytest.mark.parametrize(
    ("said", "again"), [("451 later", True), ("554 never", False), ("421 closing", True), ("552 too big", False)]
)
async def test_mail_is_tried_again_where_the_server_says_later(mailbox: MailBox, said: str, again: bool) -> None:
    mailbox.script = [said]
    with pytest.raises(NotifyError) as caught:
        await send(mail(mailbox))
    assert (caught.value.retryable, caught.value.answer[:3]) == (again, said[:3])


async def test_mail_to_nobody_is_not_tried_again_and_mail_to_some_is_taken(mailbox: MailBox) -> None:
    mailbox.refused = {"dev@example.org"}
    assert "not for dev@example.org" in (await send(mail(mailbox))).message
    mailbox.refused = {"ops@example.org", "dev@example.org"}
    with pytest.raises(NotifyError) as caught:
        await send(mail(mailbox))
    assert not caught.value.retryable
    assert "550" in caught.value.answer


async def test_mail_is_encrypted_before_it_logs_in(secure_mailbox: MailBox) -> None:
    await send(mail(secure_mailbox, user="mira", password="right", insecure=True))
    assert secure_mailbox.logins == [("mira", "right")]
    assert len(secure_mailbox.mails) == 1
    with pytest.raises(NotifyError) as caught:
        await send(mail(secure_mailbox, user="mira", password="wrong", insecure=True))
    assert not caught.value.retryable


async def test_mail_does_not_go_to_a_server_that_cannot_prove_who_it_is(secure_mailbox: MailBox) -> None:
    with pytest.raises(NotifyError):
        await send(mail(secure_mailbox, user="mira", password="right"))
    assert secure_mailbox.logins == []


async def test_a_password_is_not_told_in_the_clear(mailbox: MailBox) -> None:
    with pytest.raises(NotifyError, match="in the clear"):
        await send(mail(mailbox, user="mira", password="right"))
    with pytest.raises(NotifyError, match="STARTTLS"):
        await send(mail(mailbox, starttls="required"))


async def test_a_server_of_mail_that_is_not_there_is_tried_again(mailbox: MailBox) -> None:
    gone = replace(mail(mailbox), url="smtp://127.0.0.1:1")
    with pytest.raises(NotifyError) as caught:
        await send(gone)
    assert caught.value.retryable


@pytest.mark.parametrize("url", ["http://x", "smtp://", "smtp://x/y", "smtp://u:p@x", "smtp://x:99999", "smtp://x?a=b"])
def test_an_address_of_mail_that_is_none_is_refused(mailbox: MailBox, url: str) -> None:
    stored = replace(mail(mailbox), url=url)
    if "u:p" in url:  # sealed as it is saved
        assert kinds().make(stored) is not None
    else:
        with pytest.raises(InvalidError) as caught:
            kinds().make(stored)
        assert caught.value.path == "$.url"


@pytest.mark.parametrize("address", ["a@b\r\nBcc: c@d", "a b@c", "@c", "a@", "a@b>", "ü@c"])
def test_addresses_that_are_none_are_refused(mailbox: MailBox, address: str) -> None:
    with pytest.raises(ValueError, match="to"):
        kinds().options(mail(mailbox, to=[address]))
