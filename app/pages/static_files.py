"""Static files under the build's id, so that browsers may keep them for ever; and that id itself."""

from __future__ import annotations

import asyncio
import hashlib
from collections.abc import Callable
from functools import lru_cache
from pathlib import Path

import bokeh
import cramjam
from tornado.web import url

from ...errors import NotFoundError
from ..http.packing import gzipped
from ..http.site import Site
from ..http.web import Handler
from .bundle import script, sheet

STATIC = Path(__file__).parent / "static"
PACK_AFTER_S = 10.0
BOKEH_JS = Path(bokeh.__file__).parent / "server" / "static" / "js"
TYPES = {
    ".js": "text/javascript; charset=utf-8",
    ".css": "text/css; charset=utf-8",
    ".svg": "image/svg+xml",
}
PACKED_TYPES = frozenset(TYPES.values())
# Our files by their path below /static/<build>/, and the one of Bokeh's that pages need.
FILES = {str(path.relative_to(STATIC)): path for path in sorted(STATIC.rglob("*")) if path.suffix in TYPES}
FILES["bokeh.min.js"] = BOKEH_JS / "bokeh.min.js"
# What templates name, or pages load later: each goes out with all that it imports.
SCRIPTS = frozenset(
    {
        "js/account.js",
        "js/alerts.js",
        "js/dashboard.js",
        "js/editor.js",
        "js/embedding.js",
        "js/editor/forms.js",
        "js/editor/panel_editor.js",
        "js/editor/settings.js",
        "js/explore.js",
        "js/fault.js",
        "js/home.js",
        "js/login.js",
        "js/notifications.js",
        "js/rule_edit.js",
        "js/settings.js",
        "js/standalone.js",
    }
)
SHEETS = frozenset(
    f"css/{name}.css"
    for name in ("site", "dashboard", "editor", "alerts", "notifications", "settings", "standalone", "forms")
)


@lru_cache(1)
def build_id() -> str:
    """A digest of all that pages load: another build has another id."""
    digest = hashlib.blake2b(digest_size=6)
    for name in FILES:
        digest.update(name.encode() + plain(name))
    return digest.hexdigest()


@lru_cache(256)
def plain(name: str) -> bytes:
    """A file's bytes; those of a page's script or sheet with what they import."""
    if name in SCRIPTS:
        return script(name, _text).encode()
    if name in SHEETS:
        return sheet(name, _text).encode()
    return FILES[name].read_bytes()


def _text(name: str) -> str:
    return FILES[name].read_text("utf-8")


class SentFiles:
    """Files as they are, and packed once for all, off the loop: by gzip for whoever comes first, since brotli takes a
    fifth of a second for a long one, and by brotli for those who come later."""

    def __init__(self, read: Callable[[str], bytes]) -> None:
        self.read = read
        self._zipped: dict[str, bytes] = {}
        self._packed: dict[str, bytes] = {}

    async def packed(self, name: str, takes: str) -> tuple[bytes, str]:
        """A file in an encoding that `takes` names, and that encoding; empty: as it is."""
        if "br" in takes and name in self._packed:
            return self._packed[name], "br"
        if "gzip" not in takes:
            return await asyncio.to_thread(self.read, name), ""
        if name not in self._zipped:
            self._zipped[name] = await asyncio.to_thread(lambda: gzipped(self.read(name)))
            asyncio.get_running_loop().call_later(PACK_AFTER_S, self._pack_later, name)
        return self._zipped[name], "gzip"

    def _pack_later(self, name: str) -> None:
        """Once whoever came first has what they came for."""
        asyncio.get_running_loop().run_in_executor(None, self._pack, name)

    def _pack(self, name: str) -> None:
        self._packed[name] = bytes(cramjam.brotli.compress(self.read(name), level=5))


OURS = SentFiles(plain)


class FileHandler(Handler):
    """Base of what sends files that browsers may keep for ever, where their address names what there is now."""

    async def send_file(self, files: SentFiles, name: str, content_type: str, *, current: bool) -> None:
        """One of the files; `current`: its address names what there is now."""
        self.set_header("Content-Type", content_type)
        self.set_header("Cache-Control", "public, max-age=31536000, immutable" if current else "no-cache")
        self.set_header("Vary", "Accept-Encoding")
        takes = self.request.headers.get("Accept-Encoding", "") if content_type in PACKED_TYPES else ""
        body, encoding = await files.packed(name, takes)
        if encoding:
            self.set_header("Content-Encoding", encoding)
        await self.finish(body)


class StaticHandler(FileHandler):
    """`/static/<build>/<path>`: immutable where the build is ours; another build's path answers what there is now."""

    async def get(self, build: str, name: str) -> None:
        path = FILES.get(name)
        if path is None:
            raise NotFoundError("there is no such file")
        await self.send_file(OURS, name, TYPES[path.suffix], current=build == self.site.build_id)


def routes(site: Site) -> list[url]:
    """Static files, by the build that they are of."""
    return [url(r"/static/([0-9a-f]+)/([\w./-]+)", StaticHandler, {"site": site})]
