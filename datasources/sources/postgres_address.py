"""Where a PostgreSQL source connects, and how: its URL read by us, so that the driver is told typed values alone.

The driver itself would read more out of a URL than one sees: sockets, services, files of passwords and keys, settings
of the server. What reaches into this machine is for operators; what is not listed here is for nobody.
"""

from __future__ import annotations

import asyncio
import ssl
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final
from urllib.parse import SplitResult, parse_qsl, unquote, urlsplit

import asyncpg

from ...errors import InvalidError, SourceError, SourceUnavailableError
from .connector import Connector, NamedTls

PORT: Final = 5432
SOCKETS: Final = ("/run/postgresql", "/var/run/postgresql", "/tmp")  # noqa: S108 - where PostgreSQL has them
TLS_MODES: Final = ("disable", "allow", "prefer", "require", "verify-ca", "verify-full")
VERIFIED: Final = ("verify-ca", "verify-full")
SESSIONS: Final = ("any", "primary", "standby", "prefer-standby", "read-write", "read-only")
SETTINGS: Final = frozenset({"application_name", "search_path"})
PLAIN: Final = frozenset({"sslmode", "target_session_attrs", "user", "dbname", "database", "password"}) | SETTINGS
OPERATORS: Final = frozenset({"host", "port", "passfile", "sslrootcert", "sslcert", "sslkey", "sslpassword", "sslcrl"})
CONNECT_WITHIN_S: Final = 10.0


@dataclass(frozen=True, slots=True)
class PostgresAddress:
    """Hosts (or folders of sockets) with their ports, in the order in which they are tried."""

    hosts: tuple[tuple[str, int], ...]
    user: str | None
    database: str | None
    password: str | None
    tls: str
    session: str
    settings: Mapping[str, str]
    files: Mapping[str, str]

    @classmethod
    def of(cls, url: str, connector: Connector) -> PostgresAddress:
        """InvalidError at `$.url` for what cannot be, or what only an operator may write."""
        parts = _split(url)
        arguments = _arguments(parts, connector)
        credentials, _, places = parts.netloc.rpartition("@")
        user, _, password = credentials.partition(":")
        hosts = _hosts(places or arguments.get("host", ""), arguments.get("port", ""))
        if not hosts or any(host.startswith("/") for host, _ in hosts):
            connector.for_operators("$.url", "a PostgreSQL without a host, or behind a socket")
        user = unquote(user) or arguments.get("user", "")
        if not user:
            connector.for_operators("$.url", "a PostgreSQL without a user")
        return cls(
            hosts=hosts or tuple((path, PORT) for path in (*SOCKETS, "localhost")),
            user=user or None,
            database=unquote(parts.path.removeprefix("/")) or arguments.get("dbname") or arguments.get("database"),
            password=unquote(password) or arguments.get("password"),
            tls=_one_of(arguments.get("sslmode", "prefer"), TLS_MODES),
            session=_one_of(arguments.get("target_session_attrs", "any"), SESSIONS),
            settings={name: arguments[name] for name in SETTINGS & arguments.keys()},
            files={name: arguments[name] for name in OPERATORS & arguments.keys()},
        )

    async def connected(self, connector: Connector, password: str | None, **driver: Any) -> asyncpg.Connection:
        """A new connection to addresses that were judged for it, under the names that the URL has."""
        names: dict[str, str] = {}
        places: list[tuple[str, int]] = []
        unreached: SourceUnavailableError | None = None
        for host, port in self.hosts:
            if host.startswith("/"):
                places.append((host, port))
                continue
            try:
                found = [str(address) for address in await connector.addresses(host)]
            except SourceUnavailableError as error:
                unreached = error
                continue
            names.update(dict.fromkeys(found, host))
            places.extend((address, port) for address in found)
        if unreached is not None and not places:
            raise unreached
        own = password or self.password
        told = {
            "host": [host for host, _ in places],
            "port": [port for _, port in places],
            "user": self.user,
            "database": self.database,
            # The driver looks into files and the environment where it is told nothing: they are the operator's.
            "password": own if own or connector.provisioned else "",
            "passfile": self.files.get("passfile"),
            "target_session_attrs": self.session,
            "server_settings": dict(self.settings),
            "direct_tls": False,
            **driver,
        }
        return await self._negotiated(told, names)

    async def _negotiated(self, told: dict[str, Any], names: Mapping[str, str]) -> asyncpg.Connection:
        """With TLS or without, as `sslmode` says: the second way where the first is refused before the password."""
        if self.tls == "disable":
            return await asyncpg.connect(ssl=False, **told)
        secured = await asyncio.to_thread(self._secured, names)
        first, second = {"allow": (False, secured), "prefer": (secured, False)}.get(self.tls, (secured, None))
        try:
            return await asyncpg.connect(ssl=first, **told)
        except asyncpg.InvalidPasswordError:
            raise
        except (OSError, asyncpg.InvalidAuthorizationSpecificationError) as error:
            if second is None or isinstance(error, TimeoutError):
                raise
            try:
                return await asyncpg.connect(ssl=second, **told)
            except (OSError, asyncpg.PostgresError):
                raise error from None

    def _secured(self, names: Mapping[str, str]) -> NamedTls:
        """Reads files; SourceError where they cannot be used."""
        context = NamedTls(ssl.PROTOCOL_TLS_CLIENT)
        context.names = names
        context.check_hostname = self.tls == "verify-full"
        context.verify_mode = ssl.CERT_REQUIRED if self.tls in VERIFIED else ssl.CERT_NONE
        try:
            if authority := self.files.get("sslrootcert"):
                context.load_verify_locations(authority)
            elif self.tls in VERIFIED:
                context.load_default_certs()
            if revoked := self.files.get("sslcrl"):
                context.load_verify_locations(revoked)
                context.verify_flags |= ssl.VERIFY_CRL_CHECK_CHAIN
            if shown := self.files.get("sslcert"):
                context.load_cert_chain(shown, self.files.get("sslkey"), lambda: self.files.get("sslpassword", ""))
        except (OSError, ValueError) as error:
            raise SourceError(f"the TLS files cannot be used: {error}") from None
        return context


