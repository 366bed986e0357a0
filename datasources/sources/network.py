"""Where outgoing connections may lead: metadata services never, private networks only where the operator says so."""

from __future__ import annotations

import asyncio
import ipaddress
import socket
from collections.abc import Iterable, Iterator
from ipaddress import IPv4Address, IPv6Address
from typing import Final

from ...errors import SourceError, SourceUnavailableError

Address = IPv4Address | IPv6Address
Network = ipaddress.IPv4Network | ipaddress.IPv6Network

# What a cloud tells its machines about themselves, keys included, and what no server of anybody's lies behind.
NEVER: Final[tuple[Network, ...]] = tuple(
    ipaddress.ip_network(text)
    for text in (
        "0.0.0.0/8",
        "100.100.100.200/32",  # Alibaba
        "168.63.129.16/32",  # Azure
        "169.254.0.0/16",  # link-local: AWS, Azure, Google, Oracle and others
        "192.0.0.192/32",  # Oracle
        "224.0.0.0/3",  # multicast, reserved, broadcast
        "::/128",
        "fd00:ec2::/32",  # AWS
        "fd20:ce::/64",  # Google
        "fe80::/10",
        "fec0::/10",  # site-local of old, which Python calls global
        "ff00::/8",
    )
)
# Names of the same services, for resolvers that answer them with an address of another kind.
NEVER_NAMED: Final = frozenset(
    {
        "instance-data",
        "instance-data.ec2.internal",
        "metadata",
        "metadata.azure.com",
        "metadata.azure.internal",
        "metadata.goog",
        "metadata.google.internal",
        "metadata.oraclecloud.com",
        "metadata.platformequinix.com",
        "metadata.tencentyun.com",
    }
)
# Networks whose addresses lead to the IPv4 address in them, and how many bits stand to the right of it.
EMBEDDING: Final = tuple(
    (ipaddress.IPv6Network(text), bits)
    for text, bits in (("::/96", 0), ("::ffff:0:0:0/96", 0), ("64:ff9b::/96", 0), ("2002::/16", 80))
)
LOOPBACK_6: Final = IPv6Address("::1")
LOCAL_NAT64: Final = ipaddress.IPv6Network("64:ff9b:1::/48")  # where in it the inner address stands, nobody knows


class NetworkGuard:
    """Judges addresses. Provisioned sources may reach loopback and private networks, others what `allowed` lists."""

    def __init__(self, allowed: Iterable[str]) -> None:
        self._allowed: tuple[Network, ...] = tuple(ipaddress.ip_network(text, strict=False) for text in allowed)

    async def judged(self, host: str, *, provisioned: bool) -> list[Address]:
        """The addresses of a host, all of which may be reached.

        SourceError where one of them may not, SourceUnavailableError where there is none.
        """
        if plain_name(host) in NEVER_NAMED:
            raise barred(host)
        addresses = await resolve(host)
        if not all(self.permits(address, provisioned=True) for address in addresses):
            raise barred(host)
        if not all(self.permits(address, provisioned=provisioned) for address in addresses):
            raise refusal(host)
        return addresses

    def permits(self, address: Address, *, provisioned: bool) -> bool:
        """Whether one address may be reached: it, and those that it leads to."""
        return all(self._permits(one, provisioned=provisioned) for one in led_to(address))

    def _permits(self, address: Address, *, provisioned: bool) -> bool:
        if _among(address, NEVER):
            return False
        public = address.is_global and not _among(address, (LOCAL_NAT64,))
        return public or provisioned or _among(address, self._allowed)


def refusal(host: str) -> SourceError:
    """What an operator may allow, and how; an address behind a name is not told."""
    try:
        example = str(ipaddress.ip_network(host))
    except ValueError:
        example = "127.0.0.1/32" if plain_name(host) == "localhost" else "10.0.0.0/8"
    return SourceError(
        f"{host} lies in a private network that the operator has not allowed: name it in allowed_networks, such as "
        f'allowed_networks = ["{example}"] in heliograph.toml or HELIOGRAPH_ALLOWED_NETWORKS={example}, and start anew'
    )


def barred(host: str) -> SourceError:
    """What no setting allows."""
    return SourceError(f"{host} is an address that nobody may ask, whatever allowed_networks names")


def _among(address: Address, networks: Iterable[Network]) -> bool:
    return any(address.version == network.version and address in network for network in networks)


def led_to(address: Address) -> Iterator[Address]:
    """The address, and those of IPv4 at the end of its way where it leads there; a mapped one is that alone."""
    if isinstance(address, IPv4Address):
        yield address
    elif address.ipv4_mapped:
        yield address.ipv4_mapped
    else:
        yield address
        yield from address.teredo or ()
        if address != LOOPBACK_6:
            yield from (IPv4Address(int(address) >> bits & 0xFFFFFFFF) for net, bits in EMBEDDING if address in net)


def plain_name(host: str) -> str:
    """A name as resolvers read it: small letters, ASCII, no dot at the end."""
    text = host.strip().rstrip(".").lower()
    try:
        return text.encode("idna").decode()
    except UnicodeError:
        return text


async def resolve(host: str) -> list[Address]:
    """The addresses of a host, each once; SourceUnavailableError where it has none."""
    try:
        return [ipaddress.ip_address(host)]
    except ValueError:
        pass
    try:
        found = await asyncio.get_running_loop().getaddrinfo(host, None, type=socket.SOCK_STREAM)
    except (OSError, UnicodeError):
        raise SourceUnavailableError(f"{host} has no address", retry_after_s=30) from None
    return [ipaddress.ip_address(text) for text in dict.fromkeys(str(one[4][0]) for one in found)]
