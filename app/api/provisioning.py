"""`/provisioning`: what files have brought, from where, and what is wrong with them."""

from __future__ import annotations

from ...scope import Role
from ..provisioning.status import read_status
from .routing import Reply, Request, Route, Routes
from .shapes import ProvisioningShape


async def read(request: Request) -> Reply:
    """What the last reading of the folders came to."""
    return Reply(dict(await read_status(request.config.meta)))


def register(routes: Routes) -> None:
    """The routes of this resource."""
    summary = "Say what files have brought, and what is wrong with them"
    routes.add(Route("GET", "/provisioning", Role.ADMIN, read, summary, shape=ProvisioningShape))