def _split(url: str) -> SplitResult:
    try:
        parts = urlsplit(url)
    except ValueError:
        raise InvalidError("the URL of a PostgreSQL source cannot be read", path="$.url") from None
    if parts.scheme not in ("postgresql", "postgres") or parts.fragment:
        raise InvalidError("the URL of a PostgreSQL source: postgresql://user@host:5432/database", path="$.url")
    return parts


def _arguments(parts: SplitResult, connector: Connector) -> Mapping[str, str]:
    arguments = dict(parse_qsl(parts.query, keep_blank_values=True))
    for name in arguments:
        if name in OPERATORS:
            connector.for_operators("$.url", f"{name} in a URL")
        elif name not in PLAIN:
            known = ", ".join(sorted(PLAIN - {"password"}))
            raise InvalidError(f"{name} cannot stand in the URL of a PostgreSQL source: {known}", path="$.url")
    return arguments


def _hosts(places: str, ports: str) -> tuple[tuple[str, int], ...]:
    """`a:1,[::1]:2,c` as hosts and ports; `ports` are for those without one."""
    texts = [text for text in places.split(",") if text]
    given = ports.split(",") if ports else []
    found = []
    for number, text in enumerate(texts):
        host, port = _host(text)
        default = given[number if len(given) > 1 else 0] if number < len(given) or len(given) == 1 else ""
        found.append((host, _port(port or default)))
    return tuple(found)


def _host(text: str) -> tuple[str, str]:
    if text.startswith("["):
        host, closed, rest = text[1:].partition("]")
        if not closed or (rest and not rest.startswith(":")):
            raise InvalidError("the host of the URL cannot be read", path="$.url")
        return host, rest[1:]
    host, _, port = text.partition(":")
    return unquote(host), port


def _port(text: str) -> int:
    if not text:
        return PORT
    if not (text.isascii() and text.isdecimal() and 0 < int(text) < 2**16):
        raise InvalidError("the port of the URL is no number from 1 to 65535", path="$.url")
    return int(text)


def _one_of(value: str, known: tuple[str, ...]) -> str:
    if value not in known:
        raise InvalidError(f"{value[:50]!r} in the URL is none of {', '.join(known)}", path="$.url")
    return value
