"""What handlers and live views are given: one object per process, built by the assembly."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING

from .process.telemetry import Telemetry
from .settings import Settings

if TYPE_CHECKING:
    from ..components.asking.compiler import Compiler
    from ..components.compile import LayoutCache
    from ..components.panels.registry import PanelRegistry
    from ..datasources.query.caches import Caches
    from ..datasources.query.proxy import QueryProxy
    from ..datasources.sources.registry import Sources
    from ..datasources.variables.asked import VariableOptions
    from ..storage.cache.shared import Shared
    from ..storage.config.annotations import Annotations
    from ..storage.config.dashboards import Dashboards
    from ..storage.config.database import Database
    from ..storage.config.datasources import DataSources
    from ..storage.config.folders import Folders
    from ..storage.config.teams import Teams
    from ..storage.config.tokens import Tokens
    from ..storage.config.users import Users
    from .api.encoded import EncodedAnswers
    from .api.ratelimit import LoginLimit, RateLimit
    from .auth.authenticator import Authenticator
    from .auth.behalf import Behalf
    from .auth.sessions import Sessions
    from .live.density import Densities
    from .live.hub import Hub
    from .live.ranged import RangeAnswers
    from .private.sessions import PrivateSessions


@dataclass(frozen=True, slots=True)
class Services:
    """The object graph of a `view` process. `clock` answers seconds since the epoch."""

    settings: Settings
    telemetry: Telemetry
    clock: Callable[[], float]
    build_id: str
    database: Database
    dashboards: Dashboards
    folders: Folders
    users: Users
    teams: Teams
    tokens: Tokens
    datasources: DataSources
    annotations: Annotations
    auth: Authenticator
    sessions: Sessions
    behalf: Behalf
    private: PrivateSessions
    panels: PanelRegistry
    layouts: LayoutCache
    proxy: QueryProxy
    caches: Caches
    shared: Shared
    sources: Sources
    options: VariableOptions
    hub: Hub
    ranged: RangeAnswers
    densities: Densities
    compiler: Compiler
    rate_limit: RateLimit
    logins: LoginLimit
    encoded: EncodedAnswers
