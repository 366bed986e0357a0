"""What the API answers, as models: the response schemas of OpenAPI are made of them, and tests hold answers to them."""

from __future__ import annotations

from typing import Annotated, Any, Generic, TypeVar

from pydantic import BaseModel, ConfigDict, Field, RootModel

from ...components.spec import Dashboard
from .fields import RoleName

Item = TypeVar("Item")
Version = Annotated[int, Field(ge=1, description="Counts up with each save.")]
Ms = Annotated[int, Field(description="Milliseconds since the epoch.")]
Principal = Annotated[str, Field(description="`user:<id>`, `token:<id>`, or who the server itself is.")]


class Shape(BaseModel):
    """An answer has what its shape names and nothing else."""

    model_config = ConfigDict(extra="forbid", defer_build=True)  # most are only told of, in OpenAPI


class Items(Shape, Generic[Item]):
    """All that there is, or all that is asked for."""

    items: list[Item]


class Page(Items[Item], Generic[Item]):
    """A part of what there is."""

    next: Annotated[str | None, Field(description="The cursor of what follows; null at the end.")]


class SavedDashboard(Dashboard):
    """A dashboard with what its keeping adds."""

    dashboard_id: str
    version: Version
    url: str
    created_by: Principal
    updated_by: Principal
    created_at: Ms
    updated_at: Ms
    origin: Annotated[str, Field(description="The file that provisions it, for editors; it changes there alone.")] = ""


class FolderName(Shape):
    """A folder as what lies in it names it."""

    uid: str
    title: str


class ListedFolder(FolderName):
    """A folder in the list of those that the asker may see."""

    can_edit: Annotated[bool, Field(description="Whether the asker may put dashboards there.")]


class FolderShape(FolderName):
    """A folder, with what is granted on it."""

    permissions: Annotated[
        dict[str, str], Field(description="`role:viewer`, `team:<id>` or `user:<id>` → none, view, edit, admin")
    ]


class PanelName(Shape):
    """A panel as what leads to it names it."""

    panel_id: int
    title: str


class DashboardSummaryShape(Shape):
    """A dashboard as lists have it."""

    dashboard_id: str
    title: str
    description: str
    folder: FolderName | None
    tags: list[str]
    version: Version
    url: str
    updated_by: Principal
    updated_by_name: Annotated[str, Field(description="The person's name, where the asker may know it.")]
    updated_at: Ms
    panel: Annotated[
        PanelName | None, Field(description="The one that holds what was searched for, where nothing else here does.")
    ]


class DeletedDashboard(Shape):
    """A dashboard that can be brought back."""

    id: Annotated[str, Field(description="Names it among the deleted ones.")]
    dashboard_id: str
    title: str
    tags: list[str]
    version: Version
    folder: FolderName | None
    deleted_by: Principal
    deleted_by_name: Annotated[str, Field(description="The person's name, where the asker may know it.")]
    deleted_at: Ms
    gone_at: Annotated[int, Field(description="Until when it can be brought back, in ms since the epoch.")]


class FileFaultShape(Shape):
    """What is wrong with a file, and where in it."""

    file: str
    path: Annotated[str, Field(description="A JSON path.")]
    detail: str


class PlaceShape(Shape):
    """A folder of files that is read."""

    path: str
    folder: Annotated[str, Field(description="The uid of the folder that its dashboards go to; empty: none.")]


class ProvisioningShape(Shape):
    """While there are faults, what stands is what was brought before."""

    brought_at: Annotated[int | None, Field(description="When files were taken last, in ms; null: never.")]
    files: int
    dashboards: int
    rules: int
    fault_count: int
    faults: Annotated[list[FileFaultShape], Field(description="The first hundred.")]
    warnings: list[FileFaultShape]
    places: list[PlaceShape]


class DashboardAt(Dashboard):
    """A dashboard as it was in a version."""

    dashboard_id: str
    version: Version


class DashboardVersion(Shape):
    """One version of a dashboard's history."""

    version: Version
    updated_by: Principal
    updated_by_name: Annotated[str, Field(description="The person's name, where the asker may know it.")]
    updated_at: Ms
    message: Annotated[str, Field(description="What who saved it says of it.")]


