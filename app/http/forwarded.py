"""What stands in front of us: who really asks where a trusted proxy says so, and the path that all is served below."""

from __future__ import annotations

import ipaddress
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from tornado import httputil, web

from ..auth.addresses import address_of, is_loopback
from .arriving import Bodies, has_body

# What answers some requests at once, and leaves the others to handlers. It is told the `Host` that the connected one
# asked for too: a page can make a browser on this machine send `X-Forwarded-Host`, but not another `Host`.
QuickRouter = Callable[[httputil.HTTPServerRequest, str], httputil.HTTPMessageDelegate | None]
Network = ipaddress.IPv4Network | ipaddress.IPv6Network
SCHEMES = ("http", "https")
FORWARDED = ("X-Forwarded-For", "X-Forwarded-Proto", "X-Forwarded-Host")
MAX_REMEMBERED = 4096


@dataclass(frozen=True, slots=True)
class Asker:
    """Who asks and what they asked for, as they see it: their address, the scheme and host in their address bar."""

    ip: str
    protocol: str
    host: str


class Proxies:
    """The proxies whose `X-Forwarded-…` headers are believed."""

    def __init__(self, networks: Iterable[Network]) -> None:
        self._networks = tuple(networks)
        self.trust = lru_cache(MAX_REMEMBERED)(self._trust)

    @classmethod
    def of(cls, texts: Iterable[str]) -> Proxies:
        """Of networks and addresses as `trusted_proxies` has them; ValueError for any other text."""
        return cls(ipaddress.ip_network(text, strict=False) for text in texts)

    def _trust(self, ip: str) -> bool:
        address = address_of(ip)
        return address is not None and any(address in network for network in self._networks)

    def asker(self, connected: Asker, headers: Mapping[str, str]) -> Asker:
        """Who asks behind the proxy that is connected; the connected one where it is not one of these proxies.

        Each proxy appends who connected to it: the list is read from its end for as long as proxies are trusted.
        """
        if not any(name in headers for name in FORWARDED) or not self.trust(connected.ip):
            return connected
        ip = connected.ip
        for part in reversed(headers.get("X-Forwarded-For", "").split(",")):
            if address_of(part.strip()) is None:
                break
            ip = part.strip()
            if not self.trust(ip):
                break
        protocol = last(headers.get("X-Forwarded-Proto", "")).lower()
        return Asker(
            ip,
            protocol if protocol in SCHEMES else connected.protocol,
            last(headers.get("X-Forwarded-Host", "")) or connected.host,
        )


def last(text: str) -> str:
    """The last of a comma-separated list: what the nearest proxy wrote."""
    return text.rpartition(",")[2].strip()


def below(path: str, root: str) -> str:
    """A path below the root without it; any other as it is: some proxies take the root off, some leave it on."""
    if root and path == root:
        return "/"
    return path[len(root) :] if root and path.startswith(f"{root}/") else path


class Application(web.Application):
    """Routes requests as the asker sees them: `remote_ip`, `protocol`, `host` are theirs, `path` is below the root."""

    def __init__(
        self,
        handlers: list[Any],
        *,
        root: str,
        proxies: Proxies,
        quick: QuickRouter | None = None,
        bodies: Bodies | None = None,
        **settings: Any,
    ) -> None:
        super().__init__(handlers, **settings)
        self._root = root
        self._proxies = proxies
        self._quick = quick
        self._bodies = bodies

    def find_handler(self, request: httputil.HTTPServerRequest, **kwargs: Any) -> Any:
        """As Tornado does, once the request says who asked and what, whatever proxies are between."""
        connected = Asker(request.remote_ip or "", request.protocol, request.host)
        asker = self._proxies.asker(connected, request.headers)
        request.remote_ip, request.protocol, request.host = asker.ip, asker.protocol, asker.host
        path, question, query = (request.uri or "/").partition("?")
        request.path = below(path, self._root)
        request.uri = request.path + question + query
        behind = asker is not connected and not is_loopback(connected.ip)  # a proxy elsewhere names us as it likes
        asked = asker.host if behind else connected.host
        found: Any = self._quick(request, asked) if self._quick is not None else None
        found = found if found is not None else super().find_handler(request, **kwargs)
        return self._bodies.guarded(request, found) if self._bodies is not None and has_body(request.headers) else found
