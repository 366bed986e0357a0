"""`/dashboards/{id}/shares`: links that open a dashboard without a login; a link is shown once, when it is made."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field

from ...alerting.rules.durations import duration_ms
from ...components.spec import Dashboard, parse_dashboard
from ...datasources.datemath import parse_range, zone_of
from ...errors import ForbiddenError, InvalidError, naming
from ...scope import Role
from ...storage.config.dashboard_rows import StoredDashboard
from ...storage.config.folders import Access
from ...storage.config.shares import Share, Terms
from ..auth.passwords import hash_password
from ..auth.people import names_of
from .dashboard_access import allowed
from .fields import Named
from .routing import Reply, Request, Route, Routes
from .shapes import Items
from .share_shapes import NewShareShape, ShareShape

Text = Annotated[str, Field(max_length=64)]
Value = Annotated[str, Field(max_length=10_000)]
Choice = Literal["free", "fixed"]
SHORTEST_MS = 60_000


class Seen(BaseModel):
    """Which view of a dashboard: what is left out is the dashboard's own."""

    model_config = ConfigDict(extra="forbid", populate_by_name=True)

    values: Annotated[dict[str, Value | list[Value]], Field(max_length=200)] = Field(default_factory=dict)
    from_: Annotated[Text, Field(alias="from")] = ""
    to: Text = ""
    tz: Text = ""
    expires_in: Annotated[str | None, Field(max_length=40)] = None

    def expires_ms(self, now_ms: int) -> int | None:
        """When it is over; InvalidError."""
        if self.expires_in is None:
            return None
        try:
            span_ms = duration_ms(self.expires_in)
        except ValueError as error:
            raise InvalidError(str(error), path="$.expires_in") from None
        if span_ms < SHORTEST_MS:
            raise InvalidError("at least a minute", path="$.expires_in")
        return now_ms + span_ms

    def chosen(self, dashboard: Dashboard) -> tuple[tuple[str, tuple[str, ...]], ...]:
        """The values as an address has them; InvalidError for those of a variable that is not there."""
        names = {variable.name for variable in dashboard.variables}
        for name in self.values:
            if name not in names:
                raise InvalidError("there is no such variable", path=f"$.values.{name}")
        return tuple(
            (name, (value,) if isinstance(value, str) else tuple(value)) for name, value in sorted(self.values.items())
        )

    def check_range(self, now_ms: int) -> None:
        """InvalidError where the ends are no range, or the zone is none."""
        if self.tz:
            with naming("$.tz"):
                zone_of(self.tz)
        if bool(self.from_) != bool(self.to):
            raise InvalidError("a range has two ends", path="$.to" if self.from_ else "$.from")
        if self.from_:
            with naming("$.from"):
                parse_range(self.from_, self.to, now_ms, self.tz or "UTC")


class NewShare(Seen):
    """A link to be made: what is seen by it, and what may be chosen there."""

    name: Annotated[str, Field(max_length=200), Named] = ""
    variables: Choice = "fixed"
    time: Choice = "fixed"
    text_boxes: bool = False
    password: Annotated[str | None, Field(max_length=1000)] = None


async def create(request: Request) -> Reply:
    """The link, told this once; ForbiddenError where links are switched off, or the view is one person's own."""
    wanted: NewShare = request.body
    if not request.site.settings.share_links:
        raise ForbiddenError("links are switched off here: share_links")
    stored = await allowed(request, Access.EDIT)
    dashboard = parse_dashboard(stored.config, stored=True)
    wanted.check_range(request.now_ms)
    await request.live.hub.check_shareable(request.identity.scope, stored, dashboard)
    terms = Terms(
        name=wanted.name,
        free_variables=wanted.variables == "free",
        free_texts=wanted.text_boxes,
        free_time=wanted.time == "free",
        values=wanted.chosen(dashboard),
        from_text=wanted.from_,
        to_text=wanted.to,
        zone=wanted.tz,
        password_hash="" if wanted.password is None else await hash_password(wanted.password, request.person.key),
        expires_ms=wanted.expires_ms(request.now_ms),
    )
    by = request.identity.scope.principal
    share, token = await request.config.shares.create(
        request.org, stored.dashboard_id, terms, by=by, now_ms=request.now_ms
    )
    names = await names_of(request.config.users, request.identity.scope, {by})
    root = request.site_url
    embed = f"{root}/embed/s/{token}" if not terms.password_hash else None
    return Reply({**as_json(request, share, names), "url": f"{root}/s/{token}", "embed_url": embed}, 201)


async def list_(request: Request) -> Reply:
    """Those of a dashboard, for its editors."""
    stored = await allowed(request, Access.EDIT)
    found = await request.config.shares.list(request.org, stored.dashboard_id)
    names = await names_of(request.config.users, request.identity.scope, {one.created_by for one in found})
    return Reply({"items": [as_json(request, one, names) for one in found]})


async def delete(request: Request) -> Reply:
    """Who may change the dashboard may revoke its links; for others they are not there."""
    number = request.number("share_id", "link")
    share = await request.config.shares.of_org(request.org, number)
    await check_editor(request, share.dashboard_id)
    await request.config.shares.delete(request.org, share.id)
    request.site.access.auth.forget()
    return Reply(status=204)


async def check_editor(request: Request, dashboard_id: str) -> StoredDashboard:
    """The dashboard, where the asker may change it; NotFoundError, ForbiddenError."""
    stored = await request.config.dashboards.get(request.org, dashboard_id)
    await request.config.folders.check(request.identity.scope, stored, Access.EDIT)
    return stored


def as_json(request: Request, share: Share, names: Mapping[str, str]) -> dict[str, Any]:
    """A link as the API has it; `names` are those of people, by principal."""
    terms = share.terms
    return {
        "share_id": share.id,
        "name": terms.name,
        "variables": "free" if terms.free_variables else "fixed",
        "time": "free" if terms.free_time else "fixed",
        "text_boxes": terms.free_texts,
        "values": {name: list(values) for name, values in terms.values},
        "from": terms.from_text,
        "to": terms.to_text,
        "tz": terms.zone,
        "has_password": bool(terms.password_hash),
        "expires_at": terms.expires_ms,
        "created_by": share.created_by,
        "created_by_name": names.get(share.created_by, ""),
        "created_at": share.created_at,
        "used_at": request.means.links.uses.last(share),
    }


def register(routes: Routes) -> None:
    """The routes of this resource."""
    path, least = "/dashboards/{id}/shares", Role.EDITOR
    routes.add(Route("GET", path, least, list_, "List the links of a dashboard", shape=Items[ShareShape]))
    routes.add(
        Route(
            "POST",
            path,
            least,
            create,
            "Make a link that opens a dashboard without a login",
            body=NewShare,
            answers=(201,),
            shape=NewShareShape,
        )
    )
    routes.add(Route("DELETE", "/shares/{share_id}", least, delete, "Revoke a link", answers=(204,)))
