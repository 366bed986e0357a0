"""Five thousand files of dashboards: from the start of a node to the last of them, and from a write to its answer.

The load is measured as an operator sees it: from the command to an API that lists all of them. Half of the files are
JSON, half YAML; each has six panels. What a change takes is the median and the worst of CHANGES writes.
"""

from __future__ import annotations

import json
import os
import signal
import socket
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

import httpx
import yaml
from report import figure, report

FILES = 5000
CHANGES = 10
LOAD_GOAL_S, CHANGE_GOAL_S = 20.0, 2.0
WAIT_S = 300
API = "/api/v1"


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def board(number: int, title: str = "") -> dict[str, Any]:
    """A dashboard as people have it: six panels, a variable."""
    panels = [
        {
            "panel_id": panel,
            "title": f"Panel {panel} of {number}",
            "type": "timeseries",
            "datasource": "promql",
            "targets": [{"ref": "A", "query": f'sum by (service) (rate(requests_total{{shard="{number}"}}[5m]))'}],
            "position": {"x": 12 * (panel % 2), "y": 8 * (panel // 2), "w": 12, "h": 8},
            "options": {"unit": "reqps", "fill": 0.2},
        }
        for panel in range(1, 7)
    ]
    variable = {"name": "service", "type": "query", "datasource": "promql", "query": "label_values(service)"}
    return {
        "dashboard_id": f"file-{number}",
        "title": title or f"Of a file {number}",
        "tags": [f"team-{number % 20}"],
        "variables": [variable],
        "panels": panels,
    }


def write(folder: Path, number: int, title: str = "") -> None:
    place = folder / f"team-{number % 20}"
    place.mkdir(parents=True, exist_ok=True)
    document = board(number, title)
    if number % 2:
        text, path = yaml.dump(document, Dumper=yaml.CSafeDumper), place / f"{number}.yml"
    else:
        text, path = json.dumps(document), place / f"{number}.json"
    path.write_text(text, "utf-8")


def start(folder: Path, data: Path, port: int) -> subprocess.Popen[bytes]:
    config = data.parent / "heliograph.toml"
    config.write_text(f'anonymous_role = "viewer"\n[[provisioning]]\npath = "{folder}"\n')
    command = [sys.executable, "-m", "heliograph", "serve", "--port", str(port)]
    command += ["--data-dir", str(data), "--config", str(config)]
    return subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)


def is_there(client: httpx.Client, number: int, title: str) -> bool:
    try:
        answer = client.get(f"{API}/dashboards/file-{number}")
    except httpx.HTTPError:
        return False
    return answer.status_code == 200 and answer.json()["title"] == title


def wait_for(client: httpx.Client, number: int, title: str, every_s: float) -> float:
    """Seconds until the dashboard is called so."""
    began = time.monotonic()
    while not is_there(client, number, title):
        if time.monotonic() - began > WAIT_S:
            raise RuntimeError(f"file-{number} did not come")
        time.sleep(every_s)
    return time.monotonic() - began


def searched(client: httpx.Client) -> float:
    """Milliseconds of a search over all of them; the median of twenty."""
    taken = []
    for number in range(20):
        began = time.perf_counter()
        found = client.get(f"{API}/dashboards", params={"query": f"panel 3 of {number * 211}", "limit": "50"}).json()
        taken.append((time.perf_counter() - began) * 1000)
        if not found["items"]:
            raise RuntimeError("the search found nothing")
    return statistics.median(taken)


def main() -> None:
    with tempfile.TemporaryDirectory() as root:
        folder, data, port = Path(root) / "boards", Path(root) / "data", free_port()
        for number in range(FILES):
            write(folder, number)
        began = time.monotonic()
        process = start(folder, data, port)
        try:
            with httpx.Client(base_url=f"http://127.0.0.1:{port}", timeout=30) as client:
                wait_for(client, FILES - 1, f"Of a file {FILES - 1}", 0.1)
                loaded = time.monotonic() - began
                changes = []
                for number in range(CHANGES):
                    title = f"Changed {os.getpid()}-{number}"
                    write(folder, number, title)
                    changes.append(wait_for(client, number, title, 0.02))
                found_ms = searched(client)
        finally:
            process.send_signal(signal.SIGTERM)
            process.wait(timeout=30)
    report(
        "provisioning",
        {
            "load": figure(loaded, "s", goal=LOAD_GOAL_S),
            "change_p50": figure(statistics.median(changes), "s", goal=CHANGE_GOAL_S),
            "change_worst": figure(max(changes), "s", goal=CHANGE_GOAL_S),
            "search_p50": figure(found_ms, "ms", goal=100),
        },
    )


if __name__ == "__main__":
    main()
