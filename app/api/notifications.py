"""`/notifications`: what was told to whom, and what came back; dead letters are sent again."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Annotated, Any

from pydantic import BaseModel, ConfigDict, Field

from ...errors import InvalidError, NotFoundError
from ...scope import Role
from ...storage.config.notifications import Delivery
from ...storage.config.rules import StoredRule
from ..http.parsing import whole_number
from .alerts import seen_rules
from .contact_points import contacts
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


@dataclass(frozen=True, slots=True)
class Sight:
    """What the asker may see: the rules by their ids, and of all that is told the names too where `everything`.

    `contacts`: the names of contact points by their ids.
    """

    rules: Mapping[str, StoredRule]
    contacts: Mapping[str, str]
    everything: bool

    def sees(self, one: Delivery) -> bool:
        """Whether a message tells of a rule that the asker may see."""
        return self.everything or not self.rules.keys().isdisjoint(rules_of(one))

    def titles(self, one: Delivery) -> dict[str, str]:
        """What the rules of a message are called by now, or were where they are gone; not of those that are hidden."""
        alerts = (*one.payload["firing"], *one.payload["resolved"])
        told = {alert["rule_id"]: alert["labels"].get("alertname", "") for alert in alerts} if self.everything else {}
        return told | {rule_id: self.rules[rule_id].title for rule_id in rules_of(one) if rule_id in self.rules}


async def sight_of(request: Request) -> Sight:
    """Administrators see all messages, those of rules that are gone too."""
    names = {one.uid: one.name for one in await contacts(request)}
    return Sight(await seen_rules(request), names, request.identity.scope.role is Role.ADMIN)


async def list_(request: Request) -> Reply:
    """The newest first, of alerts that the asker may see. With a rule: of this page, those that tell of it."""
    wanted: NotificationArguments = request.arguments
    before = whole_number(wanted.cursor) if wanted.cursor else 0
    if before is None:
        raise InvalidError("a cursor is what an answer gave as next", path="$.cursor")
    found = await request.config.telling.notifications.deliveries(
        request.org, state=wanted.state, contact_point=wanted.contact_point, before=before, limit=wanted.limit
    )
    sight = await sight_of(request)
    items = [as_json(one, sight) for one in found if sight.sees(one)]
    more = str(found[-1].id) if len(found) == wanted.limit else None
    return Reply({"items": [one for one in items if wanted.rule_id in ("", *one["rules"])], "next": more})


async def resend(request: Request) -> Reply:
    """Try a dead letter again, under the same key."""
    number = request.number("id", "notification")
    store, sight = request.config.telling.notifications, await sight_of(request)
    if not sight.sees(await store.get(request.org, number)):
        raise NotFoundError(f"there is no notification {number}")
    return Reply(as_json(await store.resend(request.org, number, request.now_ms), sight))


def rules_of(one: Delivery) -> list[str]:
    """The rules whose alerts it tells of."""
    return sorted({alert["rule_id"] for alert in (*one.payload["firing"], *one.payload["resolved"])})


def as_json(one: Delivery, sight: Sight) -> dict[str, Any]:
    """A message of the outbox as the API has it."""
    return {
        "id": one.id,
        "key": one.key,
        "contact_point": one.contact_point,
        "contact_name": sight.contacts.get(one.contact_point, one.contact_point),
        "status": one.status,
        "group": one.payload["group_labels"],
        "firing": len(one.payload["firing"]),
        "resolved": len(one.payload["resolved"]),
        "rules": rules_of(one),
        "titles": sight.titles(one),
        "gone": [rule_id for rule_id in rules_of(one) if rule_id not in sight.rules],
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
