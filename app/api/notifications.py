"""`/notifications`: what was told to whom, and what came back; dead letters are sent again."""

from __future__ import annotations

from collections.abc import Collection
from typing import Annotated, Any

from pydantic import BaseModel, ConfigDict, Field

from ...errors import InvalidError, NotFoundError
from ...scope import Role
from ...storage.config.notifications import Delivery
from ..http.parsing import whole_number
from .alerts import seen_rules
from .routing import Reply, Request, Route, Routes
from .shapes import Page
from .telling_shapes import NotificationShape


class NotificationArguments(BaseModel):
    """`state`: pending, delivered or dead; `cursor` is the `next` of the answer before."""

    model_config = ConfigDict(extra="forbid")

    state: Annotated[str, Field(pattern="^(|pending|delivered|dead)$")] = ""
    contact_point: Annotated[str, Field(max_length=64)] = ""
    rule_id: Annotated[str, Field(max_length=64)] = ""
    limit: Annotated[int, Field(ge=1, le=500)] = 100
    cursor: Annotated[str, Field(max_length=20)] = ""


async def list_(request: Request) -> Reply:
    """The newest first, of alerts that the asker may see. With a rule: of this page, those that tell of it."""
    wanted: NotificationArguments = request.arguments
    before = whole_number(wanted.cursor) if wanted.cursor else 0
    if before is None:
        raise InvalidError("a cursor is what an answer gave as next", path="$.cursor")
    found = await request.config.telling.notifications.deliveries(
        request.org, state=wanted.state, contact_point=wanted.contact_point, before=before, limit=wanted.limit
    )
    seen = frozenset(await seen_rules(request))
    visible = _visible(request, seen)
    items = [as_json(one, seen) for one in found if visible is None or visible.intersection(rules_of(one))]
    more = str(found[-1].id) if len(found) == wanted.limit else None
    return Reply({"items": [one for one in items if wanted.rule_id in ("", *one["rules"])], "next": more})


async def resend(request: Request) -> Reply:
    """Try a dead letter again, under the same key."""
    number = request.number("id", "notification")
    store, seen = request.config.telling.notifications, frozenset(await seen_rules(request))
    visible = _visible(request, seen)
    one = await store.get(request.org, number)
    if visible is not None and not visible.intersection(rules_of(one)):
        raise NotFoundError(f"there is no notification {number}")
    return Reply(as_json(await store.resend(request.org, number, request.now_ms), seen))


def _visible(request: Request, seen: frozenset[str]) -> frozenset[str] | None:
    """The ids of the rules whose messages the asker may see; None: all, those of rules that are gone too."""
    return None if request.identity.scope.role is Role.ADMIN else seen


def rules_of(one: Delivery) -> list[str]:
    """The rules whose alerts it tells of."""
    return sorted({alert["rule_id"] for alert in (*one.payload["firing"], *one.payload["resolved"])})


def as_json(one: Delivery, seen: Collection[str]) -> dict[str, Any]:
    """A message of the outbox as the API has it; `seen`: the rules that the asker may look at."""
    return {
        "id": one.id,
        "key": one.key,
        "contact_point": one.contact_point,
        "status": one.status,
        "group": one.payload["group_labels"],
        "firing": len(one.payload["firing"]),
        "resolved": len(one.payload["resolved"]),
        "rules": rules_of(one),
        "gone": [rule_id for rule_id in rules_of(one) if rule_id not in seen],
        "state": one.state,
        "tries": one.tries,
        "created_at": one.created_ms,
        "next_try_at": one.due_ms if one.state == "pending" else None,
        "ended_at": one.ended_ms,
        "message": one.message,
        "answer": one.answer,
    }


def register(routes: Routes) -> None:
    """The routes of this resource."""
    listed: dict[str, Any] = {"arguments": NotificationArguments, "shape": Page[NotificationShape]}
    routes.add(Route("GET", "/notifications", Role.EDITOR, list_, "List what was told to whom", **listed))
    again: dict[str, Any] = {"summary": "Send a dead letter again", "shape": NotificationShape}
    routes.add(Route("POST", "/notifications/{id}/resend", Role.EDITOR, resend, **again))
