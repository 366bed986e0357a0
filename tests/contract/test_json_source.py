"""The JSON source against a real server: what is sent, what is read, and what leads nowhere else."""

from __future__ import annotations

import json
import socket
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import AsyncExitStack
from typing import Any
from urllib.parse import parse_qsl

import pytest
from fixtures.api import Api, Told, serving
from fixtures.contexts import context_of
from tornado.httputil import HTTPServerRequest

from heliograph.app.process.telemetry import Telemetry
from heliograph.app.query_path import make_admission, make_proxy, source_kinds
from heliograph.app.settings import Settings
from heliograph.datasources.frame import Frame
from heliograph.datasources.query.caches import make_caches
from heliograph.datasources.query.model import Answer, Query
from heliograph.datasources.query.proxy import QueryProxy
from heliograph.datasources.sources.jsonapi import JsonSource
from heliograph.datasources.sources.registry import SourceKinds, Sources
from heliograph.datasources.timerange import TimeRange
from heliograph.datasources.variables.chosen import Chosen
from heliograph.errors import HeliographError, InvalidError, SourceError, SourceUnavailableError
from heliograph.scope import Role, Scope
from heliograph.storage.cache.shared import in_memory
from heliograph.storage.config.datasources import StoredSource

SCOPE = Scope(1, Role.EDITOR)
RANGE = TimeRange(1_700_000_000_000, 1_700_000_300_000)
EVIL = [
    "a/../../admin",
    "..",
    "%2e%2e",
    "a?admin=1&b",
    "a#b",
    "a&admin=1",
    "\r\nX-Admin: 1",
    '","admin":"',
    "ü x",
    "a\\b",
]


@pytest.fixture
async def api() -> AsyncIterator[Api]:
    async with serving("127.0.0.4") as made:
        yield made


class Asking:
    """The product's query path over one JSON source."""

    def __init__(self, stored: StoredSource, allowed: tuple[str, ...]) -> None:
        kinds = SourceKinds(lambda one: context_of(one, allowed))
        kinds.register(JsonSource)

        async def listing(_: int) -> list[StoredSource]:
            return [kinds.sealed(stored)]

        self.sources = Sources(kinds, [], listing, lambda: RANGE.to_ms / 1000)
        self.caches = make_caches(
            in_memory(), lambda: RANGE.to_ms / 1000, counted=lambda _: None, joined=lambda _: None
        )
        settings, telemetry = Settings(), Telemetry()
        admission = make_admission(settings, self.caches, telemetry)
        self.proxy: QueryProxy = make_proxy(settings, self.sources, self.caches, telemetry, admission)

    async def __call__(self, query: Any, **more: Any) -> Answer:
        return await self.proxy.query(Query(query, RANGE, SCOPE, "api", interval_s=60.0, **more))

    async def table(self, query: Any, **more: Any) -> Frame:
        (frame,) = (await self(query, options={"format": "table"}, **more)).frames
        return frame


Ask = Callable[..., Asking]


@pytest.fixture
async def asking() -> AsyncIterator[Ask]:
    """Makes query paths to an API, for those networks that its operator allows."""
    async with AsyncExitStack() as stack:

        def make(api: Api, allowed: tuple[str, ...] = ("127.0.0.4/32",), **more: Any) -> Asking:
            made = Asking(StoredSource("api", "API", "json", **{"url": api.url, **more}), allowed)
            stack.push_async_callback(made.sources.close)
            stack.push_async_callback(made.caches.close)
            return made

        yield make


def columns(frame: Frame) -> Mapping[str, tuple[str, list[Any]]]:
    return {field.name: (field.kind, field.readable) for field in frame.fields}


# ---- where requests lead


@pytest.mark.parametrize(
    "path",
    [
        "/a/..%2fadmin",
        "/%2e%2e%2fadmin",
        "/..%252fadmin",
        "/..%25252Fadmin",
        "/a/..;b=1/admin",
        "/..%5cadmin",
        "/.%2e;/x",
    ],
)
async def test_no_path_leads_upwards_however_a_server_reads_it(api: Api, asking: Ask, path: str) -> None:
    with pytest.raises(InvalidError, match="upwards"):
        await asking(api)({"path": path})
    assert api.asked == []


