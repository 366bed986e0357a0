"""API tokens, kept as SHA-256: a token of 256 random bits needs no salt and no slow hash."""

from __future__ import annotations

import hashlib
import secrets
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass

from sqlalchemy import RowMapping, delete, insert, select

from ...errors import DuplicateError, NotFoundError
from ...scope import Role
from .database import Database, batches
from .subjects import forget_subject
from .tables import tokens

PREFIX = "hg_"
TOKEN_BYTES = 32


@dataclass(frozen=True, slots=True)
class Token:
    """What is known of a token; the token itself was shown once and is kept nowhere."""

    id: int
    org: int
    name: str
    role: Role
    created_by: str
    created_at: int


COLUMNS = (tokens.c.id, tokens.c.org_id, tokens.c.name, tokens.c.role, tokens.c.created_by, tokens.c.created_at)


class Tokens:
    """The repository of API tokens."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def create(self, org: int, name: str, role: Role, *, by: str, now_ms: int) -> tuple[Token, str]:
        """A new token and its text, which is not kept; DuplicateError where the name is taken."""
        secret = PREFIX + secrets.token_urlsafe(TOKEN_BYTES)
        try:
            async with self._database.begin() as connection:
                token_id = await connection.scalar(
                    insert(tokens)
                    .values(
                        org_id=org, name=name, role=int(role), sha256=digest(secret), created_by=by, created_at=now_ms
                    )
                    .returning(tokens.c.id)
                )
        except DuplicateError:
            raise DuplicateError(f"there is a token named {name} already", path="$.name") from None
        assert token_id is not None
        return Token(token_id, org, name, role, by, now_ms), secret

    async def find(self, secret: str) -> Token | None:
        """The token with that text, or None."""
        async with self._database.connect() as connection:
            row = (await connection.execute(select(*COLUMNS).where(tokens.c.sha256 == digest(secret)))).first()
        return _token(row._mapping) if row else None

    async def by_id(self, token_id: int) -> Token | None:
        """The token of that id, or None."""
        async with self._database.connect() as connection:
            row = (await connection.execute(select(*COLUMNS).where(tokens.c.id == token_id))).first()
        return _token(row._mapping) if row else None

    async def standing(self, token_ids: Collection[int]) -> Mapping[int, Token]:
        """Those of the tokens that were not deleted."""
        found: dict[int, Token] = {}
        async with self._database.connect() as connection:
            for batch in batches(token_ids):
                rows = await connection.execute(select(*COLUMNS).where(tokens.c.id.in_(batch)))
                found |= {row[0]: _token(row._mapping) for row in rows}
        return found

    async def list(self, org: int) -> Sequence[Token]:
        """All of an org, by name."""
        async with self._database.connect() as connection:
            rows = await connection.execute(select(*COLUMNS).where(tokens.c.org_id == org).order_by(tokens.c.name))
            return [_token(row._mapping) for row in rows]

    async def delete(self, org: int, token_id: int) -> None:
        """Revoke it, with what was granted to it; NotFoundError."""
        async with self._database.begin() as connection:
            gone = await connection.execute(
                delete(tokens).where(tokens.c.org_id == org, tokens.c.id == token_id).returning(tokens.c.id)
            )
            if gone.first() is None:
                raise NotFoundError("there is no such token")
            await forget_subject(connection, org, f"token:{token_id}")


def _token(row: RowMapping) -> Token:
    return Token(
        row[tokens.c.id],
        row[tokens.c.org_id],
        row[tokens.c.name],
        Role(row[tokens.c.role]),
        row[tokens.c.created_by],
        row[tokens.c.created_at],
    )


def digest(secret: str) -> str:
    """What is stored of a secret: its SHA-256, in hex."""
    return hashlib.sha256(secret.encode()).hexdigest()
