"""What an editor can make of SQL for the built-in store, through the running product and against its store alone."""

from __future__ import annotations

import contextlib
import itertools
import threading
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from urllib.parse import urlsplit

import httpx
import psutil
import pytest
from fixtures.hostile import MARK, Canary, attacks, canary_in, hostile
from fixtures.product import Product, ProductMaker
from fixtures.waiting import wait

from heliograph.app.process.cage import landlock_abi

ASKED = itertools.count()
STATEMENTS = 700  # that the mutator makes of the attacks
AT_ONCE = 50  # in one request
SECRET_SERIES = "a series of another org"
ATTACKS = attacks("clickhouse", "store")
Ask = Callable[[str], httpx.Response]


@pytest.fixture(scope="module")
def guarded(make_product: ProductMaker) -> Product:
    return make_product(HELIOGRAPH_COLLECT_HOST="true", HELIOGRAPH_SECRET_KEY="k" * 40)


@pytest.fixture(scope="module")
def store_url(guarded: Product) -> str:
    url: str = (guarded.data_dir / "store.url").read_text().strip()
    return url


@pytest.fixture(scope="module")
def canary(guarded: Product, store_url: str) -> Iterator[Canary]:
    """A file, a port, a table beside those of the store, and a series of another org."""
    database = urlsplit(store_url).path.strip("/") or "heliograph"
    for statement in (
        "create table default.canary (name String) engine = Memory",
        f"insert into default.canary values ('{MARK}')",
        f"insert into {database}.series (org, id, name) values (77, 1, '{SECRET_SERIES}')",
    ):
        made = httpx.post(store_url, content=statement)
        assert made.status_code == 200, made.text
    with canary_in(guarded.data_dir.parent / "canary") as canary:
        yield canary


def ask_the_store(url: str, statement: str) -> httpx.Response:
    """As the data source does, but without its guard."""
    person = {"X-Heliograph-Person": "user:1"}
    return httpx.post(url, content=f"{statement}\n FORMAT TabSeparated".encode(), headers=person, timeout=30)


def unharmed(canary: Canary, url: str, *answers: str) -> None:
    """The canary lives; its table and the tables of the store are there, with what was in them."""
    canary.unharmed(*answers)
    assert [answer for answer in answers if SECRET_SERIES in answer] == []
    assert httpx.post(url, content="select name from default.canary").text == f"{MARK}\n"
    assert httpx.post(url, content="show tables from default").text == "canary\n"
    assert httpx.post(url, content="select count() from heliograph.series where org = 77").text == "1\n"


def test_an_editor_is_refused_what_is_no_question_about_the_store(
    store_url: str, canary: Canary, editor: httpx.Client
) -> None:
    told = []
    for statement in hostile(attacks("clickhouse"), len(attacks("clickhouse")), canary.places):
        answer = editor.post("/api/v1/query", json={"datasource": "store", "query": statement})
        assert answer.status_code == 422, (statement, answer.text)
        told.append(answer.json()["detail"])
    unharmed(canary, store_url, *told)


def test_an_editor_sees_no_table_and_no_org_but_their_own(store_url: str, canary: Canary, editor: httpx.Client) -> None:
    told = []
    for statement in attacks("store"):
        answer = editor.post("/api/v1/query", json={"datasource": "store", "query": statement})
        assert answer.status_code in (200, 422), (statement, answer.text)
        told.append(answer.text if answer.status_code == 200 else answer.json()["detail"])
    unharmed(canary, store_url, *told)


def test_the_store_refuses_it_too_where_no_guard_stood_before(store_url: str, canary: Canary) -> None:
    told = []
    for statement in hostile(attacks("clickhouse"), len(attacks("clickhouse")), canary.places):
        answer = ask_the_store(store_url, statement)
        assert answer.status_code == 500, (statement, answer.text)
        told.append(answer.text)
    unharmed(canary, store_url, *told)


def test_hundreds_of_disguises_of_the_attacks_read_write_and_reach_nothing(
    store_url: str, canary: Canary, editor: httpx.Client
) -> None:
    made = hostile(ATTACKS, STATEMENTS, canary.places)
    statements = [text for text in made if "\x00" not in text]  # with it no request is read at all
    told = []
    for begin in range(0, len(statements), AT_ONCE):
        queries = [{"ref": f"q{n}", "query": text} for n, text in enumerate(statements[begin : begin + AT_ONCE])]
        answer = editor.post("/api/v1/query", json={"datasource": "store", "queries": queries}, timeout=60)
        assert answer.status_code == 200, answer.text
        told.append(answer.text)
        for one in answer.json()["results"].values():
            assert one.get("error", {}).get("code") in (None, "source_error", "invalid"), one
    assert len(statements) >= 600
    unharmed(canary, store_url, *told)


