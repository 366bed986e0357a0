"""The handler behind every route: identity, permission, limits, parsing, the action, and errors as problems."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from pydantic import BaseModel, ValidationError

from ...components.spec import invalid
from ...storage.errors import (
    ForbiddenError,
    InvalidError,
    MalformedError,
    MethodNotAllowedError,
    RateLimitedError,
)
from ..auth.authenticator import Identity
from ..services import Services
from ..web import Handler
from .routing import Reply, Request, Route


class ApiHandler(Handler):
    """All methods of one path."""

    def initialize(self, services: Services, methods: Mapping[str, Route] | None = None) -> None:
        super().initialize(services)
        self._methods = methods or {}

    async def _serve(self, **parts: str) -> None:
        route = self._methods.get(self.request.method or "")
        if route is None:
            self.set_header("Allow", ", ".join(sorted(self._methods)))
            raise MethodNotAllowedError(f"this address takes {', '.join(sorted(self._methods))}")
        identity = await self.identity()
        await self._check_limit(identity)
        if identity.scope.role < route.role:
            raise ForbiddenError(f"this needs the role {route.role}")
        request = Request(
            services=self.services,
            identity=identity,
            path=parts,
            arguments=self._arguments(route),
            body=self._body(route),
            headers=dict(self.request.headers.get_all()),
        )
        self._reply(await route.action(request))

    get = post = put = delete = patch = _serve

    async def _check_limit(self, identity: Identity) -> None:
        who = identity.scope.principal
        if who == "anonymous":
            who = f"anonymous:{self.request.remote_ip}"
        try:
            await self.services.rate_limit.check(who)
        except RateLimitedError:
            self.services.telemetry.shed.labels("rate_limit").inc()
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
        return checked(route.arguments, values)

    def _body(self, route: Route) -> Any:
        if route.body is None and not route.raw_body:
            return None
        document = parse_json(self.request.body)
        if route.raw_body or route.body is None:
            return document
        return checked(route.body, document)

    def _reply(self, reply: Reply) -> None:
        for name, value in reply.headers.items():
            self.set_header(name, value)
        if reply.document is None:
            self.set_status(reply.status)
            self.finish()
        else:
            self.write_json(reply.document, reply.status)


def parse_json(body: bytes) -> dict[str, Any]:
    """The JSON object of a body; MalformedError where it is none."""
    try:
        document = json.loads(body.decode(), parse_constant=_no_constant)
    except (UnicodeDecodeError, ValueError, RecursionError) as error:
        raise MalformedError(f"the body is not JSON: {error}") from None
    if not isinstance(document, dict):
        raise InvalidError("the body is a JSON object", path="$")
    return document


def _no_constant(name: str) -> Any:
    raise ValueError(f"{name} is not JSON")


def checked(model: type[BaseModel], values: Mapping[str, Any]) -> BaseModel:
    """The values as the model; InvalidError with the path of each fault."""
    try:
        return model.model_validate(values)
    except ValidationError as error:
        raise invalid(error) from None
