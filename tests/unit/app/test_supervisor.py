"""The supervisor over real child processes."""

from __future__ import annotations

import asyncio
import os
import signal
import sys
from pathlib import Path

import pytest

from heliograph.app.process.supervisor import FATAL_EXIT, Child, Command, supervise
from heliograph.backoff import HEALTHY_AFTER_S, LONGEST_WAIT_S, Backoff


def test_waits_grow_to_a_bound_and_start_again_after_a_healthy_life() -> None:
    backoff, waits = Backoff(), []
    for _ in range(12):
        backoff, wait_s = backoff.after(0.1)
        waits.append(wait_s)
    assert waits[:3] == [0.1, 0.2, 0.4]
    assert waits[-1] == LONGEST_WAIT_S
    assert backoff.after(HEALTHY_AFTER_S)[1] == waits[0]


@pytest.fixture
def script(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Path:
    """Children run this Python file: `python -m heliograph <file>` becomes `python <file>`."""
    runner = tmp_path / "runner"
    runner.write_text(f'#!/bin/sh\nshift 2\nexec {sys.executable} "$@"\n')
    runner.chmod(0o755)
    monkeypatch.setattr(sys, "executable", str(runner))
    return tmp_path / "child.py"


async def wait_for_lines(path: Path, count: int) -> list[str]:
    async with asyncio.timeout(90):
        while True:
            lines = path.read_text().splitlines() if path.exists() else []
            if len(lines) >= count:
                return lines
            await asyncio.sleep(0.02)


async def test_a_role_that_dies_is_started_again(script: Path, tmp_path: Path) -> None:
    pids = tmp_path / "pids"
    script.write_text(f"import os, time\nopen({str(pids)!r}, 'a').write(f'{{os.getpid()}}\\n')\ntime.sleep(60)\n")
    stop = asyncio.Event()
    running = asyncio.create_task(supervise([Command("work", [str(script)])], stop))
    first = await wait_for_lines(pids, 1)
    os.kill(int(first[0]), signal.SIGKILL)
    both = await wait_for_lines(pids, 2)
    stop.set()
    assert await running == 0
    assert both[0] != both[1]


async def test_roles_stop_in_the_order_given(script: Path, tmp_path: Path) -> None:
    order = tmp_path / "order"
    script.write_text(
        "import signal, sys, time\n"
        f"say = lambda word: open({str(order)!r}, 'a').write(word + '\\n')\n"
        "signal.signal(signal.SIGTERM, lambda *_: (say('stopped ' + sys.argv[1]), sys.exit(0)))\n"
        "say('started')\ntime.sleep(60)\n"
    )
    stop = asyncio.Event()
    roles = [Command(name, [str(script), name]) for name in ("view", "work", "store")]
    running = asyncio.create_task(supervise(roles, stop))
    await wait_for_lines(order, 3)
    stop.set()
    assert await running == 0
    assert (await wait_for_lines(order, 6))[3:] == ["stopped view", "stopped work", "stopped store"]


async def test_a_role_that_cannot_run_ends_the_supervisor_with_its_code(script: Path) -> None:
    script.write_text(f"raise SystemExit({FATAL_EXIT})\n")
    assert await supervise([Command("store", [str(script)])], asyncio.Event()) == FATAL_EXIT


async def test_a_role_that_ignores_the_signal_is_killed_at_the_deadline(script: Path, tmp_path: Path) -> None:
    started = tmp_path / "started"
    script.write_text(
        "import signal, time\nsignal.signal(signal.SIGTERM, signal.SIG_IGN)\n"
        f"open({str(started)!r}, 'w').write('started\\n')\ntime.sleep(60)\n"
    )
    child = Child(Command("view", [str(script)]))
    running = asyncio.create_task(child.keep_alive())
    await wait_for_lines(started, 1)
    await child.stop(asyncio.get_running_loop().time() + 0.2)
    assert await running == 0
    assert child.process is not None
    assert child.process.returncode == -signal.SIGKILL