def test_hundreds_of_disguises_past_the_guard_read_write_and_reach_nothing(store_url: str, canary: Canary) -> None:
    """At the store's own port, as whoever had found a way round the guard: the second wall, and the third."""
    statements = hostile(attacks("clickhouse"), STATEMENTS, canary.places, seed=8)
    with ThreadPoolExecutor(2) as pool:
        answers = list(pool.map(lambda text: ask_the_store(store_url, text), statements))
    assert {answer.status_code for answer in answers} <= {200, 500}
    assert sum(answer.status_code == 500 for answer in answers) > len(statements) // 2
    unharmed(canary, store_url, *(answer.text for answer in answers if answer.status_code == 200))


def test_the_stores_process_sees_no_file_but_its_own(guarded: Product, store_url: str, canary: Canary) -> None:
    for path in (canary.places["@FILE@"], guarded.data_dir / "heliograph.db", Path("/etc/passwd")):
        answer = httpx.post(store_url, params={"query": f"select file('{path}')"})
        assert "Permission denied" in answer.text
    written = f"select 1 into outfile '{canary.places['@OUT@']}'"
    assert "Permission denied" in httpx.post(store_url, params={"query": written}).text
    canary.unharmed()


def test_values_that_only_the_store_can_write_are_told(guarded: Product, editor: httpx.Client) -> None:
    """Lists, tuples and maps, which the data source has the store write as texts, in a statement around a person's."""
    body = {"datasource": "store", "query": "select [1, 2] as a, (1, 'x') as t, map('k', 2) as m, 'plain' as s"}
    answer = editor.post("/api/v1/query", json=body)
    assert answer.status_code == 200, answer.text
    assert answer.json()["rows"] == [["[1,2]", '[1,"x"]', '{"k":2}', "plain"]]
    wait(lambda: newest_sample(editor), "samples")
    answer = editor.post("/api/v1/query", json={**body, "query": "select name, labels from series limit 3"})
    assert len(answer.json()["rows"]) == 3, answer.text


def test_what_cages_hold_is_said(guarded: Product) -> None:
    said = httpx.get(f"{guarded.url}/readyz").json()
    assert said["cages"] == {"files": True, "network": landlock_abi() >= 4}
    closed = [line for line in guarded.log.read_text().splitlines() if "caged" in line]
    assert len(closed) == 2  # the store and the work role


def test_no_secret_stands_in_the_environment_of_what_runs_what_people_wrote(
    guarded: Product, store_url: str, editor: httpx.Client
) -> None:
    """Of the roles `store` and `work`, and of the processes beside those that ask sources, which have to know them."""
    assert guarded.process is not None
    supervisor = psutil.Process(guarded.process.pid)
    secret = urlsplit(store_url).password or ""

    def names() -> dict[str, psutil.Process]:
        return {one.cmdline()[-1].rpartition(".")[2]: one for one in supervisor.children(recursive=True)}

    editor.get("/d/heliograph")
    wait(lambda: {"store", "work", "compile_process"} < set(names()), "the processes beside the view role")
    for name, process in names().items():
        if name not in ("view", "alert"):
            told = "\n".join(f"{key}={value}" for key, value in process.environ().items())
            assert [one for one in ("k" * 40, secret, "SECRET") if one in told] == [], name


def test_one_editors_endless_statements_leave_the_others_theirs(guarded: Product, editor: httpx.Client) -> None:
    """While forty are asked, another person's statement, a dashboard's own reading and inserts are answered."""
    body = {"datasource": "store", "query": "select count() from numbers(100000000000000000) where number % 7 = 3"}
    ended: list[int] = []

    def hog(index: int) -> None:
        query = {**body, "query": f"{body['query']} and {index} = {index}"}
        with contextlib.suppress(httpx.HTTPError):  # the test is over, and its client closed
            ended.append(editor.post("/api/v1/query", json=query, timeout=60).status_code)

    hogs = [threading.Thread(target=hog, args=(index,), daemon=True) for index in range(40)]
    with guarded.client("editor") as other:
        newest = newest_sample(other)
        for one in hogs:
            one.start()
        for question in ("select count() from samples", {"metric": "node_load1"}):
            assert other.post("/api/v1/query", json={"datasource": "store", "query": question}).status_code == 200
        wait(lambda: newest_sample(other) > newest, "a newer sample", 25)
        assert not ended, "the endless statements ended before the others were answered"


def newest_sample(client: httpx.Client) -> float:
    """The newest sample's time, as the store itself says it, past what is kept of answers."""
    query = f"select toUnixTimestamp64Milli(max(ts)) as newest, {next(ASKED)} as asked from samples"
    answer = client.post("/api/v1/query", json={"datasource": "store", "query": query})
    assert answer.status_code == 200, answer.text
    return float(answer.json()["rows"][0][0])


@pytest.fixture(scope="module")
def editor(guarded: Product) -> Iterator[httpx.Client]:
    with guarded.client("editor") as client:
        yield client