@pytest.mark.parametrize("value", ["../admin", "..;/admin", "../../admin", "%2e%2e/admin", "./x", "..\\admin"])
@pytest.mark.parametrize("spec", ["", ":raw", ":percentencode"])
async def test_no_value_leads_upwards_however_a_server_reads_it(api: Api, asking: Ask, value: str, spec: str) -> None:
    query = {"path": "/shops/${shop" + spec + "}"}
    with pytest.raises(InvalidError, match="upwards"):
        await asking(api)(query, variables={"shop": Chosen([value], single=True)})
    assert api.asked == []


async def test_only_the_configured_origin_is_asked(api: Api, asking: Ask) -> None:
    async with serving("127.0.0.5") as other:
        other.answers["/"] = api.answers["/"] = [{"a": 1}]
        assert (await asking(api).table({"path": "/"})).rows == 1
        for path in (other.url, f"//{other.url[7:]}", f"@{other.url[7:]}/", f"/{other.url}", f"\\\\{other.url[7:]}"):
            with pytest.raises(HeliographError):
                await asking(api, ("127.0.0.0/8",))({"path": path})
        assert other.asked == []


@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
async def test_redirects_are_not_followed(api: Api, asking: Ask, status: int) -> None:
    async with serving("127.0.0.5") as other:
        api.answers["/"] = Told(status=status, headers={"Location": f"{other.url}/"})
        with pytest.raises(SourceUnavailableError, match="redirects"):
            await asking(api, ("127.0.0.0/8",))({"path": "/"})
        assert other.asked == []


async def test_a_link_to_the_next_page_leads_nowhere_else(api: Api, asking: Ask) -> None:
    async with serving("127.0.0.5") as other:
        for link in (f"{other.url}/2", f"//{other.url[7:]}/2", "https://127.0.0.4/2", f"http://u:p@{api.url[7:]}/2"):
            api.answers["/"] = {"items": [1], "next": link}
            with pytest.raises(SourceError, match="not below"):
                await asking(api, ("127.0.0.0/8",))({"path": "/", "rows": "items", "pages": {"next": "next"}})
        assert other.asked == []


async def test_a_link_stays_below_the_path_of_the_url(api: Api, asking: Ask) -> None:
    api.answers["/v1/a"] = {"items": [1], "next": "/admin"}
    with pytest.raises(SourceError, match="not below"):
        await asking(api, url=f"{api.url}/v1")({"path": "/a", "rows": "items", "pages": {"next": "next"}})
    assert api.paths == ["/v1/a"]


@pytest.mark.parametrize(
    "host", ["127.0.0.4", "localhost", "169.254.169.254", "10.0.0.1", "[::1]", "metadata.google.internal"]
)
async def test_addresses_that_the_operator_does_not_name_are_not_asked(api: Api, asking: Ask, host: str) -> None:
    api.answers["/"] = [{"a": 1}]
    port = api.url.rpartition(":")[2]
    with pytest.raises(SourceError, match="allowed_networks"):
        await asking(api, (), url=f"http://{host}:{port}")({"path": "/"})
    assert api.asked == []


async def test_a_name_that_changes_its_mind_leads_to_the_judged_address_alone(
    api: Api, asking: Ask, monkeypatch: pytest.MonkeyPatch
) -> None:
    port = int(api.url.rpartition(":")[2])
    async with serving("127.0.0.5", port) as inner:
        inner.answers["/"] = api.answers["/"] = [{"a": 1}]
        answers = ["127.0.0.4", "127.0.0.5"]
        real = socket.getaddrinfo

        def getaddrinfo(name: Any, *rest: Any, **more: Any) -> Any:
            if name != "rebinding.example.com":
                return real(name, *rest, **more)
            address = answers.pop(0) if len(answers) > 1 else answers[0]
            return [(socket.AF_INET, socket.SOCK_STREAM, 6, "", (address, 0))]

        monkeypatch.setattr(socket, "getaddrinfo", getaddrinfo)
        rebinding = asking(api, url=f"http://rebinding.example.com:{port}")
        assert (await rebinding.table({"path": "/"})).rows == 1
        with pytest.raises(SourceError, match="allowed_networks"):
            await rebinding({"path": "/other"})
        assert inner.asked == []


