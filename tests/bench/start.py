"""From the start of `heliograph demo` to the first chart in a browser that is open already; five runs, medians."""

from __future__ import annotations

import shutil
import signal
import socket
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from playwright.sync_api import Browser, sync_playwright
from report import figure, report

FLAGS = ["--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking"]
RUNS = 5
WAIT_S = 60


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def listening(port: int) -> bool:
    with socket.socket() as probe:
        probe.settimeout(0.2)
        return probe.connect_ex(("127.0.0.1", port)) == 0


def run(browser: Browser) -> tuple[float, float]:
    """Seconds until pages are served, and until a chart is drawn."""
    port = free_port()
    with tempfile.TemporaryDirectory() as folder:
        started = time.monotonic()
        command = [
            sys.executable,
            "-m",
            "heliograph",
            "demo",
            "--port",
            str(port),
            "--data-dir",
            str(Path(folder) / "d"),
        ]
        process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        try:
            while not listening(port):
                if time.monotonic() - started > WAIT_S:
                    raise RuntimeError("the demo did not start")
                time.sleep(0.01)
            served = time.monotonic() - started
            page = browser.new_page(viewport={"width": 1440, "height": 900})
            page.goto(f"http://127.0.0.1:{port}/d/host")
            page.wait_for_selector(
                'section[data-panel-type="timeseries"][data-panel-state="ready"] canvas', timeout=WAIT_S * 1000
            )
            drawn = time.monotonic() - started
            page.close()
        finally:
            process.send_signal(signal.SIGTERM)
            process.wait(20)
    return served, drawn


def main() -> None:
    path = shutil.which("chromium")
    if path is None:
        sys.exit("Chromium is not installed: apt install chromium")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=path, args=FLAGS)
        times = [run(browser) for _ in range(RUNS)]
        browser.close()
    report(
        "start",
        {
            "process start to pages served": figure(statistics.median(one[0] for one in times), "s"),
            "process start to first chart": figure(statistics.median(one[1] for one in times), "s", goal=5),
        },
    )


if __name__ == "__main__":
    main()
