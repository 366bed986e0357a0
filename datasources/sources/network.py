"""Where outgoing connections may lead: metadata services never, private networks only where the operator says so."""

from __future__ import annotations

import asyncio
import ipaddress
import socket
from collections.abc import Iterable
from typing import Final
from urllib.parse import urlsplit

from ...errors import SourceError, SourceUnavailableError

Address = ipaddress.IPv4Address | ipaddress.IPv6Address
Network = ipaddress.IPv4Network | ipaddress.IPv6Network
METADATA: Final = frozenset(
    ipaddress.ip_address(text) for text in ("169.254.169.254", "169.254.170.2", "fd00:ec2::254", "100.100.100.200")
)


class NetworkGuard:
    """Judges the addresses behind a URL's host. Provisioned sources may reach loopback and private networks."""

    def __init__(self, allowed: Iterable[str]) -> None:
        self._allowed: tuple[Network, ...] = tuple(ipaddress.ip_network(text, strict=False) for text in allowed)

    async def check(self, url: str, *, provisioned: bool) -> None:
        """SourceError where the host may not be reached, SourceUnavailableError where it has no address."""
        host = urlsplit(url).hostname
        if not host:
            return
        for address in await resolve(host):
            if not self.permits(address, provisioned=provisioned):
                raise SourceError(f"{host} lies in a network that allowed_networks does not name")

    def permits(self, address: Address, *, provisioned: bool) -> bool:
        """Whether one address may be reached."""
        if isinstance(address, ipaddress.IPv6Address) and address.ipv4_mapped:
            address = address.ipv4_mapped
        if address in METADATA or address.is_multicast or address.is_unspecified:
            return False
        if any(address.version == network.version and address in network for network in self._allowed):
            return True
        if address.is_global:
            return True
        return provisioned and not address.is_link_local


async def resolve(host: str) -> list[Address]:
    """The addresses of a host."""
    try:
        return [ipaddress.ip_address(host)]
    except ValueError:
        pass
    try:
        found = await asyncio.get_running_loop().getaddrinfo(host, None, type=socket.SOCK_STREAM)
    except OSError:
        raise SourceUnavailableError(f"{host} has no address", retry_after_s=30) from None
    return [ipaddress.ip_address(str(one[4][0]).partition("%")[0]) for one in found]