# ---- values stay where they were put


@pytest.mark.parametrize("spec", ["", ":raw", ":csv", ":text", ":percentencode", ":json", ":uriencode", ":queryparam"])
@pytest.mark.parametrize("value", EVIL)
async def test_a_value_stays_in_its_part_of_the_path(api: Api, asking: Ask, value: str, spec: str) -> None:
    query = {"path": "/shops/${shop" + spec + "}/orders", "rows": "[]"}
    with pytest.raises((SourceError, InvalidError)) as refused:  # answered with 404, or never asked
        await asking(api)(query, variables={"shop": Chosen([value], single=True)})
    if isinstance(refused.value, InvalidError):
        assert refused.value.path == "$.query.path"
        assert api.asked == []
        return
    (asked,) = api.paths
    beginning, _, rest = asked.partition("/shops/")
    assert (beginning, rest.count("/"), rest.count("?"), rest.count("#")) == ("", 1, 0, 0), asked


@pytest.mark.parametrize("value", EVIL)
async def test_a_value_stays_in_its_argument_and_in_its_value_of_the_body(api: Api, asking: Ask, value: str) -> None:
    api.answers["/"] = [{"a": 1}]
    query = {
        "path": "/",
        "method": "POST",
        "params": {"shop": "$shop", "text": "of $shop"},
        "body": {"query": {"shop": "$shop", "all": ["$many"], "text": "x $shop y"}, "since": "$__from"},
    }
    variables = {"shop": Chosen([value], single=True), "many": (value, "b")}
    await asking(api)(query, variables=variables)
    (asked,) = api.asked
    assert parse_qsl(asked.query) == [("shop", value), ("text", f"of {value}")]
    assert json.loads(asked.body) == {
        "query": {"shop": value, "all": [[value, "b"]], "text": f"x {value} y"},
        "since": RANGE.from_ms // 60_000 * 60_000,
    }


async def test_a_header_is_no_place_for_another_one(api: Api, asking: Ask) -> None:
    api.answers["/"] = [{"a": 1}]
    query = {"path": "/", "headers": {"X-Shop": "$shop"}}
    await asking(api)(query, variables={"shop": Chosen(["north"], single=True)})
    assert api.asked[0].headers["X-Shop"] == "north"
    for value in ("a\r\nX-Admin: 1", "a\nb", "\x00"):
        with pytest.raises(InvalidError) as refused:
            await asking(api)(query, variables={"shop": Chosen([value], single=True)})
        assert refused.value.path == "$.query.headers.X-Shop"
    for name in ("Authorization", "Host", "cookie", "Content-Length", "X: 1\r\nY"):
        with pytest.raises(InvalidError):
            await asking(api)({"path": "/", "headers": {name: "x"}})
    assert len(api.asked) == 1


async def test_several_values_are_several_arguments(api: Api, asking: Ask) -> None:
    api.answers["/"] = [{"a": 1}]
    await asking(api)({"path": "/?x=$shop", "params": {"shop": "$shop", "n": 5}}, variables={"shop": ("a b", "c")})
    assert api.paths == ["/?x=a+b%2Cc&shop=a+b&shop=c&n=5"]


async def test_secrets_are_sent_and_never_told(api: Api, asking: Ask) -> None:
    api.answers["/"] = [{"a": 1}]
    options = {"headers": {"X-Key": "header-secret"}, "params": {"api_key": "param-secret"}}
    stored = StoredSource("api", "API", "json", api.url, options, {"token": "bearer-secret"})
    kinds = SourceKinds(context_of)
    kinds.register(JsonSource)
    shown = kinds.shown(stored)
    assert "secret" not in repr((shown.url, shown.options))
    assert set(shown.secrets) == {"token", "headers.X-Key", "params.api_key"}
    answer = await asking(api, options=options, secrets=stored.secrets)(
        {"path": "/", "headers": {"X-Key": "mine"}, "params": {"api_key": "mine"}}
    )
    (asked,) = api.asked
    assert (asked.headers["X-Key"], asked.headers["Authorization"]) == ("header-secret", "Bearer bearer-secret")
    assert asked.query_arguments["api_key"] == [b"param-secret"]
    assert "secret" not in answer.inspect.query
    await asking(api, options={"user": "u"}, secrets={"password": "p"})({"path": "/"})
    assert api.asked[-1].headers["Authorization"] == "Basic dTpw"


