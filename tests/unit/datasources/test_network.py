"""Which addresses may be reached by whom, however they are written."""

from __future__ import annotations

import ipaddress
import socket

import pytest
from fixtures.contexts import connector_of

from heliograph.datasources.sources.network import NetworkGuard
from heliograph.errors import SourceError, SourceUnavailableError


@pytest.mark.parametrize(
    ("address", "by_people", "provisioned", "listed"),
    [
        ("93.184.216.34", True, True, True),
        ("2606:2800:220:1::1", True, True, True),
        ("127.0.0.1", False, True, False),
        ("10.1.2.3", False, True, True),
        ("100.64.0.1", False, True, False),
        ("::1", False, True, False),
        ("fd12::1", False, True, False),
        ("::ffff:10.1.2.3", False, True, True),
        ("::ffff:127.0.0.1", False, True, False),
        ("::127.0.0.1", False, True, False),
        ("::ffff:0:7f00:1", False, True, False),
        ("64:ff9b::808:808", True, True, True),
        ("64:ff9b::7f00:1", False, True, False),
        ("64:ff9b::a01:203", False, True, True),
        ("64:ff9b:1::808:808", False, True, False),
        ("2002:808:808::1", True, True, True),
        ("2002:7f00:1::1", False, True, False),
        ("2001:0:7f00:1::", False, False, False),
    ],
)
def test_private_networks_are_reached_only_where_the_operator_says_so(
    address: str, by_people: bool, provisioned: bool, listed: bool
) -> None:
    parsed = ipaddress.ip_address(address)
    assert NetworkGuard(()).permits(parsed, provisioned=False) is by_people
    assert NetworkGuard(()).permits(parsed, provisioned=True) is provisioned
    assert NetworkGuard(["10.0.0.0/8"]).permits(parsed, provisioned=False) is listed


@pytest.mark.parametrize(
    "address",
    [
        "0.0.0.0",
        "0.1.2.3",
        "100.100.100.200",
        "168.63.129.16",
        "169.254.1.1",
        "169.254.169.254",
        "169.254.170.2",
        "192.0.0.192",
        "224.0.0.1",
        "240.0.0.1",
        "255.255.255.255",
        "::",
        "::ffff:169.254.169.254",
        "64:ff9b::a9fe:a9fe",
        "2002:a9fe:a9fe::",
        "fd00:ec2::254",
        "fd20:ce::254",
        "fe80::1",
        "fe80::1%1",
        "fec0::1",
        "ff02::1",
    ],
)
def test_metadata_services_and_what_is_nobodys_address_are_never_reached(address: str) -> None:
    guard = NetworkGuard(["0.0.0.0/0", "::/0"])
    assert not guard.permits(ipaddress.ip_address(address), provisioned=True)
    assert not guard.permits(ipaddress.ip_address(address), provisioned=False)


@pytest.mark.parametrize(
    "host", ["metadata.google.internal", "METADATA.google.internal.", "ｍetadata", "instance-data"]
)
async def test_metadata_services_are_never_asked_by_name(host: str) -> None:
    with pytest.raises(SourceError, match="allowed_networks"):
        await connector_of(["0.0.0.0/0"], provisioned=True).addresses(host)


@pytest.mark.parametrize(
    "host", ["127.1", "2130706433", "0x7f.1", "0177.0.0.1", "127。0。0。1", "１２７.0.0.1", "localhost"]
)
async def test_every_spelling_of_loopback_is_loopback(host: str) -> None:
    with pytest.raises(SourceError, match="allowed_networks"):
        await connector_of([]).addresses(host)


@pytest.mark.parametrize("host", ["no-such-host.invalid", "a" * 70, "a..b"])
async def test_a_host_that_cannot_be_is_unavailable(host: str) -> None:
    with pytest.raises(SourceUnavailableError, match="has no address"):
        await connector_of().addresses(host)


async def test_a_connection_for_other_protocols_goes_to_the_judged_address_alone() -> None:
    with socket.create_server(("127.0.0.2", 0)) as server:
        port = server.getsockname()[1]
        (await connector_of().connected("127.0.0.2", port)).close()
        server.accept()[0].close()
        server.settimeout(0.1)
        with pytest.raises(SourceError, match="allowed_networks"):
            await connector_of(["127.0.0.1/32"]).connected("127.0.0.2", port)
        with pytest.raises(TimeoutError):
            server.accept()
    with pytest.raises(SourceUnavailableError, match="does not answer"):
        await connector_of().connected("127.0.0.2", port)
