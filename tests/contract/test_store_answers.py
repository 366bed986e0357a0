"""SQL for the built-in store, through both of its walls, against what its engine answers to the very text."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import httpx
import pytest
from fixtures.harmless import harmless
from fixtures.store import StoreProcess

from heliograph.datasources.sources.sqlguard import guard
from heliograph.errors import SourceError
from heliograph.storage.metrics.client import PERSON_HEADER

STATEMENTS = 2_050
AT_ONCE = 40  # statements in one request
MOST_REFUSED = 30  # lambdas that have names, which people of dashboards have no use for

Ask = Callable[[str], httpx.Response]


def wrapped(statements: Sequence[str]) -> str:
    """One statement that answers the rows of many, each as one text; in order where the statement has one."""
    columns = []
    for number, statement in enumerate(statements):
        rows = "groupArray(toString(tuple(*)))"
        rows = rows if "order by" in statement.lower() else f"arraySort({rows})"
        columns.append(f"(SELECT toString({rows}) FROM (\n{statement}\n)) AS v{number}")
    return f"SELECT {', '.join(columns)}"


def answers(statements: Sequence[str], ask: Ask) -> list[bytes | None]:
    """What each statement answers; None where it is an error, which takes its batch with it: then they go by halves."""
    answer = ask(wrapped(statements)) if statements else None
    if answer is None:
        return []
    if answer.status_code == 200:
        found: list[bytes | None] = list(answer.content.rstrip(b"\n").split(b"\t"))
        assert len(found) == len(statements)
        return found
    half = len(statements) // 2
    return answers(statements[:half], ask) + answers(statements[half:], ask) if half else [None]


@pytest.mark.timeout(600)
def test_two_thousand_harmless_statements_answer_what_the_engine_answers_or_are_refused_by_name(
    store: StoreProcess,
) -> None:
    with httpx.Client(base_url=store.url, timeout=120) as client:

        def itself(sql: str) -> httpx.Response:
            return client.post("/?max_threads=1", content=sql.encode())

        def of_a_person(sql: str) -> httpx.Response:
            return client.post("/", content=sql.encode(), headers={PERSON_HEADER: "user:1"})

        sent: list[tuple[str, str]] = []
        refused: dict[str, str] = {}
        for statement in harmless(STATEMENTS):
            try:
                sent.append((statement, guard(statement, 1, "heliograph")))
            except SourceError as error:
                refused[statement] = error.detail
        same = 0
        for begin in range(0, len(sent), AT_ONCE):
            batch = sent[begin : begin + AT_ONCE]
            expected = answers([statement.rstrip(";") for statement, _ in batch], itself)
            got = answers([written for _, written in batch], of_a_person)
            for (statement, written), own, ours in zip(batch, expected, got, strict=True):
                assert own is None or ours == own, (statement, written)
                same += own is not None
    assert same >= 2_000, f"{same} of {STATEMENTS} were answered"
    assert len(refused) <= MOST_REFUSED, refused
    unnamed = [statement for statement, detail in refused.items() if "not allowed" not in detail]
    assert unnamed == []