# ---- pages


def paged(count: int, size: int) -> Any:
    def answer(request: HTTPServerRequest) -> Any:
        arguments = {name: values[0].decode() for name, values in request.query_arguments.items()}
        if "page" in arguments:
            start = (int(arguments["page"]) - 1) * size
        else:
            start = int(arguments.get("offset", arguments.get("after", 0)))
        end = min(start + size, count)
        items = [{"n": number} for number in range(start, end)]
        more = end < count
        links = {"next": f"/items?offset={end}" if more else None}
        headers = {"Link": f'</items?offset={end}>; rel="next"'} if more else {}
        return Told(json.dumps({"items": items, "links": links, "cursor": end if more else None}), headers=headers)

    return answer


@pytest.mark.parametrize(
    ("pages", "asked"),
    [
        ({"next": "links.next"}, 3),
        ({"link": True}, 3),
        ({"next": "cursor", "cursor": "after"}, 3),
        ({"offset": "offset", "size": 10}, 3),
        ({"page": "page", "size": 10}, 3),
        ({"page": "page"}, 4),
    ],
)
async def test_all_pages_are_one_answer(api: Api, asking: Ask, pages: Mapping[str, Any], asked: int) -> None:
    api.answers["/items"] = paged(25, 10)
    answer = await asking(api)({"path": "/items", "rows": "items", "pages": pages}, options={"format": "table"})
    assert answer.frames[0].fields[0].values.tolist() == [float(n) for n in range(25)]
    assert len(api.asked) == asked
    assert not answer.partial
    cut = await asking(api)({"path": "/items", "rows": "items", "pages": {**pages, "limit": 2}})
    assert cut.partial
    assert "more pages than the 2" in cut.warnings[0]
    assert cut.frames[0].rows == 20


async def test_pages_in_a_circle_end(api: Api, asking: Ask) -> None:
    api.answers["/items"] = {"items": [1], "next": "/items"}
    with pytest.raises(SourceError, match="circle"):
        await asking(api)({"path": "/items", "rows": "items", "pages": {"next": "next"}})
    assert len(api.asked) == 1


async def test_limits_hold_over_all_pages(api: Api, asking: Ask) -> None:
    api.answers["/items"] = paged(1000, 10)
    query = {"path": "/items", "rows": "items", "pages": {"next": "links.next", "limit": 100}}
    with pytest.raises(SourceError, match="more than 55 rows"):
        await asking(api, options={"max_rows": 55})(query)
    with pytest.raises(SourceError, match="more than 1500 bytes"):
        await asking(api, options={"max_bytes": 1500})(query)
    with pytest.raises(HeliographError, match="1 s"):
        await asking(api)({"path": "/slow"}, deadline_s=1.0)


# ---- what is read


async def test_digits_days_and_missing_values_are_what_they_were(api: Api, asking: Ask) -> None:
    api.answers["/"] = (
        '[{"id": 6951419298100303058, "price": 12345678901234567890.50, "half": 0.1, "day": "2026-03-14", '
        '"at": "2026-03-14T01:02:03.123456789+02:00", "ok": true, "tags": ["a", 1.10], "text": "007", "none": null},'
        '{"id": 1, "price": 1e3, "half": -0.50, "day": null, "at": 1710320000, "ok": null, '
        '"tags": {"a": 12345678901234567890.5}}]'
    )
    fields = {name: name for name in ("id", "price", "half", "ok", "tags", "text", "none")}
    times = {name: {"path": name, "kind": "time"} for name in ("day", "at")}
    found = columns(await asking(api).table({"path": "/", "fields": {**fields, **times}}))
    assert found["id"] == ("number", ["6951419298100303058", 1.0])
    assert found["price"] == ("number", ["12345678901234567890.50", 1000.0])
    assert found["half"] == ("number", [0.1, -0.5])
    assert found["ok"] == ("boolean", [True, None])
    assert found["tags"] == ("string", ['["a", 1.1]', '{"a": 12345678901234567890.5}'])
    assert found["text"] == ("string", ["007", None])
    assert found["none"] == ("string", [None, None])
    assert found["day"][1][0] == "2026-03-14"
    assert found["at"] == ("time", [1_773_442_923_123.0, 1_710_320_000_000.0])


