"""The pages of alerts: the list of rules, and beside it one rule, which is a view as dashboards are."""

from __future__ import annotations

from typing import Any

from tornado.web import url

from ...datasources.sources.heliograph_alerts import rule_url
from ...scope import Role
from ...storage.config.folders import Access
from ...storage.config.repositories import Repositories
from ...storage.config.rules import StoredRule
from ..http.site import Site
from ..http.strict_json import strict_json
from ..http.web import Handler
from ..live.handlers import address_of
from ..live.live import Live
from ..live.rule_board import board_id
from ..process.work_address import EXPLORE_ROLE
from .alert_list import AlertList
from .handlers import account_of, contents
from .holes import KeptPages, PageWithHoles
from .page import PageHandler, who

JSON = "application/json; charset=utf-8"


class AlertsHandler(PageHandler):
    """`/alerts` and `/alerts/<rule id>`: the rules, and one of them; without an id the first of the worst."""

    live: Live
    alerts: AlertList
    kept: KeptPages

    async def get(self, rule_id: str = "") -> None:
        identity = await self.identity()
        chosen = bool(rule_id)
        rule_id = rule_id or (await self.alerts.listed(identity.scope)).first
        can_explore = identity.scope.role >= EXPLORE_ROLE
        if not rule_id:
            self.page(
                "no_alerts.html",
                can_explore=can_explore,
                can_create=identity.scope.role >= Role.EDITOR,
                **who(identity),
            )
            return
        hub = self.live.hub
        opened = await hub.open(identity, address_of(self, board_id(rule_id)), self.request.remote_ip or "")
        opened.view.expect()
        rule = await self.alerts.rule(identity.scope.org, rule_id)
        can_silence = identity.scope.role >= Role.EDITOR
        can_edit_rule = can_silence and opened.access >= Access.EDIT and not rule.origin
        variant = (self.theme, chosen, can_explore, can_silence, can_edit_rule, rule.version)

        def render() -> PageWithHoles:
            told = {"rule": rule, "facts": facts(rule), "about": about(rule), "drawn_on": rule_url(rule)}
            told |= {"labels": strict_json(routed_by(rule))}
            told |= {"chosen": chosen, "can_explore": can_explore, "can_silence": can_silence}
            told |= {"can_edit_rule": can_edit_rule}
            said = contents(hub.boots, opened)
            return PageWithHoles.of(self.rendered("alerts.html", solo=0, kiosk=False, **told, **said))

        page = self.kept.get(opened.view, variant, render)
        fillings = {"account": account_of(self.templates, self.root, **who(identity)), "boot": hub.boots.end(opened)}
        if self.takes_gzip:
            self.send(page.gzipped(fillings), gzipped=True)
        else:
            self.send(page.plain(fillings))


class AlertListHandler(Handler):
    """`GET /live/alerts`: what the list shows, as one asks again and again; 304 where it is the same.

    `only=counts` leaves how many rules are in which state.
    """

    alerts: AlertList

    async def get(self) -> None:
        identity = await self.identity()
        found = await self.alerts.listed(identity.scope)
        encoded = found.counts if self.get_query_argument("only", "") == "counts" else found.whole
        self.set_header("Cache-Control", "private, no-cache")
        self.set_header("Vary", "Accept-Encoding")
        self.set_header("ETag", encoded.etag)
        if self.request.headers.get("If-None-Match") == encoded.etag:
            self.set_status(304)
            self.finish()
            return
        self.set_header("Content-Type", JSON)
        if self.takes_gzip:
            self.set_header("Content-Encoding", "gzip")
            self.finish(await encoded.gzip())
        else:
            self.finish(encoded.body)


def facts(rule: StoredRule) -> list[tuple[str, str]]:
    """What a rule is, in a few words each."""
    config = rule.config
    condition = config.get("condition", {})
    fires, resolves = words(condition.get("fires", {})), words(condition.get("resolves") or {})
    waits = config.get("for", "0s")
    told = [("Evaluated", f"every {config.get('interval', '1m')}" + (", paused" if config.get("paused") else ""))]
    told.append(
        (
            "Fires",
            f"{fires or 'whenever the query returns a series'}"
            + (f" for {waits}" if waits != "0s" else ", immediately"),
        )
    )
    if resolves:
        told.append(("Resolves", resolves))
    told.append(("No data", str(config.get("no_data", "NoData"))))
    if labels := config.get("labels"):
        told.append(("Labels", ", ".join(f"{name}={text}" for name, text in sorted(labels.items()))))
    return told


def about(rule: StoredRule) -> str:
    """What the rule says of itself, where that is no template."""
    text = str(rule.config.get("annotations", {}).get("description", ""))
    return "" if "{{" in text else text


def routed_by(rule: StoredRule) -> dict[str, str]:
    """The labels that all alerts of a rule have, as far as they are no templates: by these they find their way."""
    labels = rule.config.get("labels", {})
    return {"alertname": rule.title, **{name: text for name, text in labels.items() if "{{" not in text}}


def words(bound: dict[str, Any]) -> str:
    """A bound as people say it: `above 5`, `outside 1 to 3`."""
    names = {
        "above": "above",
        "below": "below",
        "from": "from",
        "to": "up to",
        "equal": "equal to",
        "not_equal": "other than",
    }
    said = [f"{name} {bound[key]:g}" for key, name in names.items() if bound.get(key) is not None]
    if bound.get("outside") is not None:
        low, high = bound["outside"]
        said.append(f"outside {low:g} to {high:g}")
    return " and ".join(said)


def routes(site: Site, templates: Any, config: Repositories, live: Live) -> list[Any]:
    """The addresses of the pages, and of what they ask."""
    alerts = AlertList(config, site.clock)
    own = {"site": site, "templates": templates, "live": live, "alerts": alerts, "kept": KeptPages()}
    return [
        url(r"/live/alerts", AlertListHandler, {"site": site, "alerts": alerts}),
        url(r"/alerts(?:/([A-Za-z0-9_-]{1,64}))?", AlertsHandler, own),
    ]
