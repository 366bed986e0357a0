"""What an editor can make of SQL for the built-in store, through the running product and against its store alone."""

from __future__ import annotations

import contextlib
import itertools
import random
import re
import socket
import threading
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest
from fixtures.product import Product, ProductMaker
from fixtures.waiting import wait

ASKED = itertools.count()
MARK = "a mark that nobody may read"
BROKEN_QUOTES = "select ‘ as a, 'x ’ as s, "
ATTACKS = [
    "select arrayMap(file, ['{canary}'])",
    "select arrayFilter(file, ['{canary}'])",
    "select arraySort(`file`, ['{canary}', 'b'])",
    "select arrayMap(file, ['/proc/self/environ'])",
    "select file('{canary}')",
    BROKEN_QUOTES + "name from system.databases -- '",
    BROKEN_QUOTES + "getSetting(‘readonly’) -- '",
    BROKEN_QUOTES + "‘text’ as b into outfile ‘{written}’ append format TSVRaw -- '",
    BROKEN_QUOTES + "1; select 2 -- '",
    "select extract(`day from now()) as a into outfile '{written}' --` from now())",
    "select extract(`day from now()), file('{canary}') --` from now())",
    "select 1 where 0 in (system.one)",
    "select 1 where 0 in (heliograph.series)",
    "select 1 where 0 in (system.numbers)",
    "select 1 where 0 in system.one",
    "select * from url('http://127.0.0.1:{port}/', 'CSV', 'a String')",
    "select * from view(select file('{canary}'))",
    "select * from executable('cat {canary}', 'TSV', 'a String')",
    "select * from merge('system', '.*')",
    "select * from remote('127.0.0.1:{port}', 'system', 'one')",
    "select dictGet('a', 'b', 1)",
    "select catboostEvaluate('{canary}', 1)",
    "select getSetting('readonly'), currentUser(), hostName()",
    "select * apply(file) from (select '{canary}')",
    "select * replace(file('{canary}') as a) from (select 1 as a)",
    "select columns('a') apply(x -> file(x)) from (select '{canary}' as a)",
    "with file as f select arrayMap(f, ['{canary}'])",
    "with (x -> file(x)) as f select f('{canary}')",
    "select {{x:Identifier}}",
    "select $$a$$, file($${canary}$$)",
    "select count() from (select 1 settings readonly = 0)",
    "select a from (select 1 as a) order by a with fill interpolate (a as file('{canary}'))",
]
SPACES = [" ", "\n", "\t", "/* x */", "/* /* y */ */", " -- z\n", "\u00a0", "\ufeff", "\u2028"]
WRAPPERS = [
    "{0}", "({0})", "select * from ({0})", "with q as ({0}) select * from q", "select 1 union all {0}",
    "{0} format JSON", "{0} into outfile '{{written}}'", "{0} settings max_threads = 1", "{0}; {0}",
    "select (select count() from ({0}))", "select 1 where 1 in ({0})", "explain {0}", "{0} -- '", "{0} /*",
]  # fmt: skip


def mutated(seed: int, count: int) -> Iterator[str]:
    """Attacks, each in another cloth: other spaces, quotes, cases, wrapped, with letters of other scripts."""
    chance = random.Random(seed)
    for _ in range(count):
        text = chance.choice(WRAPPERS).format(chance.choice(ATTACKS).replace("{{", "{{{{").replace("}}", "}}}}"))
        if chance.random() < 0.6:
            text = re.sub(" ", lambda _: chance.choice(SPACES), text, count=chance.randint(1, 3))
        if chance.random() < 0.3:
            text = text.replace("'", chance.choice(["‘", "’", '"', "`", "\\'", "''"]), chance.randint(1, 2))
        if chance.random() < 0.3:
            text = text.replace("file", chance.choice(["FILE", "File", "`file`", '"file"', "fіle", "“file”"]), 1)
        yield text


@pytest.fixture(scope="module")
def listener() -> Iterator[socket.socket]:
    with socket.create_server(("127.0.0.1", 0)) as server:
        server.setblocking(False)
        yield server


@pytest.fixture(scope="module")
def guarded(make_product: ProductMaker) -> Product:
    return make_product(HELIOGRAPH_COLLECT_HOST="true", HELIOGRAPH_SECRET_KEY="k" * 40)