async def test_rows_and_fields_are_jmespath(api: Api, asking: Ask) -> None:
    api.answers["/"] = {"data": {"shops": [{"name": "a", "items": [{"n": 1}, {"n": 2}]}, {"name": "b", "items": []}]}}
    query = {
        "path": "/",
        "rows": "data.shops[?length(items) > `0`]",
        "fields": {"shop": "name", "sum": "sum(items[].n)"},
    }
    assert columns(await asking(api).table(query)) == {"shop": ("string", ["a"]), "sum": ("number", [3.0])}


ORDERS_CSV = 'time;shop;amount;zip\r\n2026-03-14T00:00:00Z;a;12.50;01067\r\n2026-03-14T00:01:00Z;"b;c";;10115\r\n'
ORDERS_XML = (
    '<o:orders xmlns:o="urn:o"><o:order id="7"><shop>a</shop><amount cur="EUR">12.50</amount></o:order>'
    "<o:order id='8'><shop>b</shop></o:order></o:orders>"
)


async def test_lines_csv_and_xml_are_read(api: Api, asking: Ask) -> None:
    api.answers["/csv"], api.answers["/xml"] = "\ufeff" + ORDERS_CSV, ORDERS_XML
    api.answers["/lines"] = '{"a": 1}\n\n{"a": 2.5}\n'
    ask = asking(api)
    assert columns(await ask.table({"path": "/csv", "format": "csv"})) == {
        "time": ("time", [1_773_446_400_000.0, 1_773_446_460_000.0]),
        "shop": ("string", ["a", "b;c"]),
        "amount": ("number", [12.5, pytest.approx(float("nan"), nan_ok=True)]),
        "zip": ("string", ["01067", "10115"]),
    }
    query = {"path": "/xml", "format": "xml", "rows": "order", "fields": {"id": "id", "amount": "amount.text"}}
    found = columns(await ask.table(query))
    assert found["id"] == ("number", [7.0, 8.0])
    assert found["amount"][1][0] == 12.5
    assert columns(await ask.table({"path": "/lines", "format": "ndjson"})) == {"a": ("number", [1.0, 2.5])}


async def test_halves_of_characters_are_replaced(api: Api, asking: Ask) -> None:
    api.answers["/"] = r'[{"a\udc00": "x\ud800", "b": ["\ud83d\ude00"]}]'
    found = columns(await asking(api).table({"path": "/"}))
    assert found == {"a\ufffd": ("string", ["x\ufffd"]), "b": ("string", ['["\U0001f600"]'])}
    for field in (r'`"\ud800"`', r'"\ud800"'):
        with pytest.raises(InvalidError, match="halves"):
            await asking(api)({"path": "/", "fields": {"x": field}})


BOMB = '<!DOCTYPE a [<!ENTITY b "bbbbbbbbbb"><!ENTITY c "&b;&b;&b;&b;&b;&b;">]><a>&c;</a>'
REMOTE = '<!DOCTYPE a [<!ENTITY b SYSTEM "file:///etc/hostname">]><a>&b;</a>'


@pytest.mark.parametrize(
    ("body", "query"),
    [
        ("[" * 200_000, {}),
        ('{"a":' * 100_000, {}),
        ("nonsense", {}),
        (b"\xff\xfe", {}),
        ("[" + "9" * 5000 + "]", {}),
        ("<a>" * 100_000, {"format": "xml"}),
        ("<a>" * 1000 + "</a>" * 1000, {"format": "xml"}),
        (BOMB, {"format": "xml"}),
        (REMOTE, {"format": "xml"}),
        ('a\n"b', {"format": "csv"}),
        (json.dumps([{str(n): n for n in range(501)}]), {}),
    ],
)
async def test_an_answer_that_cannot_be_read_is_an_error_of_its_target(
    api: Api, asking: Ask, body: str, query: Any
) -> None:
    api.answers["/"] = body
    with pytest.raises(SourceError):
        await asking(api)({"path": "/", **query})


