"""The one way out: resolves a name, judges all of its addresses, and connects to one that was judged.

Whatever connects (HTTP, the drivers of databases, mail, a browser's proxy) gets its addresses here for each new
connection, so that a name which changes its mind between two look-ups leads nowhere else.
"""

from __future__ import annotations

import asyncio
import socket
import ssl
from collections.abc import Mapping, Sequence
from types import MappingProxyType
from typing import Final

import httpx

from ...errors import InvalidError, SourceUnavailableError
from .network import Address, NetworkGuard

USER_AGENT: Final = "Heliograph"


class Connector:
    """Opens connections for one who is trusted so far: `provisioned` ones may reach what the operator's own may."""

    def __init__(self, guard: NetworkGuard, *, provisioned: bool) -> None:
        self._guard = guard
        self.provisioned = provisioned

    async def addresses(self, host: str) -> Sequence[Address]:
        """Where a driver may connect to instead of the name, in the resolver's order; ask for each new connection.

        SourceError where the host may not be reached, SourceUnavailableError where it has no address.
        """
        return await self._guard.judged(host, provisioned=self.provisioned)

    async def connected(self, host: str, port: int) -> socket.socket:
        """A TCP connection for those who speak a protocol themselves; SourceUnavailableError where none opens."""
        for address in await self.addresses(host):
            family = socket.AF_INET6 if address.version == 6 else socket.AF_INET
            opened = socket.socket(family, socket.SOCK_STREAM)
            opened.setblocking(False)
            try:
                await asyncio.get_running_loop().sock_connect(opened, (str(address), port))
            except OSError:
                opened.close()
            except BaseException:
                opened.close()
                raise
            else:
                return opened
        raise SourceUnavailableError(f"{host} does not answer", retry_after_s=10)

    def http(self, context: ssl.SSLContext, limits: httpx.Limits) -> httpx.AsyncBaseTransport:
        """A transport of httpx; no proxy of the environment stands between it and the address."""
        inner = httpx.AsyncHTTPTransport(verify=context, limits=limits, trust_env=False)
        return _JudgedTransport(inner, self)

    def for_operators(self, path: str, what: str) -> None:
        """InvalidError at `path` unless the operator has written it: what reaches into this machine is his alone."""
        if not self.provisioned:
            raise InvalidError(f"{what}: only a source of heliograph.toml may have it", path=path)


class _JudgedTransport(httpx.AsyncBaseTransport):
    """Asks the very addresses that were judged, under the name that was asked for."""

    def __init__(self, inner: httpx.AsyncBaseTransport, connector: Connector) -> None:
        self._inner = inner
        self._connector = connector

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        host = request.url.host
        failure: httpx.TransportError = httpx.ConnectError(f"{host} has no address")
        for address in await self._connector.addresses(host):
            pinned = httpx.Request(
                request.method,
                request.url.copy_with(host=str(address)),
                headers=request.headers,
                stream=request.stream,
                extensions={**request.extensions, "sni_hostname": host},
            )
            try:
                return await self._inner.handle_async_request(pinned)
            except (httpx.ConnectError, httpx.ConnectTimeout) as error:
                failure = error
        raise failure

    async def aclose(self) -> None:
        await self._inner.aclose()


class NamedTls(ssl.SSLContext):
    """A context that checks certificates for the names of hosts, where a driver was given their addresses."""

    names: Mapping[str, str] = MappingProxyType({})  # of the addresses

    def wrap_bio(
        self,
        incoming: ssl.MemoryBIO,
        outgoing: ssl.MemoryBIO,
        server_side: bool = False,
        server_hostname: str | bytes | None = None,
        session: ssl.SSLSession | None = None,
    ) -> ssl.SSLObject:
        name = self.names.get(str(server_hostname), server_hostname)
        return super().wrap_bio(incoming, outgoing, server_side, name, session)