@pytest.fixture(scope="module")
def canary(guarded: Product) -> Path:
    path = Path(guarded.data_dir.parent, "canary")
    path.write_text(MARK)
    return path


def filled(text: str, canary: Path, listener: socket.socket) -> str:
    values = {"canary": str(canary), "written": str(canary.with_name("written")), "port": listener.getsockname()[1]}
    return re.sub(r"\{(canary|written|port)\}", lambda found: str(values[found[1]]), text).replace("{{", "{")


def untouched(answer: str, canary: Path, listener: socket.socket) -> None:
    assert MARK not in answer
    assert not canary.with_name("written").exists()
    assert not canary.with_name("WRITTEN").exists()
    with pytest.raises(BlockingIOError):
        listener.accept()


def ask_the_store(product: Product, statement: str) -> httpx.Response:
    """As the data source does, but without its guard."""
    url = (product.data_dir / "store.url").read_text().strip()
    query = {"query": f"{statement}\n FORMAT TabSeparated"}
    return httpx.post(url, params=query, headers={"X-Heliograph-Person": "user:1"}, timeout=30)


@pytest.mark.parametrize("attack", ATTACKS)
def test_an_editor_is_refused_what_is_no_question_about_the_store(
    attack: str, guarded: Product, canary: Path, listener: socket.socket, editor: httpx.Client
) -> None:
    answer = editor.post("/api/v1/query", json={"datasource": "store", "query": filled(attack, canary, listener)})
    assert answer.status_code == 422, answer.text
    untouched(answer.text, canary, listener)


@pytest.mark.parametrize("attack", ATTACKS)
def test_the_store_refuses_it_too_where_no_guard_stood_before(
    attack: str, guarded: Product, canary: Path, listener: socket.socket
) -> None:
    answer = ask_the_store(guarded, filled(attack, canary, listener))
    assert answer.status_code == 500, answer.text
    untouched(answer.text, canary, listener)


def test_six_hundred_disguises_of_the_attacks_read_write_and_reach_nothing(
    guarded: Product, canary: Path, listener: socket.socket, editor: httpx.Client
) -> None:
    for text in mutated(7, 600):
        statement = filled(text, canary, listener)
        answer = editor.post("/api/v1/query", json={"datasource": "store", "query": statement})
        assert answer.status_code in (200, 422), (statement, answer.text)
        untouched(answer.text, canary, listener)


def test_the_stores_process_sees_no_file_but_its_own(guarded: Product, canary: Path) -> None:
    url = (guarded.data_dir / "store.url").read_text().strip()
    for path in (canary, guarded.data_dir / "heliograph.db", Path("/etc/passwd")):
        answer = httpx.post(url, params={"query": f"select file('{path}')"})
        assert "Permission denied" in answer.text
    written = canary.with_name("written")
    assert "Permission denied" in httpx.post(url, params={"query": f"select 1 into outfile '{written}'"}).text
    assert not written.exists()


def test_no_secret_stands_in_the_environment_of_the_roles_that_run_what_people_wrote(guarded: Product) -> None:
    assert guarded.process is not None
    children = Path(f"/proc/{guarded.process.pid}/task/{guarded.process.pid}/children").read_text().split()
    secret = (guarded.data_dir / "store.url").read_text().split(":")[2].split("@")[0]
    seen = set()
    for pid in children:
        role = Path(f"/proc/{pid}/cmdline").read_text().split("\0")[-2]
        if role in ("store", "work"):
            seen.add(role)
            environment = Path(f"/proc/{pid}/environ").read_text()
            assert "k" * 40 not in environment
            assert secret not in environment
            assert "SECRET" not in environment
    assert seen == {"store", "work"}


def test_one_editors_endless_statements_leave_the_others_theirs(guarded: Product, editor: httpx.Client) -> None:
    """While eight of them run, another person's statement and a dashboard's own reading are answered, inserts too."""
    body = {"datasource": "store", "query": "select count() from numbers(100000000000000000) where number % 7 = 3"}
    ended: list[int] = []

    def hog(index: int) -> None:
        query = {**body, "query": f"{body['query']} and {index} = {index}"}
        with contextlib.suppress(httpx.HTTPError):  # the test is over, and its client closed
            ended.append(editor.post("/api/v1/query", json=query, timeout=60).status_code)

    hogs = [threading.Thread(target=hog, args=(index,), daemon=True) for index in range(8)]
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
