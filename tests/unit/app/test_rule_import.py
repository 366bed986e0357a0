"""`heliograph import` of rule files: what is kept, what is said, and what is refused."""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from cryptography.fernet import Fernet

from heliograph.alerting.rules.prometheus_file import Reading, read
from heliograph.app.accounts import opened
from heliograph.app.alerts.rule_files import import_files
from heliograph.app.configuration import load_settings
from heliograph.app.demo.prometheus import remember
from heliograph.app.settings import ProvisionedSource, Settings
from heliograph.errors import InvalidError
from heliograph.scope import DEFAULT_ORG
from heliograph.storage.config.datasources import DataSources, StoredSource
from heliograph.storage.config.rules import Rules

CORPUS = os.environ.get("HELIOGRAPH_TEST_CORPUS", "")
FILES = sorted(Path(CORPUS, "rules").glob("*.yml")) if CORPUS else []
GROUP = "groups:\n- {name: g, limit: 5, rules: [{alert: A, expr: up == 0}, {record: 'a:b', expr: up}]}\n"


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    source = ProvisionedSource(uid="prometheus", type="prometheus", url="http://127.0.0.1:9")
    return without_source(tmp_path).model_copy(update={"datasources": (source,)})


def without_source(tmp_path: Path) -> Settings:
    return load_settings(environ={}, flags={"data_dir": tmp_path / "data"})


async def kept(settings: Settings) -> set[str]:
    async with opened(settings) as database:
        return {rule.rule_id for rule in await Rules(database).list(DEFAULT_ORG)}


async def test_rules_are_kept_with_a_line_for_what_is_not(settings: Settings, tmp_path: Path) -> None:
    file = tmp_path / "rules.yml"
    file.write_text(GROUP)
    for _ in range(2):  # the second time they are changed
        said = await import_files(settings, [file])
        limit, count = said.splitlines()
        assert (limit.startswith(f"{file}:$.groups[0].limit: "), count) == (True, "2 rules")
    before = await kept(settings)
    file.write_text(GROUP.replace("up == 0", "up =="))
    with pytest.raises(InvalidError, match=r"groups\[0\]\.rules\[0\]\.expr"):
        await import_files(settings, [file])
    assert await kept(settings) == before


async def test_rules_whose_data_source_is_not_there_are_refused_by_file_rule_and_option(tmp_path: Path) -> None:
    settings, file = without_source(tmp_path), tmp_path / "rules.yml"
    file.write_text(GROUP)
    with pytest.raises(InvalidError) as caught:
        await import_files(settings, [file])
    first, second = caught.value.detail.split("; --datasource names another")[:2]
    assert first == f"{file}:$.groups[0].rules[0]: A: there is no data source prometheus"
    assert second.startswith(f"; {file}:$.groups[0].rules[1]: a:b: ")
    assert await kept(settings) == set()
    async with opened(settings) as database:
        made = StoredSource("mine", "Mine", "prometheus", "http://127.0.0.1:9", secrets={"password": "x"})
        await DataSources(database, [Fernet.generate_key()]).create(DEFAULT_ORG, made, by="test", now_ms=1)
    assert (await import_files(settings, [file], "Mine")).endswith("2 rules")


async def test_a_demo_says_to_commands_which_prometheus_it_shows(tmp_path: Path) -> None:
    settings, file = without_source(tmp_path), tmp_path / "rules.yml"
    file.write_text(GROUP)
    remember(settings, "")
    with pytest.raises(InvalidError, match="no data source"):
        await import_files(settings, [file])
    remember(settings, "http://127.0.0.1:9")
    assert (await import_files(settings, [file])).endswith("2 rules")


@pytest.mark.skipif(not FILES, reason="HELIOGRAPH_TEST_CORPUS names no folder of rule files")
async def test_every_rule_file_of_the_corpus_is_imported(settings: Settings) -> None:
    said = await import_files(settings, FILES)
    rules = [one.rule.rule_id for file in FILES for one in read(file.read_text("utf-8"), Reading(any_size=True)).rules]
    assert said.splitlines()[-1] == f"{len(rules)} rules"
    assert await kept(settings) == set(rules)
