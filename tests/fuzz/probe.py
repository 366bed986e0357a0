"""A process that asks /healthz all the time: how long an honest client waits, less what this machine was late."""

from __future__ import annotations

import http.client
import sys
import threading
import time

EVERY_S, NAP_S = 0.02, 0.005


class Lateness:
    """How much later than it should this process has woken since it was last asked, in seconds."""

    def __init__(self) -> None:
        self._most = 0.0
        threading.Thread(target=self._nap, daemon=True).start()

    def _nap(self) -> None:
        while True:
            begun = time.monotonic()
            time.sleep(NAP_S)
            self._most = max(self._most, time.monotonic() - begun - NAP_S)

    def take(self) -> float:
        most, self._most = self._most, 0.0
        return most


def main(port: int) -> None:
    """A line for each answer: when it was asked (seconds of this machine's clock), and the ms that it took, or -1."""
    lateness = Lateness()
    while True:
        lateness.take()
        begun = time.monotonic()
        try:
            connection = http.client.HTTPConnection("127.0.0.1", port, timeout=60)
            connection.request("GET", "/healthz")
            answered = connection.getresponse().status == 200
            connection.close()
        except OSError:
            answered = False
        took = time.monotonic() - begun
        ms = max(took - lateness.take(), 0.0) * 1000 if answered else -1.0
        print(f"{begun:.3f} {ms:.1f}", flush=True)
        time.sleep(EVERY_S)


if __name__ == "__main__":
    main(int(sys.argv[1]))
