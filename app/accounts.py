"""What the commands do to people, tokens and the config database, without a server running."""

from __future__ import annotations

import re
import time
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from pathlib import Path

from ..errors import InvalidError, StartupError
from ..named import a_login, a_name
from ..scope import DEFAULT_ORG, Role
from ..storage.config.database import Database
from ..storage.config.tokens import Tokens
from ..storage.config.users import Users
from .auth.passwords import hash_password
from .process.private_files import close_database, make_directory
from .settings import Settings

COMMAND = "command line"  # who asks here
LOGIN = r"^[^\s:/]{1,200}$"  # of a person
TOKEN_NAME_LENGTH = 200
DATABASE_FILE = "heliograph.db"


def database_url(settings: Settings) -> str:
    """The configured database, or SQLite in the data directory."""
    return settings.database_url.get_secret_value() or f"sqlite:///{settings.data_dir.resolve() / DATABASE_FILE}"


def database_of(settings: Settings) -> Database:
    """The database, not connected yet; where it is a file, no other account may read it."""
    database = Database(database_url(settings))
    if database.is_sqlite and database.url.database:
        close_database(Path(database.url.database))
    return database


@asynccontextmanager
async def opened(settings: Settings) -> AsyncIterator[Database]:
    """The config database at this version's schema. One node migrates by itself; a cluster has upgraded before."""
    try:
        make_directory(settings.data_dir)
    except OSError as error:
        raise StartupError(f"{settings.data_dir}: {error.strerror}") from None
    database = database_of(settings)
    try:
        if database.is_sqlite:
            await database.upgrade()
        else:
            await database.check_revision()
        yield database
    finally:
        await database.close()


async def upgrade_database(settings: Settings) -> str:
    """Bring the schema to this version's; a line that says so."""
    database = database_of(settings)
    try:
        make_directory(settings.data_dir)
        revision = await database.upgrade()
    finally:
        await database.close()
    return f"the config database is at revision {revision}"


async def add_user(settings: Settings, login: str, role: Role, password: str) -> str:
    """Add a person; DuplicateError where the login is taken, InvalidError where it is none."""
    if not re.match(LOGIN, _readable(login)):
        raise InvalidError("a name has 1 to 200 characters, without spaces, colons and slashes", path="$.login")
    _check(a_login, login, "$.login")
    hashed = await hash_password(password, COMMAND)
    async with opened(settings) as database:
        await Users(database).add(DEFAULT_ORG, login, hashed, role, now_ms=now_ms())
    return ""


async def set_password(settings: Settings, login: str, password: str) -> str:
    """Give a person another password; NotFoundError where there is nobody of that name. A line that says so."""
    hashed = await hash_password(password, COMMAND)
    async with opened(settings) as database:
        users = Users(database)
        user = await users.by_login(_readable(login))
        await users.set_password(user.id, hashed)
    return f"{login} has a new password; sessions with the old one end"


async def create_token(settings: Settings, name: str, role: Role) -> str:
    """A new API token's text; DuplicateError where the name is taken, InvalidError where it is none."""
    if not 1 <= len(_readable(name)) <= TOKEN_NAME_LENGTH:
        raise InvalidError(f"the name of a token has 1 to {TOKEN_NAME_LENGTH} characters", path="$.name")
    _check(a_name, name, "$.name")
    async with opened(settings) as database:
        _, secret = await Tokens(database).create(DEFAULT_ORG, name, role, by=COMMAND, now_ms=now_ms())
    return secret


def _check(rule: Callable[[str], str], name: str, path: str) -> None:
    """InvalidError where a name breaks its rule."""
    try:
        rule(name)
    except ValueError as error:
        raise InvalidError(str(error), path=path) from None


def _readable(name: str) -> str:
    """The name; InvalidError where the terminal's bytes of it are no text."""
    try:
        name.encode()
    except UnicodeEncodeError:
        raise InvalidError("a name is UTF-8", path="$.name") from None
    return name


def now_ms() -> int:
    """The time, in ms."""
    return int(time.time() * 1000)
