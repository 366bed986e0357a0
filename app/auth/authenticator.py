"""From a request's credentials to a Scope: an API token, a session cookie, or nobody; and from a link's token."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Collection, Mapping
from dataclasses import dataclass

from ...errors import NotFoundError, UnauthenticatedError
from ...kept import Kept
from ...scope import DEFAULT_ORG, Role, Scope
from ...storage.config.shares import Share, Shares
from ...storage.config.tokens import Token, Tokens
from ...storage.config.users import User, Users
from .browsers import ANONYMOUS, credential_of, is_anonymous
from .passwords import verify_password
from .sessions import Sessions

CACHE_S = 1.0
MAX_CREDENTIAL = 400  # characters: what is looked up is remembered for a moment, found or not
SHARE = "share:"


@dataclass(frozen=True, slots=True)
class Identity:
    """Who asks, and by what: `credential` names it (`session:7:0`, `token:3`, `share:5`, `anonymous`, `anonymous:<a
    browser>`), and is not it.

    `share` is the link that somebody came by: they see its dashboard, whoever may otherwise, and nothing else.
    """

    scope: Scope
    credential: str
    share: Share | None = None

    @property
    def author(self) -> str:
        """Whose drafts are theirs: without a login those of their browser; empty for nobody in particular."""
        if is_anonymous(self.credential):
            return self.credential if self.credential != ANONYMOUS else ""
        return self.scope.principal

    @property
    def by_cookie(self) -> bool:
        """Whether a browser sends its credential by itself, so that foreign pages must be refused."""
        return self.credential.startswith("session:")


class Authenticator:
    """Knows people, tokens and links; what it read is kept for a second, so that a busy page costs one look-up.

    `shares` is None where no link opens anything.
    """

    def __init__(
        self,
        users: Users,
        tokens: Tokens,
        shares: Shares | None,
        sessions: Sessions,
        *,
        anonymous_role: str,
        clock: Callable[[], float],
    ) -> None:
        self._users = users
        self._tokens = tokens
        self._shares = shares
        self._clock = clock
        self._sessions = sessions
        self._anonymous = Role.parse(anonymous_role) if anonymous_role else None
        self._cache: Kept[Identity | None] = Kept(clock, CACHE_S)

    async def authenticate(self, authorization: str, cookie: str | None, browser: str | None = None) -> Identity | None:
        """The asker of a request; None for nobody. UnauthenticatedError for a token that is not good.

        `browser`: the cookie that tells those apart who did not log in.
        """
        if len(authorization) > MAX_CREDENTIAL:  # none of ours, and nothing to remember
            raise UnauthenticatedError("the token is not known")
        if authorization:
            kind, _, secret = authorization.partition(" ")
            identity = await self._by_token(secret.strip()) if kind.lower() == "bearer" else None
            if identity is None:
                raise UnauthenticatedError("the token is not known")
            return identity
        identity = await self._by_cookie(cookie) if cookie and len(cookie) <= MAX_CREDENTIAL else None
        return identity or self.anonymous(credential_of(browser))

    async def by_link(self, token: str) -> Identity | None:
        """Who comes by the link with that token; None where there is none, or where it is over."""
        return await self._cache.get("l" + token, lambda: self._find_link(token))

    async def _find_link(self, token: str) -> Identity | None:
        share = await self._shares.find(token, self._now_ms()) if self._shares is not None else None
        return self._found(share_identity(share)) if share is not None else None

    def anonymous(self, credential: str = ANONYMOUS) -> Identity | None:
        """Somebody who did not log in, where that is allowed."""
        if self._anonymous is None:
            return None
        return Identity(Scope(DEFAULT_ORG, self._anonymous), credential)

    async def login(self, login: str, password: str, place: str) -> User:
        """The user with that password; UnauthenticatedError for any other, after the same time.

        RateLimitedError where many wait at `place`, the network that asks, OverloadedError where many do everywhere.
        """
        try:
            user = await self._users.by_login(login)
        except NotFoundError:
            user = None
        good = await verify_password(password, user.password_hash if user else None, place)
        if user is None or not good or user.disabled:
            raise UnauthenticatedError("wrong user name or password")
        return user

    async def standing(self, credentials: Collection[str]) -> Mapping[str, Identity]:
        """Who stands behind each of the credentials that are still good, read now."""
        sessions = {credential: parts(credential) for credential in credentials if credential.startswith("session:")}
        by_token = {credential: parts(credential)[0] for credential in credentials if credential.startswith("token:")}
        linked = {credential: parts(credential)[0] for credential in credentials if credential.startswith(SHARE)}
        people = await self._users.standing({user_id for user_id, _ in sessions.values()}) if sessions else {}
        tokens = await self._tokens.standing(set(by_token.values())) if by_token else {}
        found: dict[str, Identity] = {}
        for credential, (user_id, epoch) in sessions.items():
            user = people.get(user_id)
            if user is not None and user.epoch == epoch:
                found[credential] = Identity(user_scope(user), credential)
        for credential, token_id in by_token.items():
            if token_id in tokens:
                found[credential] = Identity(token_scope(tokens[token_id]), credential)
        if linked and self._shares is not None:
            shares = await self._shares.standing(set(linked.values()), self._now_ms())
            found |= {name: share_identity(shares[one]) for name, one in linked.items() if one in shares}
        for credential in filter(is_anonymous, credentials):
            anybody = self.anonymous(credential)
            if anybody is not None:
                found[credential] = anybody
        return found

    async def void(self, credentials: Collection[str]) -> frozenset[str]:
        """Those of the credentials that are not good any more: logged out, changed, revoked."""
        return frozenset(credentials) - (await self.standing(credentials)).keys() if credentials else frozenset()

    def known(self, credential: str) -> Identity | None:
        """Who stands behind a credential, by what was read within the last second; None where it is to be read."""
        return self.anonymous(credential) if is_anonymous(credential) else self._cache.at_hand("i" + credential)

    async def identity_of(self, credential: str) -> Identity | None:
        """Who stands behind a credential, by its name; None where it is not good any more."""
        if is_anonymous(credential):
            return self.anonymous(credential)
        by_kind: Mapping[str, Callable[..., Awaitable[Identity | None]]] = {
            "session": self._session_of,
            "token": self._token_of,
            "share": self._share_of,
        }
        find = by_kind[credential.partition(":")[0]]
        return await self._cache.get("i" + credential, lambda: find(*parts(credential)))

    async def maker(self, principal: str) -> Identity | None:
        """Who made something that goes on without them (`user:7`, `token:3`), with the rights that they have now."""
        kind, _, number = principal.partition(":")
        if kind == "token":
            return await self.identity_of(principal)
        if kind != "user":
            return None
        try:
            user = await self._users.by_id(int(number))
        except NotFoundError:
            return None
        return None if user.disabled else Identity(user_scope(user), f"session:{user.id}:{user.epoch}")

    async def _share_of(self, share_id: int) -> Identity | None:
        share = await self._shares.by_id(share_id, self._now_ms()) if self._shares is not None else None
        return share_identity(share) if share is not None else None

    async def _token_of(self, token_id: int) -> Identity | None:
        token = await self._tokens.by_id(token_id)
        return Identity(token_scope(token), f"token:{token.id}") if token else None

    async def _session_of(self, user_id: int, epoch: int) -> Identity | None:
        """Who has a session of that epoch, where it still stands."""
        try:
            user = await self._users.by_id(user_id)
        except NotFoundError:
            return None
        if user.disabled or user.epoch != epoch:
            return None
        return Identity(user_scope(user), f"session:{user.id}:{user.epoch}")

    def _now_ms(self) -> int:
        return int(self._clock() * 1000)

    def forget(self) -> None:
        """Credentials were changed in this process: read them again."""
        self._cache.clear()

    async def _by_token(self, secret: str) -> Identity | None:
        return await self._cache.get("t" + secret, lambda: self._find_token(secret))

    async def _find_token(self, secret: str) -> Identity | None:
        token = await self._tokens.find(secret)
        return self._found(Identity(token_scope(token), f"token:{token.id}")) if token else None

    async def _by_cookie(self, cookie: str) -> Identity | None:
        return await self._cache.get("c" + cookie, lambda: self._find_session(cookie))

    async def _find_session(self, cookie: str) -> Identity | None:
        session = self._sessions.read(cookie)
        identity = await self._session_of(session.user_id, session.epoch) if session else None
        return self._found(identity) if identity is not None else None

    def _found(self, identity: Identity) -> Identity:
        """What follows on this asks by the name of the credential: it is known by that too."""
        self._cache.put("i" + identity.credential, identity)
        return identity


def parts(credential: str) -> list[int]:
    """The numbers in the name of a credential."""
    return [int(number) for number in credential.split(":")[1:]]


def user_scope(user: User) -> Scope:
    """What a person may see and do."""
    return Scope(user.org, user.role, user.teams, principal=f"user:{user.id}", user_id=user.id, login=user.login)


def token_scope(token: Token) -> Scope:
    """What a program with this token may see and do; its teams are none."""
    return Scope(token.org, token.role, principal=f"token:{token.id}", login=token.name)


def share_identity(share: Share) -> Identity:
    """Who comes by a link: a viewer of the link's org, known by the link alone."""
    name = f"{SHARE}{share.id}"
    return Identity(Scope(share.org, Role.VIEWER, principal=name), name, share)
