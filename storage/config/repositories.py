"""The config database as the roles get it: one repository for each kind of thing that is kept."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from .alert_states import AlertStates
from .annotations import Annotations
from .contact_points import ContactPoints
from .dashboards import Dashboards
from .database import Database
from .datasources import DataSources
from .documents import Documents, NamedDocuments
from .drafts import Drafts
from .folders import Folders
from .homes import Homes
from .leases import LeaseTable
from .meta import Meta
from .notification_tables import inhibitions, mute_timings, notification_policies
from .notifications import Notifications
from .provisioned import Provisioned
from .reports import Reports
from .rules import Rules
from .shares import Shares
from .silences import Silences
from .snapshots import Snapshots
from .stars import Stars
from .teams import Teams
from .tokens import Tokens
from .trash import Trash
from .users import Users
from .versions import Versions


@dataclass(frozen=True, slots=True)
class Telling:
    """Who is told of alerts, what keeps them from being told, and what was told."""

    contact_points: ContactPoints
    policies: Documents
    inhibitions: Documents
    mute_timings: NamedDocuments
    silences: Silences
    notifications: Notifications

    @classmethod
    def over(cls, database: Database, encryption_keys: Sequence[bytes]) -> Telling:
        """All of them over one database."""
        return cls(
            contact_points=ContactPoints(database, encryption_keys),
            policies=Documents(database, notification_policies),
            inhibitions=Documents(database, inhibitions),
            mute_timings=NamedDocuments(database, mute_timings, "mute timing"),
            silences=Silences(database),
            notifications=Notifications(database),
        )


@dataclass(frozen=True, slots=True)
class Repositories:
    """All repositories over one database."""

    database: Database
    dashboards: Dashboards
    versions: Versions
    drafts: Drafts
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
    homes: Homes
    trash: Trash
    provisioned: Provisioned
    shares: Shares
    snapshots: Snapshots
    reports: Reports
    telling: Telling

    @classmethod
    def over(cls, database: Database, encryption_keys: Sequence[bytes]) -> Repositories:
        """`encryption_keys`: those of the secrets of data sources, the one to write with first."""
        return cls(
            database=database,
            dashboards=Dashboards(database),
            versions=Versions(database),
            drafts=Drafts(database),
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
            homes=Homes(database),
            trash=Trash(database),
            provisioned=Provisioned(database),
            shares=Shares(database),
            snapshots=Snapshots(database),
            reports=Reports(database),
            telling=Telling.over(database, encryption_keys),
        )