class Watching(Shape):
    """How many watch each dashboard now."""

    watching: Annotated[dict[str, int], Field(description="dashboard_id → viewers on the node that answers")]


class SourceShape(Shape):
    """A data source, without its secrets."""

    uid: str
    name: str
    type: str
    url: str
    language: Annotated[str, Field(description="Of its queries: promql, sql, postgres, mysql, lucene, json, …")]
    example: str
    options: dict[str, Any]
    secrets: Annotated[list[str], Field(description="Names alone: the values never come out.")]
    default: bool
    revision: int
    provisioned: bool


class SourceKind(Shape):
    """A kind of data source, as its form has it."""

    type: str
    title: str
    icon: str
    aliases: list[str]
    url: Annotated[str, Field(description="What an address of this kind looks like.")]
    example: str
    language: str
    secrets: list[str]
    options: Annotated[dict[str, Any], Field(description="JSON schema of the kind's options.")]


class DashboardName(Shape):
    """A dashboard as what refers to it names it."""

    dashboard_id: str
    title: str
    url: str


class RuleName(Shape):
    """A rule as what refers to it names it."""

    rule_id: str
    title: str


class UsesShape(Shape):
    """What asks a data source, of what the asker may see; 500 of each at most."""

    dashboards: list[DashboardName]
    rules: list[RuleName]


class HealthShape(Shape):
    """What a test of a data source came to."""

    ok: bool
    message: str
    latency_ms: float


class Dropped(Shape):
    """What emptying a cache came to."""

    dropped: Annotated[int, Field(description="Cached answers that were forgotten.")]


class AnnotationShape(Shape):
    """What somebody marked: an instant where `end` is `time`, else a region."""

    id: int
    time: Ms
    end: Ms
    text: str
    tags: list[str]
    dashboard_id: str | None
    created_by: Principal


class Person(Shape):
    """Who may log in."""

    id: int
    login: str
    name: str
    role: RoleName


class TeamShape(Shape):
    """People whom rights are given to together."""

    id: int
    name: str
    members: Annotated[list[int], Field(description="Ids of people.")]


class TokenShape(Shape):
    """A token of a program, without the token itself."""

    id: int
    name: str
    role: str
    created_by: Principal
    created_at: Ms


class AccountShape(Shape):
    """Who asks, and what is theirs."""

    login: Annotated[str, Field(description="Of a token its name; empty for who is not signed in.")]
    role: str
    home: Annotated[DashboardName | None, Field(description="The dashboard that one begins with; null: the list.")]
    tokens: Annotated[list[TokenShape], Field(description="Those that one has made.")]


class NewTokenShape(TokenShape):
    """A token that was made just now."""

    token: Annotated[str, Field(description="The token itself, told this once.")]


class Point(Shape):
    """One sample."""

    timestamp: Annotated[float, Field(description="Seconds since the epoch.")]
    value: Annotated[float | str | None, Field(description="`Infinity` and `-Infinity` as texts; null is missing.")]


class Series(Shape):
    """Samples of one label set, in the order of time."""

    name: str
    labels: dict[str, str]
    data: list[Point]


class Column(Shape):
    """A column of a table: `type` is that of its values."""

    name: str
    type: str


class Told(Shape):
    """What stands beside data where it applies."""

    stale: Annotated[dict[str, float] | None, Field(description="`age_s`: the source is down.")] = None
    partial: bool = False
    downsampled: str = ""
    warnings: list[str] = []
    inspect: dict[str, Any] | None = None


class OneSeries(Told):
    """The one series that was found."""

    data: list[Point]
    labels: dict[str, str]


class ManySeries(Told):
    """Any other number of series."""

    series: list[Series]


class Table(Told):
    """Rows as the query has them, a value a column."""

    columns: list[Column]
    rows: list[list[Any]]


class Failed(Shape):
    """A problem in the place of an answer."""

    error: dict[str, Any]


class Results(Shape):
    """What several queries came to, each by itself."""

    results: Annotated[dict[str, ManySeries | Table | Failed], Field(description="By ref.")]


class QueryAnswer(RootModel[OneSeries | ManySeries | Table | Results]):
    """One series, several, a table; `results` by ref where several were asked, or a panel's."""
