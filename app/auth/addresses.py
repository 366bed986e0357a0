"""Network addresses of those who ask."""

from __future__ import annotations

import ipaddress


def address_of(text: str) -> ipaddress.IPv4Address | ipaddress.IPv6Address | None:
    """The address that a text is, an IPv4 address as itself however it is written; None for any other text."""
    try:
        address = ipaddress.ip_address(text)
    except ValueError:
        return None
    return getattr(address, "ipv4_mapped", None) or address


def is_loopback(text: str) -> bool:
    """Whether it is an address of this machine itself."""
    address = address_of(text)
    return address is not None and address.is_loopback


def network_of(text: str, v4_bits: int = 32, v6_bits: int = 64) -> str:
    """The network that an address lies in, as one asker: a household has 2^64 addresses of IPv6."""
    address = address_of(text)
    if address is None:
        return text[:64]
    bits = v4_bits if address.version == 4 else v6_bits
    network = ipaddress.ip_network((address, bits), strict=False)
    return str(network.network_address if network.num_addresses == 1 else network)
