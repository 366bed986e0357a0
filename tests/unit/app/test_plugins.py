"""A plugin that is installed from its wheel, in a process that finds it as a server does."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

from fixtures.plugin import installed_plugin

PROGRAM = """
import asyncio, json, time
from heliograph.alerting.notifiers.registry import default_kinds
from heliograph.app.process.telemetry import Telemetry
from heliograph.app.query_path import make_admission, make_proxy, source_kinds
from heliograph.app.settings import Settings
from heliograph.components.panels.registry import default_registry
from heliograph.datasources.query.caches import make_caches
from heliograph.datasources.query.model import Query
from heliograph.datasources.sources.network import NetworkGuard
from heliograph.datasources.sources.registry import Sources
from heliograph.datasources.timerange import TimeRange
from heliograph.plugins import installed
from heliograph.scope import Role, Scope
from heliograph.storage.cache.shared import in_memory
from heliograph.storage.config.datasources import StoredSource

async def nothing(org):
    return []

async def main():
    settings, telemetry = Settings(), Telemetry()
    kinds = source_kinds(settings, None, time.time, None)
    stored = StoredSource("dice", "Dice", "dice", options={"sides": 3}, provisioned=True)
    sources = Sources(kinds, [stored], nothing, time.time)
    caches = make_caches(in_memory(), time.time, counted=lambda _: None, joined=lambda _: None)
    proxy = make_proxy(settings, sources, caches, telemetry, make_admission(settings, caches, telemetry))
    range_ = TimeRange(0, 14_400_000)
    answer = await proxy.query(Query("hours", range_, Scope(1, Role.EDITOR), "dice", interval_s=3600.0, max_points=5))
    registry = default_registry()
    drawn = registry.get("shout").columns(registry.options("shout", {}), answer.frames, range_)
    print(json.dumps({
        "plugins": installed().names,
        "values": answer.frames[0].numbers[0].values.tolist(),
        "name": drawn.texts["stats"][0]["name"],
        "drawn_as": registry.get("shout").drawn_as,
        "contact": default_kinds(NetworkGuard(()), time.time).class_of("file").title,
    }))

asyncio.run(main())
"""


def run(site: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    """Python with the plugin installed."""
    command = [sys.executable, *arguments]
    environment = {**os.environ, "PYTHONPATH": str(site)}
    return subprocess.run(command, env=environment, capture_output=True, text=True, timeout=120, check=False)


def test_its_source_panel_type_and_contact_point_are_there_as_ours_are(tmp_path: Path) -> None:
    done = run(installed_plugin(tmp_path), "-c", PROGRAM)
    assert done.returncode == 0, done.stderr
    assert json.loads(done.stdout.splitlines()[-1]) == {
        "plugins": ["dice"],
        "values": [0, 1, 2, 0, 1],
        "name": "DICE!",
        "drawn_as": "stat",
        "contact": "File",
    }


def test_one_that_cannot_be_loaded_stops_the_start_with_a_line_that_names_it(tmp_path: Path) -> None:
    site = installed_plugin(tmp_path)
    (site / "heliograph_dice.py").write_text("raise RuntimeError('no dice')\n", "utf-8")
    done = run(site, "-m", "heliograph", "check", str(tmp_path / "none.json"))
    assert done.returncode == 1
    assert "the plugin dice (heliograph_dice:register) cannot be loaded: RuntimeError('no dice')" in done.stderr
    assert "Traceback" not in done.stderr
