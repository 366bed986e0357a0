"""The shop's API: its branches in pages, and the revenue that is wanted."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Final

from tornado.httpserver import HTTPServer
from tornado.web import Application, HTTPError, RequestHandler

from .shop import BRANCHES, MINUTE_MS, goal_at

PAGE: Final = 2
MAX_POINTS: Final = 5000
MAX_BODY_BYTES: Final = 1000
LEAST_STEP_MS: Final = 1000


def shop_api() -> HTTPServer:
    """The API, which listens nowhere yet."""
    return HTTPServer(Application([(r"/branches", Branches), (r"/goal", Goal)]), max_body_size=MAX_BODY_BYTES)


class Branches(RequestHandler):
    """The branches, in pages of two."""

    def get(self) -> None:
        start = whole(self.get_query_argument("offset", "0"))
        found = [
            {"name": one.name, "address": {"country": one.country}, "goal": {"per_hour": one.goal, "currency": "EUR"}}
            for one in BRANCHES[start : start + PAGE]
        ]
        following = f"/branches?offset={start + PAGE}" if start + PAGE < len(BRANCHES) else None
        self.write({"branches": found, "links": {"next": following}})


class Goal(RequestHandler):
    """The revenue that is wanted, in steps of a range (ms), each from its start."""

    def get(self) -> None:
        start, end = (whole(self.get_query_argument(name)) for name in ("from", "to"))
        step = max(whole(self.get_query_argument("step", str(MINUTE_MS))), LEAST_STEP_MS, (end - start) // MAX_POINTS)
        times = range(start // step * step, end + 1, step)
        self.write({"goal": [{"at": iso(at), "value": round(goal_at(at) * step / MINUTE_MS, 2)} for at in times]})


def iso(ms: int) -> str:
    """ms as ISO 8601 in UTC."""
    return datetime.fromtimestamp(ms / 1000, UTC).isoformat(timespec="milliseconds")


def whole(text: str) -> int:
    """A number of a request; 400 for what is none."""
    if not (text.isascii() and text.isdecimal() and len(text) < 15):
        raise HTTPError(400)
    return int(text)
