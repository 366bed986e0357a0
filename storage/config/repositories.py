"""The config database as the roles get it: one repository for each kind of thing that is kept."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from .alert_states import AlertStates
from .annotations import Annotations
from .dashboards import Dashboards
from .database import Database
from .datasources import DataSources
from .folders import Folders
from .leases import LeaseTable
from .meta import Meta
from .rules import Rules
from .stars import Stars
from .teams import Teams
from .tokens import Tokens
from .users import Users


@dataclass(frozen=True, slots=True)
class Repositories:
    """All repositories over one database."""

    database: Database
    dashboards: Dashboards
    folders: Folders
    users: Users
    teams: Teams
    tokens: Tokens
    datasources: DataSources
    annotations: Annotations
    meta: Meta
    rules: Rules
    alerts: AlertStates
    leases: LeaseTable
    stars: Stars

    @classmethod
    def over(cls, database: Database, encryption_keys: Sequence[bytes]) -> Repositories:
        """`encryption_keys`: those of the secrets of data sources, the one to write with first."""
        return cls(
            database=database,
            dashboards=Dashboards(database),
            folders=Folders(database),
            users=Users(database),
            teams=Teams(database),
            tokens=Tokens(database),
            datasources=DataSources(database, encryption_keys),
            annotations=Annotations(database),
            meta=Meta(database),
            rules=Rules(database),
            alerts=AlertStates(database),
            leases=LeaseTable(database),
            stars=Stars(database),
        )
