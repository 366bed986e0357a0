"""Pages, live routes and files, with arguments that nobody would send, by all roles."""

from __future__ import annotations

import random
import re
import time
from urllib.parse import quote_from_bytes, urlencode

import httpx
from fixtures.routes import VIEW_ID, addresses

from .api import ROLES, TEXTS, People

NAMES = (
    "from",
    "to",
    "refresh",
    "tz",
    "zone",
    "theme",
    "kiosk",
    "viewPanel",
    "panelId",
    "var-x",
    "var-host",
    "panels",
    "panel",
    "page",
    "sort",
    "filter",
    "frame",
    "width",
    "height",
    "ids",
    "token",
    "query",
    "tag",
    "folder",
    "next",
    "dashboard",
    "bokeh-autoload-element",
    "bokeh-app-path",
    "bokeh-absolute-url",
    "annotations",
)
VALUES = (
    *TEXTS,
    "now",
    "now-1h",
    "now-6h",
    "1",
    "0",
    "-1",
    "99999999",
    "1,2,3",
    "host",
    '{"a":1}',
    '[["a","=","b"]]',
    "²",
    "http://[",
    "//evil",
    "/d/host",
    "5s",
    "browser",
    "UTC",
)
HEADERS = {
    "Accept-Encoding": b"gzip;q=x, *",
    "If-None-Match": b'"x',
    "Range": b"bytes=9-1",
    "X-Forwarded-For": b"a, ::1",
    "Accept-Language": b"x" * 5000,
    "Cookie": b"a=b; =;;",
    "If-Modified-Since": b"never",
    "Authorization": b"Basic !!",
    "Content-Type": b"multipart/form-data",
    "X-Requested-With": "é☀".encode(),
}
METHODS = ("GET", "GET", "GET", "GET", "HEAD", "POST", "PUT", "DELETE", "PATCH", "OPTIONS")
VIEW, TOKEN = re.compile(r'"view":\s*"([0-9a-f]{24})"'), re.compile(r'"token":\s*"([^"]+)"')


class Pages:
    """A seeded run over all declared addresses."""

    def __init__(self, people: People, seed: int) -> None:
        self.people = people
        self.chance = random.Random(seed)
        self.addresses = addresses("host")
        self.asked = 0

    def run(self, until: float) -> None:
        """Fault for the first answer that none may be."""
        view, token = self._opened()
        while time.monotonic() < until:
            if self.asked % 200 == 0:
                view, token = self._opened()
            self._one(view, token)
            self.asked += 1

    def _one(self, view: str, token: str) -> None:
        chance = self.chance
        path = chance.choice(self.addresses).replace(VIEW_ID, view)
        query = [(chance.choice(NAMES), self._value()) for _ in range(chance.randint(0, 4))]
        if chance.random() < 0.1:
            path += quote_from_bytes(self._value())[:500]
        text = "&".join(f"{name}={quote_from_bytes(value)}" for name, value in query)
        role, method = chance.choice(ROLES), chance.choice(METHODS)
        body = self._value() if method in ("POST", "PUT", "PATCH") else b""
        try:
            self.people.ask(role, method, f"{path}?{text}"[:60_000], content=body, headers=self._headers(token))
        except (httpx.InvalidURL, httpx.RemoteProtocolError):
            return  # the client's own refusal, or the server's that hung up

    def _value(self) -> bytes:
        if self.chance.random() < 0.1:
            return self.chance.randbytes(self.chance.randint(0, 40))
        return self.chance.choice(VALUES).encode("utf-8", "surrogatepass")

    def _headers(self, token: str) -> dict[str, bytes]:
        names = self.chance.sample(sorted(HEADERS), self.chance.randint(0, 2))
        odd = {name: HEADERS[name] for name in names if name != "Authorization" or self.chance.random() < 0.2}
        return {**odd, "X-Heliograph-Token": token.encode() if self.chance.random() < 0.9 else self._word()}

    def _word(self) -> bytes:
        """A value that may stand in a header."""
        return bytes(byte for byte in self._value() if 32 < byte < 127)[:200]

    def _opened(self) -> tuple[str, str]:
        query = urlencode({"dashboard": "host", "from": f"now-{self.chance.randint(1, 60)}m"})
        answer = self.people.ask("viewer", "GET", f"/live/open?{query}")
        view, token = VIEW.search(answer.text), TOKEN.search(answer.text)
        return (view[1] if view else VIEW_ID, token[1] if token else "x")
