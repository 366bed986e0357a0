"""Texts that are written into themselves again and again: a few characters that outgrow the memory of a node, and time.

Each is saved or sent to the running product by an editor, opened by a viewer, and refused in words; all others are
answered meanwhile, and no role dies.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Iterator
from typing import Any

import httpx
import psutil
import pytest
from fixtures.healthy import while_healthy
from fixtures.product import Product, ProductMaker, child_role
from fixtures.theirs import Said, Theirs, theirs
from fixtures.waiting import wait

from heliograph.app.live.snapshot import decode_snapshot

API = "/api/v1"
MOST_GROWN_MB = 900  # of a role, and far less than what any of these takes where nothing holds it
ROLES = ("view", "alert", "work", "store")
RANGE = {"from": "now-5m", "to": "now"}


@pytest.fixture(scope="module")
def attacked(make_product: ProductMaker) -> Product:
    """A server whose own addresses are a data source, too."""
    product = make_product(
        HELIOGRAPH_ANONYMOUS_ROLE="viewer", HELIOGRAPH_ALLOWED_NETWORKS="127.0.0.0/8", HELIOGRAPH_COLLECT_HOST="true"
    )
    with product.client("admin") as admin:
        source = {"uid": "own", "name": "own", "type": "json", "url": product.url}
        admin.post(f"{API}/datasources", json=source).raise_for_status()
    return product


@pytest.fixture(scope="module")
def others(attacked: Product) -> Iterator[Theirs]:
    """A server of others, which is a data source of each kind that is asked over HTTP."""
    with theirs() as made, attacked.client("admin") as admin:
        for kind in ("json", "prometheus", "elasticsearch"):
            source = {"uid": f"their-{kind}", "name": kind, "type": kind, "url": made.url}
            admin.post(f"{API}/datasources", json=source).raise_for_status()
        yield made


def processes(product: Product) -> dict[str, psutil.Process | None]:
    return {role: child_role(product, role) for role in ROLES}


@pytest.fixture
def living(attacked: Product) -> Iterator[Product]:
    """The product: its roles are afterwards those that they were, and hold no more than before."""
    before = processes(attacked)
    held = {role: one.memory_info().rss / 1e6 for role, one in before.items() if one is not None}
    yield attacked
    assert processes(attacked) == before
    for role, mb in held.items():
        one = before[role]
        assert one is not None
        assert one.memory_info().rss / 1e6 < mb + MOST_GROWN_MB, role


def opened(product: Product, **panel: Any) -> dict[str, Any]:
    """What a viewer sees of a dashboard of that one panel."""
    product.save({"dashboard_id": "grown", "title": "Grown", "panels": [{"panel_id": 1, "type": "table", **panel}]})
    with product.client(None) as viewer:
        boot = viewer.get("/live/open", params={"dashboard": "grown"}).raise_for_status().json()
        viewer.headers["X-Heliograph-Token"] = boot["token"]

        def drawn() -> dict[str, Any]:
            answer = while_healthy(product, lambda: viewer.get(f"/live/{boot['view']}/panels", params={"ids": "1"}))
            found: dict[str, Any] = decode_snapshot(answer.raise_for_status().content)[0]["panels"]["1"]
            return {} if found["state"] == "loading" else found

        made: dict[str, Any] = wait(drawn, "the panel")
        return made


def step(kind: str, **options: Any) -> dict[str, Any]:
    return {"id": kind, "options": options}


LONG = "repeat('x', 1000000)"
QUOTED = {"targetField": "a", "destinationType": "string"}
KEYS = "{" + ",".join(f'"k{number}":1' for number in range(1900)) + "}"
WIDE = f"select '{KEYS}' as a union all select '{{}}' as a from numbers(50000)"
AGGREGATED = {"operation": "aggregate", "aggregations": [f"p{n}" for n in range(1, 100)]}
GROWING = {
    "quotes around quotes": ("select '\"' as a", [step("convertFieldType", conversions=[QUOTED] * 100)]),
    "names within names": ("select 1 as a", [step("renameByRegex", regex="/^.*$/", renamePattern="$&" * 240)] * 9),
    "a column a key": (WIDE, [step("extractFields", source="a", format="json")]),
    "a calculation a row": (
        "select toString(number) as k, number as v from numbers(90000)",
        [step("groupBy", fields={"k": {"operation": "groupby"}, "v": AGGREGATED})],
    ),
}


@pytest.mark.parametrize("name", GROWING)
def test_transformations_that_outgrow_memory_are_refused_on_their_panel(living: Product, name: str) -> None:
    sql, steps = GROWING[name]
    query = {"ref": "A", "datasource": "store", "query": sql, "options": {"format": "table"}}
    found = opened(living, targets=[query], transformations=steps)
    assert found["state"] == "error"
    assert "may" in found["message"] or "would come of it" in found["message"]


# Maps within maps, each twice in the next: 2^60 of the first.
BOMB = "{{ $a := args 1 1 }}" + "{{ $a = args $a $a }}" * 60 + "{{ print $a }}"
RULE = {
    "title": "Grown",
    "group": "grown",
    "interval": "5s",
    "targets": [{"ref": "A", "datasource": "store", "query": {"metric": "node_load1"}, "instant": True}],
    "condition": {"of": "A", "reducer": "last", "fires": {"above": -1}},
    "for": "0s",
    "annotations": {"summary": BOMB},
}


def test_a_template_of_a_rule_that_outgrows_memory_is_an_error_in_its_place(living: Product) -> None:
    with living.client("editor") as editor:
        preview = while_healthy(living, lambda: editor.post(f"{API}/rules/preview", json={"rule": RULE, **RANGE}))
        assert preview.status_code == 200, preview.text
        editor.post(f"{API}/rules", json={**RULE, "rule_id": "grown"}).raise_for_status()

        def fires() -> Any:
            items = editor.get(f"{API}/alerts", params={"rule_id": "grown"}).json()["items"]
            return [one for one in items if one["state"] == "Firing"]

        assert wait(fires, "the alert, evaluated in spite of its text")
        assert editor.delete(f"{API}/rules/grown").status_code == 204


# Some 30 ms each, of as many characters as a template may write: 300 alerts have 64 of them each.
SLOW = "{{ range 5000 }}{{ if . }}{{ end }}xxxxxxxxxx{{ end }}"
MANY = "select toString(number) as name, 1.0 as value, now() as time from numbers({count})"


def test_templates_of_many_alerts_keep_no_other_rule_waiting(living: Product) -> None:
    texts = {f"a{number}": SLOW for number in range(60)}
    target = {"ref": "A", "datasource": "store", "query": MANY.format(count=290), "instant": True}
    with living.client("editor") as editor:
        rule = {**RULE, "annotations": {"summary": "ok"}}
        slow = {**rule, "rule_id": "slow", "targets": [target], "annotations": texts}
        editor.post(f"{API}/rules", json=slow).raise_for_status()
        editor.post(f"{API}/rules", json={**rule, "rule_id": "other", "group": "others"}).raise_for_status()

        def alerts(rule_id: str) -> Any:
            return editor.get(f"{API}/alerts", params={"rule_id": rule_id}).raise_for_status().json()["items"]

        assert wait(lambda: alerts("other"), "the alert of another rule")
        found = wait(lambda: alerts("slow"), "those of the slow one")
        assert len(found) == 290
        assert "too long" in found[-1]["annotations"]["a59"]
        preview = while_healthy(living, lambda: editor.post(f"{API}/rules/preview", json={"rule": slow, **RANGE}))
        assert preview.status_code in (200, 422), preview.text[:300]
        for rule_id in ("slow", "other"):
            assert editor.delete(f"{API}/rules/{rule_id}").status_code == 204


def test_labels_of_alerts_are_no_longer_than_anybody_reads(living: Product) -> None:
    sql = f"select concat({LONG}, toString(number)) as name, 1.0 as value, now() as time from numbers(100)"
    target = {"ref": "A", "datasource": "store", "query": sql, "instant": True}
    with living.client("editor") as editor:
        rule = {**RULE, "rule_id": "long", "targets": [target], "annotations": {"summary": "{{ $labels.name }}"}}
        editor.post(f"{API}/rules", json=rule).raise_for_status()

        def alerts() -> Any:
            return editor.get(f"{API}/alerts", params={"rule_id": "long"}).raise_for_status().json()["items"]

        (found,) = wait(alerts, "the alert that stands for the error")
        assert found["state"] == "Error"
        assert editor.delete(f"{API}/rules/long").status_code == 204


@pytest.mark.parametrize("text", ['{{ printf "%c" 55296 }}', '{{ printf "%q" 57343 }}', '{{ printf "%c" 1114112 }}'])
def test_an_alert_tells_what_is_no_character_in_words_that_are(living: Product, text: str) -> None:
    with living.client("editor") as editor:
        rule = {**RULE, "rule_id": "halves", "annotations": {"summary": text}, "labels": {"of": text}}
        editor.post(f"{API}/rules", json=rule).raise_for_status()
        path = f"{API}/alerts"
        wait(lambda: editor.get(path, params={"rule_id": "halves"}).raise_for_status().json()["items"], "the alert")
        for page in ("/alerts", "/alerts/halves", path):
            assert editor.get(page).status_code == 200, page
        assert editor.delete(f"{API}/rules/halves").status_code == 204


def test_a_template_of_a_contact_point_that_outgrows_memory_is_refused(living: Product) -> None:
    contact = {"name": "Grown", "type": "slack", "secrets": {"url": living.url}, "options": {"text": BOMB}}
    with living.client("admin") as admin:
        answer = while_healthy(living, lambda: admin.post(f"{API}/contact-points", json=contact))
    assert answer.status_code == 422
    assert "within it" in answer.json()["detail"]


def test_an_expression_over_json_that_outgrows_memory_is_refused(living: Product) -> None:
    rows = "@"
    for _ in range(125):
        rows = f"to_string([{rows}])"
    body = {"datasource": "own", "query": {"path": "/readyz", "rows": rows}, **RANGE}
    with living.client("editor") as editor:
        answer = while_healthy(living, lambda: editor.post(f"{API}/query", json=body))
    assert answer.status_code == 422
    assert "too long a text" in answer.json()["detail"]


WIDE_CSV = b",".join(b"n%d" % number for number in range(300_000)) + b"\n" + b"1\n" * 20_000
ATTRIBUTES = b"<a " + b" ".join(b'a%d=""' % number for number in range(2_000_000)) + b"/>"
ANSWERS = {
    "a row of many names": ("csv", WIDE_CSV),
    "many empty lines": ("ndjson", b"\n" * 30_000_000),
    "many empty lists": ("json", b"[" + b"[]," * 9_000_000 + b"[]]"),
    "many numbers": ("json", b"[" + b"1," * 14_000_000 + b"1]"),
    "many elements": ("xml", b"<a>" + b"<b/>" * 7_000_000 + b"</a>"),
    "many attributes": ("xml", ATTRIBUTES),
}


@pytest.mark.parametrize("name", ANSWERS)
def test_answers_that_outgrow_memory_are_refused(living: Product, others: Theirs, name: str) -> None:
    form, others.answers["/many"] = ANSWERS[name][0], Said(ANSWERS[name][1])
    body = {"datasource": "their-json", "query": {"path": "/many", "format": form}, **RANGE}
    with living.client("editor") as editor:
        answer = while_healthy(living, lambda: editor.post(f"{API}/query", json=body))
    assert answer.status_code == 422
    assert " than " in answer.json()["detail"]


SERIES = b'{"status":"success","data":{"resultType":"matrix","result":['
ANSWERS_OF_PROMETHEUS = {
    "many values": SERIES + b'{"metric":{},"values":[[' + b'1,"2"],[' * 13_000_000 + b'1,"2"]]}]}}',
    "many series": SERIES + b'{"metric":{}},' * 8_000_000 + b'{"metric":{}}]}}',
    "many labels": SERIES + b'{"metric":{"a":"' + b'","a":"'.join([b""] * 14_000_000) + b'"}}]}}',
    "many remarks": b'{"data":{"resultType":"matrix","result":[]},"infos":[' + b"[]," * 9_000_000 + b"[]]}",
}


@pytest.mark.parametrize("name", ANSWERS_OF_PROMETHEUS)
def test_answers_of_prometheus_that_outgrow_memory_are_refused(living: Product, others: Theirs, name: str) -> None:
    others.answers["/api/v1/query_range"] = Said(ANSWERS_OF_PROMETHEUS[name])
    with living.client("editor") as editor:
        body = {"datasource": "their-prometheus", "query": "up", **RANGE}
        answer = while_healthy(living, lambda: editor.post(f"{API}/query", json=body))
    assert answer.status_code == 422, answer.text[:300]
    assert " than " in answer.json()["detail"]


def test_what_finds_the_next_page_keeps_nobody_waiting(living: Product, others: Theirs) -> None:
    """Half a minute of the loop, looking through the rows over and over."""
    others.answers["/rows"] = Said(b"[" + b'{"a": 1},' * 90_000 + b"{}]")
    over = " | ".join(["[?a == `1`]"] * 150)
    query = {"path": "/rows", "rows": "[0]", "pages": {"next": f"{over} | [0].b", "limit": 2}}
    with living.client("editor") as editor:
        body = {"datasource": "their-json", "query": query, **RANGE}
        answer = while_healthy(living, lambda: editor.post(f"{API}/query", json=body))
    assert answer.status_code in (200, 422, 504), answer.text[:300]


REFUSALS = {
    "a deep refusal": Said(b'{"status": "error", "error": ' + b"[" * 200_000, 400),
    "a deep answer": Said(b'{"data":' + b"[" * 200_000),
    "a wait without end": Said(b"", 503, {"Retry-After": "9" * 400}),
    "another wait": Said(b"", 429, {"Retry-After": "\u00b2"}),
    "half a character": Said(rb'{"status": "error", "error": "\ud800", "detail": "\udfff"}', 400),
}


@pytest.mark.parametrize("name", REFUSALS)
@pytest.mark.parametrize(("kind", "query"), [("json", {"path": "/"}), ("prometheus", "up"), ("elasticsearch", {})])
def test_no_refusal_of_another_server_is_a_failure_of_ours(
    living: Product, others: Theirs, name: str, kind: str, query: Any
) -> None:
    for path in ("/", "/api/v1/query_range", "/*/_search"):
        others.answers[path] = REFUSALS[name]
    with living.client("editor") as editor:
        answer = editor.post(f"{API}/query", json={"datasource": f"their-{kind}", "query": query, **RANGE})
    assert answer.status_code in (422, 503), answer.text[:300]
    assert int(answer.headers.get("Retry-After", "1")) <= 3600


def test_halves_of_characters_break_no_view(living: Product, others: Theirs) -> None:
    others.answers["/halves"] = Said(rb'[{"a": "\ud800", "b\udc00": 1}]')
    target = {"ref": "A", "datasource": "their-json", "query": {"path": "/halves"}, "options": {"format": "table"}}
    assert opened(living, targets=[target])["state"] == "ready"
    for form in ("csv", "json", "arrow"):
        assert httpx.get(f"{living.url}/d/grown/panels/1.{form}").status_code == 200


def test_the_data_of_series_without_instants_in_common_are_refused_as_one_table(living: Product) -> None:
    """9,000 series of one point each are a table of 81 million values."""
    at = "fromUnixTimestamp64Milli(toInt64(toUnixTimestamp(now())) * 1000 - number * 30)"
    sql = f"select {at} as time, toString(number) as name, 1.0 as value from numbers(9000)"
    opened(living, type="timeseries", targets=[{"ref": "A", "datasource": "store", "query": sql}])
    for form in ("csv", "json", "arrow"):
        with httpx.Client(base_url=living.url, timeout=60) as viewer:
            address = f"/d/grown/panels/1.{form}"
            answer = while_healthy(living, lambda: viewer.get(address, params=RANGE))  # noqa: B023 - it is awaited
        assert answer.status_code == 422, form
        assert "values may" in answer.json()["detail"]


def test_variables_that_outgrow_a_page_say_so(living: Product) -> None:
    names = ",".join(f"a{number:x}" for number in range(16_000))[:95_000]
    many = [{"name": f"v{number}", "type": "custom", "query": names, "include_all": True} for number in range(35)]
    doubled = [
        {"name": f"d{n}", "type": "custom", "query": f"$d{n - 1}$d{n - 1}" if n else "abcdefgh"} for n in range(30)
    ]
    living.save({"dashboard_id": "wide", "title": "Wide", "variables": [*many, *doubled], "panels": []})
    page = while_healthy(living, lambda: httpx.get(f"{living.url}/d/wide", timeout=60))
    assert page.status_code == 200
    assert "more than 4 MB together" in page.text
    assert len(page.content) < 40_000_000


def test_names_of_series_hold_no_more_of_their_labels_than_a_name_has_room_for(living: Product) -> None:
    sql = f"select now() as time, concat({LONG}, toString(number)) as name, 1.0 as v from numbers(50)"
    body = {"datasource": "store", "query": sql, "legend": "{{name}}" * 120, **RANGE}
    with living.client("editor") as editor:
        answer = while_healthy(living, lambda: editor.post(f"{API}/query", json=body))
    assert answer.status_code == 200, answer.text[:300]
    assert max(len(one["name"]) for one in answer.json()["series"]) == 2000


def test_words_of_annotations_and_values_that_are_mapped_have_their_bound(living: Product) -> None:
    words = {"name": "m", "datasource": "store", "query": f"select now() as time, {LONG} as w", "enable": True}
    mapped = {"mappings": [{"regex": "/^.*$/", "text": "$&" * 450}]}
    sql = f"select now() as time, {LONG} as w from numbers(40)"
    target = {"ref": "A", "datasource": "store", "query": sql, "options": {"format": "table"}}
    panels = [
        {"panel_id": 1, "type": "timeseries", "query": "select now() as time, 1.0 as v"},
        {"panel_id": 2, "type": "table", "targets": [target], "options": mapped, "position": {"y": 8}},
    ]
    annotations = [{**words, "text_format": "{{w}}" * 1900, "title_format": "{{w}}" * 190, "tag_keys": ["w"] * 50}]
    living.save(
        {"dashboard_id": "words", "title": "Words", "annotations": annotations, "panels": panels, "time": RANGE}
    )
    with living.client(None) as viewer:
        boot = viewer.get("/live/open", params={"dashboard": "words"}).raise_for_status().json()
        viewer.headers["X-Heliograph-Token"] = boot["token"]

        def marks() -> list[dict[str, Any]]:
            path = f"/live/{boot['view']}/annotations"
            answer = while_healthy(living, lambda: viewer.get(path, params={**RANGE, "query": "m"}))
            return [one for many in answer.raise_for_status().json().values() for one in many["items"]]

        def table() -> Any:
            path = f"/live/{boot['view']}/panels"
            answer = while_healthy(living, lambda: viewer.get(path, params={"ids": "2"}))
            assert len(answer.content) < 2_000_000
            found = decode_snapshot(answer.raise_for_status().content)[0]["panels"]["2"]
            return found["state"] != "loading" and found

        assert wait(table, "the table")["state"] == "ready"
        assert [(len(one["text"]), len(one["title"])) for one in wait(marks, "the mark")] == [(2000, 300)]


HEAVY = [
    step("calculateField", mode="reduceRow", alias=f"c{number}", reduce={"reducer": "stdDev", "include": ["n"]})
    for number in range(40)
]
LIGHT_STEPS = [step("organize", renameByName={"n": "N"})]


def table_of(rows: int, steps: list[dict[str, Any]], panel_id: int = 1) -> dict[str, Any]:
    query = {"datasource": "store", "query": f"select number as n, {panel_id} as p from numbers({rows})"}
    target = {"ref": "A", "options": {"format": "table"}, **query}
    return {"panel_id": panel_id, "type": "table", "targets": [target], "transformations": steps}


async def test_one_editors_long_transformations_leave_the_others_theirs(living: Product) -> None:
    """Both are much: 30,000 rows wait for a turn as 90,000 do."""
    panels = [table_of(90_000, HEAVY, number) for number in range(1, 9)]
    async with living.async_client("editor") as greedy, living.async_client("editor") as other:
        for name, client, wanted in (("long", greedy, panels), ("short", other, [table_of(30_000, LIGHT_STEPS)])):
            document = {"dashboard_id": name, "title": name, "panels": wanted}
            (await client.post(f"{API}/dashboards", json=document)).raise_for_status()

        async def asked(client: httpx.AsyncClient, dashboard: str, panel: int) -> httpx.Response:
            return await client.post(f"{API}/query", json={"dashboard_id": dashboard, "panel_id": panel, **RANGE})

        tasks = [asyncio.create_task(asked(greedy, "long", number)) for number in range(1, 9)]
        await asyncio.sleep(0)
        for _ in range(3):
            answer = await asked(other, "short", 1)
            assert answer.status_code == 200, answer.text[:300]
            assert not any(task.done() for task in tasks), "what came later did not wait for all of the others"
        for task in tasks:
            task.cancel()
        await asyncio.wait(tasks)


async def test_many_dashboards_of_one_editor_leave_the_stores_workers_to_others(living: Product) -> None:
    """Views of many dashboards, each with a statement that runs until it is ended."""
    endless = "select count() as n from numbers(100000000000000) where sin(number) > {number}"
    async with living.async_client("editor") as greedy, living.async_client("editor") as other:

        async def opened(client: httpx.AsyncClient, dashboard: str) -> httpx.Response:
            boot = (await client.get("/live/open", params={"dashboard": dashboard})).raise_for_status().json()
            headers = {"X-Heliograph-Token": boot["token"]}
            return await client.get(f"/live/{boot['view']}/panels", params={"ids": "1"}, headers=headers)

        for number in range(12):
            panel = {"panel_id": 1, "type": "table", "query": endless.replace("{number}", str(2 + number))}
            document = {"dashboard_id": f"endless-{number}", "title": "Endless", "panels": [panel]}
            (await greedy.post(f"{API}/dashboards", json=document)).raise_for_status()
        quick = {"panel_id": 1, "type": "table", "query": "select 12345 as answer"}
        document = {"dashboard_id": "quick", "title": "Quick", "panels": [quick]}
        (await other.post(f"{API}/dashboards", json=document)).raise_for_status()
        for number in range(12):
            assert b'"loading"' in (await opened(greedy, f"endless-{number}")).content
        begun = time.monotonic()
        while b'"loading"' in (await opened(other, "quick")).content:
            assert time.monotonic() - begun < 15, "the statements of others end after thirty"
            await asyncio.sleep(0.1)
        assert b"12345" in (await opened(other, "quick")).content


def test_descriptions_of_many_marks_keep_nobody_waiting(living: Product) -> None:
    """Half a minute of the loop, as Markdown."""
    panels = [{"panel_id": n, "type": "text", "description": f"{n}" + "[" * 9900} for n in range(1, 300)]
    living.save({"dashboard_id": "marks", "title": "Marks", "panels": panels})
    page = while_healthy(living, lambda: httpx.get(f"{living.url}/d/marks", timeout=60))
    assert page.status_code == 200
    assert "1[[[[" in page.text


def test_a_panel_of_grafanas_library_that_stands_in_hundreds_of_places_is_refused_soon(living: Product) -> None:
    """A minute of work, of a small document."""
    targets = [{"expr": "up", "refId": f"R{n}", **{f"z{m}": m for m in range(10)}} for n in range(1000)]
    library = {"shared": {"model": {"type": "timeseries", "title": "Shared", "targets": targets}}}
    panels = [{"id": number, "libraryPanel": {"uid": "shared"}} for number in range(1, 490)]
    document = {"schemaVersion": 39, "title": "Library", "__elements": library, "panels": panels}
    with living.client("editor") as editor:
        path = f"{API}/dashboards/import"
        answer = while_healthy(living, lambda: editor.post(path, json={"dashboard": document, "dry_run": True}))
    assert answer.status_code == 422
    assert "library" in answer.json()["detail"]


def test_the_description_of_the_api_keeps_nobody_waiting(living: Product) -> None:
    """It takes half a second to make: it is made once, for whoever asks."""
    began = time.monotonic()
    with httpx.Client(base_url=living.url, timeout=60) as nobody:
        answers = [nobody.get(f"{API}/openapi.json") for _ in range(40)]
    assert {answer.json()["openapi"] for answer in answers} == {"3.1.0"}
    assert time.monotonic() - began < 10


def test_credentials_of_any_length_are_not_remembered(living: Product) -> None:
    """60 MB of them each time, of nobody; what else the role does meanwhile is less of it once at least."""
    view = processes(living)["view"]
    assert view is not None

    def grown(round_: int) -> int:
        before = view.memory_info().rss
        with httpx.Client(base_url=living.url, timeout=60) as nobody:
            for number in range(500):
                long = f"{round_}-{number}".ljust(60_000, "x")
                for headers in ({"Authorization": f"Bearer {long}"}, {"Cookie": f"heliograph_session={long}"}):
                    assert nobody.get(f"{API}/folders", headers=headers).status_code in (200, 401, 429)
        return int(view.memory_info().rss - before)

    assert min(map(grown, range(3))) < 20e6


def test_copies_of_lists_within_themselves_are_refused_soon(living: Product) -> None:
    """Few bytes of very many lists."""
    doubling = [{"op": "add", "path": "/panels", "value": []}]
    doubling += [{"op": "copy", "from": "/panels", "path": "/panels/-"}] * 40
    with living.client("editor") as editor:
        draft = editor.post(f"{API}/drafts", json={}).raise_for_status().json()
        path, body = f"{API}/drafts/{draft['draft_id']}", {"revision": draft["revision"], "patch": doubling}
        answer = while_healthy(living, lambda: editor.patch(path, json=body))
    assert answer.status_code == 422
    assert int(answer.json()["path"].removeprefix("$.patch[").removesuffix("]")) < 19, "it was copied no further"
