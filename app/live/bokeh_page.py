"""`/d/<id>/bokeh`: a page with nothing but what Bokeh draws, and the script by which other pages embed it.

Nothing of a request stands in a script but what was compared with what is ours: scripts are a text of ours that is
called with one JSON value.
"""

from __future__ import annotations

import re
import secrets
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from bokeh.embed.util import RenderItem
from bokeh.util.token import generate_jwt_token
from tornado.web import url

from ...errors import InvalidError
from ..http.host import origin_is_ours
from ..http.script_json import script_json
from ..http.site import Site
from ..http.web import Handler
from .bokeh_socket import DASHBOARD
from .handlers import address_of
from .live import Live

AUTOLOAD = (Path(__file__).parent / "autoload.js").read_text("utf-8").strip()
ELEMENT = re.compile(r"[A-Za-z][A-Za-z0-9_-]{0,99}")
PLACE = "document"
PAGE = (
    '<!doctype html><html lang="en"><head><meta charset="utf-8"><title>Bokeh</title></head><body>'
    f'<div id="{PLACE}"></div><script src="bokeh/autoload.js?bokeh-autoload-element={PLACE}"></script></body></html>'
)


class PageHandler(Handler):
    """`/d/<id>/bokeh`. What its address asks for reaches the socket by BokehJS, which sends a page's query along."""

    live: Live

    async def get(self, dashboard_id: str) -> None:
        identity = await self.identity()
        await self.live.hub.open(identity, address_of(self, dashboard_id), self.request.remote_ip or "")
        self.set_header("Content-Type", "text/html; charset=utf-8")
        self.set_header("Cache-Control", "private, no-store")
        self.finish(PAGE)


class AutoloadHandler(Handler):
    """`/d/<id>/bokeh/autoload.js`: what `bokeh.embed.server_document` loads into a page."""

    live: Live

    async def get(self, dashboard_id: str) -> None:
        await self.live.hub.rights.may_see(await self.identity(), dashboard_id)
        element = self._element()
        path = self._path(dashboard_id)
        absolute = self._absolute(path)
        token = generate_jwt_token(secrets.token_urlsafe(16), signed=False)
        said = {
            "element": element,
            "item": RenderItem(token=token, elementid=element, use_for_title=False).to_json(),
            "path": path,
            "absolute": absolute,
            "bokeh": f"{absolute or path}/static/js/bokeh.min.js",
        }
        self.set_header("Content-Type", "text/javascript; charset=utf-8")
        self.set_header("Cache-Control", "private, no-store")
        self.finish(f"{AUTOLOAD}({script_json(said)});\n")

    def _element(self) -> str:
        """The id of the place in the page; InvalidError for any other text."""
        element = self.get_query_argument("bokeh-autoload-element", "", strip=False)
        if not ELEMENT.fullmatch(element):
            raise InvalidError(
                "bokeh-autoload-element is the id of a place in the page", path="$.bokeh-autoload-element"
            )
        return element

    def _path(self, dashboard_id: str) -> str:
        """Our own path of the dashboard; InvalidError where the request names another."""
        bare = f"/d/{dashboard_id}/bokeh"
        own = (f"{self.site.settings.root}{bare}", bare)
        given = self.get_query_argument("bokeh-app-path", own[0], strip=False)
        if given not in own:
            raise InvalidError("bokeh-app-path is the path of this dashboard", path="$.bokeh-app-path")
        return next(path for path in own if path == given)

    def _absolute(self, path: str) -> str | None:
        """Our own address of the dashboard where the request says that the page is another site's; InvalidError."""
        given = self.get_query_argument("bokeh-absolute-url", "", strip=False)
        if not given:
            return None
        try:
            parts = urlsplit(given)
            theirs = f"{parts.scheme}://{parts.netloc}"
        except ValueError:
            parts, theirs = None, ""
        if parts is None or not origin_is_ours(self.request, theirs, self.site.settings.public_url):
            raise InvalidError("bokeh-absolute-url is an address of this server", path="$.bokeh-absolute-url")
        own = urlsplit(self.site.settings.public_url)
        netloc = own.netloc or self.request.host
        return f"{parts.scheme}://{netloc}{path}"


class ScriptHandler(Handler):
    """`/d/<id>/bokeh/static/js/bokeh.min.js`: BokehJS where a stock server has it."""

    async def get(self, _dashboard_id: str) -> None:
        self.redirect(f"{self.site.settings.root}/static/{self.site.build_id}/bokeh.min.js")


def routes(site: Site, live: Live) -> list[Any]:
    """Bokeh's page of a dashboard, and what it loads."""
    own: dict[str, Any] = {"site": site, "live": live}
    return [
        url(DASHBOARD, PageHandler, own),
        url(DASHBOARD + r"/autoload\.js", AutoloadHandler, own),
        url(DASHBOARD + r"/static/js/bokeh\.min\.js", ScriptHandler, own),
    ]