DOUBLING = "[@, @] | " * 60 + "@"
QUOTING = "to_string([" * 125 + "@" + "])" * 125
JOINING = "join('" + "x" * 300 + "', map(&'" + "y" * 300 + "', items))"


@pytest.mark.parametrize(
    "rows",
    [
        DOUBLING,
        DOUBLING + "[][]",
        "to_string(" + DOUBLING + ")",
        "[" * 1500,
        "a" * 3000,
        "nope(@)",
        "items[",
        JOINING,
        QUOTING,
    ],
)
async def test_an_expression_that_would_make_much_of_little_is_refused(api: Api, asking: Ask, rows: str) -> None:
    api.answers["/"] = {"items": list(range(10_000)), "text": '"'}
    with pytest.raises(HeliographError):
        await asking(api)({"path": "/", "rows": rows}, deadline_s=20.0)


@pytest.mark.parametrize(
    ("query", "path"),
    [
        ({"path": 5}, "$.query.path"),
        ({"path": "/", "pages": {"next": "a", "limit": 0}}, "$.query.pages.limit"),
        ({"path": "/", "pages": {}}, "$.query.pages"),
        ({"path": "/", "method": "DELETE"}, "$.query.method"),
        ({"path": "/", "body": {}}, "$.query"),
        ({"path": "/", "fields": {"a": {"path": "x", "kind": "money"}}}, "$.query.fields.a.kind"),
        ({"path": "/", "rows": "a["}, "$.query.rows"),
        ({"path": "/", "unknown": 1}, "$.query.unknown"),
        ({"path": "/a/../b"}, "$.query.path"),
        ("no json", "$.query"),
    ],
)
async def test_a_query_that_cannot_be_names_the_field(api: Api, asking: Ask, query: Any, path: str) -> None:
    api.answers["/"] = []
    with pytest.raises(InvalidError) as refused:
        await asking(api)(query)
    assert refused.value.path == path


async def test_a_refusal_is_told_in_the_words_of_the_api(api: Api, asking: Ask) -> None:
    with pytest.raises(SourceError, match="404: there is no such thing"):
        await asking(api)({"path": "/nowhere"})
    api.answers["/busy"] = Told('{"message": "later"}', 429, {"Retry-After": "7"})
    with pytest.raises(SourceUnavailableError, match="later") as refused:
        await asking(api)({"path": "/busy"})
    assert refused.value.retry_after_s == 7
    health = await (await asking(api).sources.find(1, "api")).source.test()
    assert (health.ok, "404" in health.message) == (False, True)
    api.answers["/health"] = "{}"
    assert (await (await asking(api, options={"test_path": "/health"}).sources.find(1, "api")).source.test()).ok


async def test_a_variable_asks_with_the_values_of_others(api: Api, asking: Ask) -> None:
    api.answers["/shops/a%2Fb"] = {"items": [{"id": 1, "name": "One"}, {"id": 2, "name": "Two"}]}
    source = (await asking(api).sources.find(1, "api")).source
    template = json.dumps(
        {
            "path": "/shops/$region",
            "rows": "items",
            "fields": {"value": "id", "text": "name"},
            "params": {"to": "$__to"},
        }
    )
    query = source.filled_options(template, {"region": Chosen(["a/b"], single=True)})
    found = await source.options(query, RANGE, SCOPE)
    assert [(one.value, one.text) for one in found] == [("1", "One"), ("2", "Two")]
    assert api.paths == [f"/shops/a%2Fb?to={RANGE.to_ms}"]


def test_the_product_has_this_kind() -> None:
    kinds = source_kinds(Settings(), None, lambda: 0.0, None)  # type: ignore[arg-type]
    assert kinds.class_of("json") is JsonSource
