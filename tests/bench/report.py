"""How a bench reports: figures beside their peers, and the machine they were measured on."""

from __future__ import annotations

import json
import os
import platform
from pathlib import Path
from typing import Any


def figure(
    ours: float, unit: str, *, peer: float | None = None, goal: float | None = None, at_most: bool = True
) -> dict[str, Any]:
    """One figure. `ratio` is how much better ours is than the peer's; `met` compares ours with the goal, which is the
    most that is good, or with `at_most` False the least."""
    row: dict[str, Any] = {"ours": round(ours, 4), "unit": unit}
    if peer is not None:
        row |= {"peer": round(peer, 4), "ratio": _ratio(peer, ours) if at_most else _ratio(ours, peer)}
    if goal is not None:
        row |= {"goal": goal, "met": ours <= goal if at_most else ours >= goal}
    return row


def _ratio(worse: float, better: float) -> float | None:
    return round(worse / better, 1) if better else None


def machine() -> dict[str, Any]:
    memory_kib = int(Path("/proc/meminfo").read_text().split()[1])
    return {
        "cores": os.cpu_count(),
        "memory_gib": round(memory_kib / 2**20, 1),
        "python": platform.python_version(),
        "load_1m": round(os.getloadavg()[0], 2),
    }


def report(bench: str, figures: dict[str, dict[str, Any]]) -> None:
    """Print the one JSON object that a bench ends with."""
    print(json.dumps({"bench": bench, "figures": figures, "machine": machine()}))
