"""What a view process is made of: the bundles that its rooms make, composed once."""

from __future__ import annotations

from dataclasses import dataclass

from ..alerting.notifiers.registry import NotifierKinds
from ..components.asking.tools import PanelTools
from ..datasources.query.path import QueryPath
from ..storage.config.repositories import Repositories
from .http.encoded import EncodedAnswers
from .http.site import Site
from .live.live import Live
from .private.sessions import PrivateSessions
from .process.alert_role import AlertRole
from .share.links import Links
from .share.pictures import Pictures
from .share.reports.reporter import Reporter


@dataclass(frozen=True, slots=True)
class ViewGraph:
    """Nobody but the assembly and the server takes all of it: each handler is given the bundles that it needs."""

    site: Site
    config: Repositories
    queries: QueryPath
    tools: PanelTools
    live: Live
    private: PrivateSessions
    links: Links
    pictures: Pictures
    encoded: EncodedAnswers
    notifiers: NotifierKinds
    reporter: Reporter
    alerts: AlertRole | None
