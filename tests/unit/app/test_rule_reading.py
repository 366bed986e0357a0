"""Rule files of people: read beside this process, whatever they cost."""

from __future__ import annotations

import asyncio

import pytest

from heliograph.alerting.rules.prometheus_file import Reading
from heliograph.app.alerts import rule_reading
from heliograph.app.alerts.rule_reading import RuleReader
from heliograph.errors import InvalidError, MalformedError, RateLimitedError

FILE = "groups:\n- name: g\n  rules:\n  - alert: A\n    expr: up == 0\n"


async def test_a_file_is_read_with_its_faults() -> None:
    reader = RuleReader()
    found = await reader.read(FILE + "  - alert: B\n    expr: up ==\n", Reading("shop"), "user:1")
    assert [(one.rule.title, one.rule.folder) for one in found.rules if hasattr(one.rule, "title")] == [("A", "shop")]
    assert [one.path for one in found.faults] == ["$.groups[0].rules[1].expr"]
    with pytest.raises(MalformedError, match="not YAML"):
        await reader.read("groups: [", Reading(), "user:1")
    with pytest.raises(InvalidError) as refused:
        await reader.read("groups: 1", Reading(), "user:1")
    assert refused.value.path


async def test_a_file_that_takes_too_long_is_given_up_and_many_of_one_person_are_too_many(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    reader, endless = RuleReader(), "groups: [" + "1," * 2_000_000 + "1]"
    many = [asyncio.create_task(reader.read(endless, Reading(), "user:1")) for _ in range(6)]
    done, _ = await asyncio.wait(many, return_when=asyncio.FIRST_COMPLETED)
    assert isinstance(done.pop().exception(), RateLimitedError)
    for task in many:
        task.cancel()
    await asyncio.gather(*many, return_exceptions=True)
    monkeypatch.setattr(rule_reading, "READ_S", 2.0)
    with pytest.raises(InvalidError, match="takes longer than 2 s"):
        await reader.read(endless, Reading(), "user:1")
    monkeypatch.undo()
    assert len((await reader.read(FILE, Reading(), "user:1")).rules) == 1
