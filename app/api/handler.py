"""The handler behind every route: identity, permission, limits, parsing, the action, and errors as problems."""

from __future__ import annotations

import asyncio
import hashlib
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from pydantic import BaseModel, ValidationError

from ...errors import (
    ForbiddenError,
    MalformedError,
    MethodNotAllowedError,
    RateLimitedError,
)
from ...faults import invalid
from ..auth.authenticator import Identity
from ..http.encoded import GZIP_FROM_BYTES, Encoded
from ..http.texts import check_texts
from ..http.web import Handler
from .body import read_json, read_text
from .routing import PREFIX, File, Means, Reply, Request, Route, Written

PERSONAL_GOOD_S = 1.0  # an answer that depends on more than its source


class ApiHandler(Handler):
    """All methods of one path. `given`: parts of it that stand for themselves."""

    means: Means
    methods: Mapping[str, Route]
    given: Mapping[str, str]

    def initialize(self, **bundles: Any) -> None:
        super().initialize(**bundles)
        self._waiting: asyncio.Task[Any] | None = None
        self._hung_up = False

    @property
    def route(self) -> str:
        return PREFIX + next(iter(self.methods.values())).path if self.methods else "api"

    async def identity(self) -> Identity:
        """Who asks, or the person whom this node's work role asks for."""
        behalf = self.site.access.behalf
        if behalf.speaks(self.request.headers):
            return await behalf.identity(self.request.headers, self.request.remote_ip or "")
        return await super().identity()

    async def _serve(self, **parts: str) -> None:
        asked = self.request.method or ""
        route = self.methods.get("GET" if asked == "HEAD" else asked)
        if route is None:
            self.set_header("Allow", ", ".join(sorted(self.methods)))
            raise MethodNotAllowedError(f"this address takes {', '.join(sorted(self.methods))}")
        identity = await self.identity()
        await self._check_limit(identity)
        identity = replace(identity, scope=replace(identity.scope, household=self.person(identity.scope.principal).key))
        parts = {**self.given, **parts}
        check_texts(parts)
        if identity.scope.role < route.role:
            raise ForbiddenError(f"this needs the role {route.role}")
        if route.method == "GET" or route.shared:
            await self._serve_while_awaited(route, identity, parts)
        else:
            self._reply(await route.action(await self._request(route, identity, parts)))

    async def _serve_while_awaited(self, route: Route, identity: Identity, parts: Mapping[str, str]) -> None:
        """What changes nothing is given up where nobody waits for it any more."""
        self._waiting = asyncio.current_task()
        try:
            if route.shared:
                await self._serve_shared(route, identity, parts)
            else:
                self._reply(await route.action(await self._request(route, identity, parts)))
        except asyncio.CancelledError:
            if not self._hung_up:
                raise
        finally:
            self._waiting = None

    async def _request(self, route: Route, identity: Identity, parts: Mapping[str, str]) -> Request:
        return Request(
            means=self.means,
            identity=identity,
            path=parts,
            arguments=self._arguments(route),
            body=await self._body(route),
            headers=dict(self.request.headers.get_all()),
            query=self._query(),
            remote_ip=self.request.remote_ip or "",
            origin=f"{self.request.protocol}://{self.request.host}",
        )

    async def _serve_shared(self, route: Route, identity: Identity, parts: Mapping[str, str]) -> None:
        """Equal bodies of askers with equal rights are answered with the same bytes."""

        async def make() -> Encoded:
            made = (await route.action(await self._request(route, identity, parts))).document
            assert isinstance(made, Encoded)
            if who is not None:
                made.good_for_s = min(made.good_for_s, PERSONAL_GOOD_S)
            return made

        scope, body = identity.scope, self.request.body
        revision = await self.means.queries.sources.generation(scope.org)
        who = scope if await self._is_personal(route, scope.org, revision) else None
        key = (scope.org, scope.role, scope.teams, scope.data_scope, who, revision, route.path, body)
        encoded = self.means.encoded.at_hand(key)
        if encoded is None:
            encoded = await self.means.encoded.get(key, make)
        if route.named and self._has(encoded):
            return
        await self._reply_encoded(encoded)

    async def _is_personal(self, route: Route, org: int, revision: int) -> bool:
        """Whether the answer may depend on who asks, by what the parsed body says; judged once for equal bodies."""
        judge = route.personal
        if judge is None:
            return False

        async def judged() -> bool:
            return await judge(self.means.queries.sources, org, await self._body(route))

        digest = hashlib.blake2b(self.request.body, digest_size=16).digest()
        return await self.means.personal.get((org, revision, route.path, digest), judged)

    def _has(self, encoded: Encoded) -> bool:
        """Whether who asks has the same bytes already, which is then the answer."""
        self.set_header("ETag", encoded.etag)
        same = self.request.headers.get("If-None-Match") == encoded.etag
        if same:
            self.set_header("Cache-Control", "private, no-cache")
            self.set_status(304)
            self.finish()
        return same

    def on_connection_close(self) -> None:
        """Nobody waits any more: what is asked for this request is cancelled."""
        self._hung_up = True
        if self._waiting is not None:
            self._waiting.cancel()

    async def _reply_encoded(self, encoded: Encoded) -> None:
        self.set_header("Content-Type", "application/json; charset=utf-8")
        named = "ETag" in self._headers
        self.set_header("Cache-Control", "private, no-cache" if named else "private, no-store")
        self.set_header("Vary", "Accept-Encoding")
        if len(encoded.body) >= GZIP_FROM_BYTES and self.takes_gzip:
            self.set_header("Content-Encoding", "gzip")
            self.finish(await encoded.gzip())
        else:
            self.finish(encoded.body)

    get = post = put = delete = patch = _serve

    def spend(self, identity: Identity) -> None:
        """Counted by `_check_limit`, over all nodes."""

    async def _check_limit(self, identity: Identity) -> None:
        person = self.person(identity.scope.principal)
        try:
            await self.site.access.rate_limit.check(person.key)
            self.site.access.budget.carry(person, len(self.request.body))
        except RateLimitedError:
            self.site.telemetry.shed.labels("rate_limit").inc()
            raise

    def _arguments(self, route: Route) -> BaseModel | None:
        if route.arguments is None:
            return None
        values = {}
        for name, given in self.request.query_arguments.items():
            try:
                values[name] = given[-1].decode()
            except UnicodeDecodeError:
                raise MalformedError(f"the argument {name} is not UTF-8") from None
        check_texts(values)
        return checked(route.arguments, values)

    def _query(self) -> dict[str, list[str]]:
        return {name: self.get_query_arguments(name, strip=False) for name in self.request.query_arguments}

    async def _body(self, route: Route) -> Any:
        if route.text_body:
            return read_text(self.request.body, route.most_bytes)
        if route.body is None and not route.raw_body:
            return None
        document = await read_json(self.request.body, route.most_bytes)
        if route.raw_body or route.body is None:
            return document
        return checked(route.body, document)

    def _reply(self, reply: Reply) -> None:
        for name, value in reply.headers.items():
            self.set_header(name, value)
        if reply.document is None:
            self.set_status(reply.status)
            self.finish()
        elif isinstance(reply.document, Written):
            self.set_status(reply.status)
            self.write_text(reply.document.text)
        elif isinstance(reply.document, File):
            self._reply_file(reply.document)
        else:
            self.write_json(reply.document, reply.status)

    def _reply_file(self, file: File) -> None:
        """Saved and never shown: nothing that stands in it runs as a page of ours."""
        self.set_header("Content-Type", file.media)
        self.set_header("Content-Disposition", f'attachment; filename="{file.name}"')
        self.set_header("Content-Security-Policy", "sandbox; default-src 'none'")
        self.set_header("Cache-Control", "private, no-store")
        self.finish(file.body)


def checked(model: type[BaseModel], values: Mapping[str, Any]) -> BaseModel:
    """The values as the model; InvalidError with the path of each fault."""
    try:
        return model.model_validate(values)
    except ValidationError as error:
        raise invalid(error) from None
