"""Connections to MySQL and MariaDB: to judged addresses, in a session that is the same everywhere, read-only."""

from __future__ import annotations

import asyncio
import re
import ssl
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass
from typing import Any, Final
from urllib.parse import unquote, urlsplit

import aiomysql
import pymysql
from pymysql.constants import CLIENT

from ...errors import InvalidError, SourceUnavailableError
from .connector import Connector, NamedTls
from .http import Tls

PORT: Final = 3306
CONNECT_WITHIN_S: Final = 5.0
# What an answer, or the reading of a text, depends on that a server may have set otherwise.
SESSION: Final = (
    "SET SESSION time_zone = '+00:00', sql_mode = 'STRICT_TRANS_TABLES,NO_ZERO_IN_DATE,ERROR_FOR_DIVISION_BY_ZERO', "
    "autocommit = 0, group_concat_max_len = 1048576"
)
# Privileges over the whole server that are more than reading.
RISKS: Final = re.compile(
    r"\b(ALL PRIVILEGES|SUPER|FILE|SHUTDOWN|CREATE USER|RELOAD|SYSTEM_USER|SYSTEM_VARIABLES_ADMIN|SET USER|"
    r"CONNECTION[_ ]ADMIN|BINLOG[_ ]ADMIN|READ_ONLY[_ ]ADMIN|REPLICATION[_ ]\w+[_ ]ADMIN)\b"
)
EVERYWHERE: Final = re.compile(r"\AGRANT (?P<rights>.*) ON \*\.\* TO ")
ROLES: Final = re.compile(r"\AGRANT (?P<roles>(?:[`'][^ ]+[`'](?:@[`'][^ ]*[`'])?(?:, ?)?)+) TO ")


@dataclass(frozen=True, slots=True)
class MysqlAddress:
    """Where a source connects, as whom, and to which database."""

    host: str
    port: int
    user: str
    database: str

    @classmethod
    def of(cls, url: str) -> MysqlAddress:
        """InvalidError at `$.url` for what is no such URL."""
        shown = "mysql://user@host:3306/database"
        try:
            parts = urlsplit(url)
            host, port = parts.hostname, parts.port or PORT
        except ValueError:
            raise InvalidError(f"the URL of a MySQL source: {shown}", path="$.url") from None
        if parts.scheme not in ("mysql", "mariadb") or not host or parts.query or parts.fragment:
            raise InvalidError(f"the URL of a MySQL source: {shown}", path="$.url")
        if not parts.username:
            raise InvalidError(f"the URL of a MySQL source names its user: {shown}", path="$.url")
        return cls(host, port, unquote(parts.username), unquote(parts.path.removeprefix("/")))


class MysqlConnection:
    """One connection, its number at the server, and whether that is a MariaDB."""

    def __init__(self, driver: Any) -> None:
        self.driver = driver
        self.number = int(driver.thread_id())
        self.is_mariadb = "mariadb" in str(driver.get_server_info()).lower()

    @property
    def version(self) -> str:
        """What the server is, as a person says it: `MariaDB 11.4.2`."""
        told = str(self.driver.get_server_info()).removeprefix("5.5.5-").partition("-")[0]
        return f"{'MariaDB' if self.is_mariadb else 'MySQL'} {told}"

    async def run(self, sql: str) -> list[tuple[Any, ...]]:
        """A statement of ours, and all of its rows."""
        async with self.driver.cursor() as cursor:
            await cursor.execute(sql)
            return list(await cursor.fetchall() or ())

    def close(self) -> None:
        """Close the connection at once, whatever runs on it."""
        self.driver.close()

    @asynccontextmanager
    async def asking(self, deadline_s: float) -> AsyncIterator[None]:
        """A fresh read-only transaction with its own time limit, rolled back whatever comes of it."""
        limit = (
            f"SET SESSION max_statement_time = {deadline_s:.3f}"
            if self.is_mariadb
            else f"SET SESSION max_execution_time = {max(int(deadline_s * 1000), 1)}"
        )
        with suppress(pymysql.err.OperationalError, pymysql.err.InternalError):  # a server without such a limit
            await self.run(limit)
        await self.run("START TRANSACTION READ ONLY")
        try:
            yield
        except pymysql.err.MySQLError:
            await self.run("ROLLBACK")
            raise
        await self.run("ROLLBACK")

    async def risks(self) -> Sequence[str]:
        """What the user may do to the server beyond reading, roles that he may take included."""
        found: dict[str, None] = {}
        seen: set[str] = set()
        left = [""]
        while left:
            for (grant,) in await self._grants(left.pop()):
                text = grant.decode("utf-8", "replace")
                if match := EVERYWHERE.match(text):
                    found.update(dict.fromkeys(RISKS.findall(match["rights"])))
                elif match := ROLES.match(text):
                    roles = [one.strip() for one in match["roles"].split(",") if one.strip() not in seen]
                    seen.update(roles)
                    left += roles
        return list(found)

    async def _grants(self, role: str) -> list[tuple[Any, ...]]:
        """Of a role as a grant names it, quoted by the server; errors of the driver where it cannot be taken on."""
        if not role:
            return await self.run("SHOW GRANTS")
        if not self.is_mariadb:
            return await self.run(f"SHOW GRANTS FOR CURRENT_USER() USING {role}")
        ((before,),) = await self.run("SELECT CURRENT_ROLE()")
        await self.run(f"SET ROLE {role}")
        try:
            return await self.run("SHOW GRANTS")
        finally:
            own = before.decode().replace("`", "``") if before else ""
            await self.run(f"SET ROLE `{own}`" if own else "SET ROLE NONE")


async def connected(
    address: MysqlAddress, password: str, connector: Connector, tls: Tls | None, *, verified: bool
) -> MysqlConnection:
    """A new connection to an address that was judged for it, its session set; errors are the driver's."""
    failure: Exception = SourceUnavailableError(f"{address.host} does not answer", retry_after_s=10)
    for found in await connector.addresses(address.host):
        context = await asyncio.to_thread(_secured, tls, address.host, str(found), verified) if tls else None
        driver = aiomysql.Connection(
            host=str(found),
            port=address.port,
            user=address.user,
            password=password,
            db=address.database or None,
            charset="utf8mb4",
            use_unicode=False,
            conv={},
            connect_timeout=CONNECT_WITHIN_S,
            autocommit=None,
            ssl=context,
        )
        driver.client_flag &= ~(CLIENT.MULTI_STATEMENTS | CLIENT.LOCAL_FILES)
        driver._connect_attrs = {"program_name": "heliograph"}
        try:
            await driver._connect()
            made = MysqlConnection(driver)
            await made.run(SESSION)
        except pymysql.err.OperationalError as error:
            failure = error
            if error.args and error.args[0] != pymysql.constants.CR.CR_CONN_HOST_ERROR:
                raise
            continue
        return made
    raise failure


def _secured(tls: Tls, host: str, address: str, verified: bool) -> ssl.SSLContext:
    """Reads files; SourceError where they cannot be used."""
    plain = tls.context()
    context = NamedTls(ssl.PROTOCOL_TLS_CLIENT)
    context.names = {address: host}
    context.check_hostname = verified
    context.verify_mode = ssl.CERT_REQUIRED if verified else ssl.CERT_NONE
    if verified:
        context.load_default_certs() if not tls.ca else context.load_verify_locations(tls.ca)
    if tls.cert:
        context.load_cert_chain(tls.cert, tls.key or None)
    del plain  # it has checked the files, in words of ours
    return context
