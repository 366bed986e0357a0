"""Settings: each with its default and what is right for it; an unknown key is a fault."""

from __future__ import annotations

import ipaddress
import re
from pathlib import Path
from typing import Annotated, Any
from urllib.parse import urlsplit

from limits import parse as parse_rate_limit
from pydantic import BaseModel, ConfigDict, Field, SecretStr, ValidationInfo, field_validator

from ..alerting.rules.durations import duration_ms
from ..scope import Role

STORE_USER = "heliograph"  # whom an embedded store knows
SQL_DRIVERS = ("sqlite",)  # those of `datasources.sources.sqldriver`, whose libraries load where one is used
HOST_NAME = re.compile(r"\.?[A-Za-z0-9_-]+(\.[A-Za-z0-9_-]+)*|[0-9a-fA-F:]+")
ORIGIN = re.compile(r"https?://(\*\.)?[A-Za-z0-9_-]+(\.[A-Za-z0-9_-]+)*(:(\d{1,5}|\*))?")
LEAST_HISTORY_MS = 3_600_000
ROOT_PATH = re.compile(r"^(/[A-Za-z0-9._~-]+)+$")
# What our own paths begin with: below such a root nobody could say whose a path is.
OWN_PATHS = frozenset(
    {
        "d",
        "s",
        "embed",
        "snapshots",
        "alerts",
        "d-solo",
        "dashboards",
        "drafts",
        "new",
        "home",
        "account",
        "settings",
        "password",
        "api",
        "prometheus",
        "live",
        "notifications",
        "static",
        "login",
        "logout",
        "explore",
        "healthz",
        "readyz",
        "metrics",
    }
)


class ProvisionedSource(BaseModel):
    """One `[[datasources]]` table of the configuration file; read-only in the UI."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    uid: Annotated[str, Field(pattern=r"^[A-Za-z0-9_-]{1,64}$")]
    name: str = ""
    type: str
    url: str = ""
    default: bool = False
    options: dict[str, Any] = Field(default_factory=dict)
    secrets: dict[str, SecretStr] = Field(default_factory=dict)


class ProvisionedFolder(BaseModel):
    """One `[[provisioning]]` table: a folder of files, or a file, and the folder that what is in them goes to."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    path: Annotated[str, Field(min_length=1, max_length=400)]
    folder: Annotated[str, Field(pattern=r"^([A-Za-z0-9_-]{1,64})?$")] = ""
    title: Annotated[str, Field(max_length=200)] = ""
    datasource: Annotated[str, Field(min_length=1, max_length=128)] = "prometheus"


# Tables of the configuration file, which no environment variable holds.
TABLES = ("datasources", "provisioning")


class Settings(BaseModel):
    """All that an operator can say. Immutable; read once at start and handed to whoever needs a part of it."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    host: str = Field("127.0.0.1", description="The address that pages and API are served on.")
    port: int = Field(5006, ge=0, le=65535, description="The port that pages and API are served on.")
    data_dir: Path = Field(Path("heliograph-data"), description="Where configuration, metrics and secrets are kept.")
    database_url: SecretStr = Field(
        SecretStr(""),
        description="Config database: `postgresql://user:password@host/name`; empty is SQLite in `data_dir`.",
    )
    redis_url: SecretStr = Field(
        SecretStr(""),
        description="Redis or Valkey, shared by several nodes; empty keeps cache and messages in memory.",
    )
    metrics_url: SecretStr = Field(
        SecretStr(""),
        description="A ClickHouse server, or another node's store; empty is the embedded store in `data_dir`.",
    )
    secret_key: SecretStr = Field(
        SecretStr(""),
        description="Signs sessions and tokens, encrypts secrets; the same on all nodes. Empty: made in `data_dir`.",
    )
    old_secret_keys: SecretStr = Field(
        SecretStr(""), description="Keys that `secret_key` was before: what they encrypted is encrypted anew at start."
    )
    public_url: str = Field(
        "",
        description="The URL that people use; it and its origin are then what WebSockets and links accept.",
    )
    root_path: str = Field(
        "",
        description="The path below which a proxy serves all this, such as `/heliograph`; empty: that of `public_url`.",
    )
    trusted_proxies: tuple[str, ...] = Field(
        ("127.0.0.0/8", "::1/128"),
        description="Proxies whose `X-Forwarded-For`, `-Proto` and `-Host` are believed, as CIDR.",
    )
    allowed_hosts: tuple[str, ...] = Field(
        (),
        description="Other names that this server is asked by, such as `metrics.lan`, or `.example.org` for all below.",
    )
    anonymous_role: str = Field(
        "", description="Role of people who did not log in: `viewer`, `editor`, `admin`; empty: login."
    )
    share_links: bool = Field(True, description="Whether links may open dashboards without a login.")
    embed_origins: tuple[str, ...] = Field(
        (), description="Origins whose pages may embed links, such as `https://wiki.example.org`; empty: none."
    )
    chromium: str = Field("", description="The Chromium that draws pictures and reports; empty: one on `PATH`.")
    max_snapshots: int = Field(200, ge=1, le=10_000, description="Snapshots that an org keeps.")
    max_snapshot_bytes: int = Field(
        8 * 2**20, ge=2**16, le=2**27, description="Bytes of one snapshot, above which it is refused."
    )
    rate_limit: str = Field("6000/minute", description="Requests per person, to the API, pages and live views.")
    source_rate: str = Field("", description="Queries that one data source is asked; empty: no limit.")
    source_concurrency: int = Field(20, ge=1, le=10_000, description="Queries under way at one data source at once.")
    source_queue: int = Field(500, ge=0, le=100_000, description="Queries that wait for one data source.")
    max_series: int = Field(10_000, ge=1, description="Series in one answer, above which it is refused.")
    max_answer_points: int = Field(2_000_000, ge=1, description="Points in one answer, above which it is refused.")
    allowed_networks: tuple[str, ...] = Field(
        (), description="Private networks that data sources made by the API may reach, as CIDR."
    )
    sql_drivers: tuple[str, ...] = Field(
        (), description="Other SQL drivers that data sources may have: `sqlite`; empty: none."
    )
    rule_files: tuple[str, ...] = Field(
        (), description="Rule files of Prometheus, or patterns such as `rules/*.yml`, whose rules are evaluated here."
    )
    alert_history: str = Field(
        "30d", description="How long what happened to alerts, and what was told of it, is kept and shown."
    )
    collect_host: bool = Field(False, description="Collect this machine's own metrics into the store.")
    collect_self: bool = Field(True, description="Collect Heliograph's own metrics into the store.")
    max_viewers: int = Field(20_000, ge=1, description="Viewers that this node takes at once.")
    max_opens_per_second: float = Field(1000, gt=0, description="Dashboards that this node opens a second.")
    max_views: int = Field(5000, ge=1, description="Views that this node holds.")
    max_view_bytes: int = Field(2**30, ge=2**20, description="Bytes of columns and snapshots that its views hold.")
    max_views_per_user: int = Field(50, ge=1, description="Views that one person holds on this node.")
    max_sockets_per_person: int = Field(50, ge=1, description="Live views that one person has open at once.")
    max_private_sessions: int = Field(
        20, ge=1, description="Private sessions, such as explore's, on this node at once."
    )
    max_private_sessions_per_user: int = Field(3, ge=1, description="Private sessions of one person on this node.")
    log_level: str = Field("info", pattern="^(debug|info|warning|error)$", description="The least log level.")
    datasources: tuple[ProvisionedSource, ...] = Field(
        (), description="Provisioned data sources: `[[datasources]]` tables of the configuration file."
    )
    provisioning: tuple[ProvisionedFolder, ...] = Field(
        (), description="Folders of dashboards and rules: `[[provisioning]]` tables of the configuration file."
    )

    @field_validator("old_secret_keys", mode="before")
    @classmethod
    def keys(cls, value: Any) -> Any:
        """A list, or a text with commas between them."""
        return ",".join(str(item) for item in value) if isinstance(value, (list, tuple)) else value

    @field_validator("public_url")
    @classmethod
    def an_http_url(cls, value: str) -> str:
        if value and not re.match(r"^https?://[^/\s]+(/[^\s?#]*)?$", value):
            raise ValueError("an http:// or https:// URL")
        checked_root(urlsplit(value).path.rstrip("/"))
        return value.rstrip("/")

    @field_validator("redis_url")
    @classmethod
    def a_redis_url(cls, value: SecretStr) -> SecretStr:
        if value.get_secret_value() and not re.match(r"^(rediss?://[^\s/]|unix://)", value.get_secret_value()):
            raise ValueError("a redis://, rediss:// or unix:// URL")
        return value

    @field_validator("root_path")
    @classmethod
    def a_path(cls, value: str) -> str:
        return checked_root(value.rstrip("/"))

    @property
    def root(self) -> str:
        """What stands before every path of ours in the address bar: empty, or `/heliograph`."""
        return self.root_path or urlsplit(self.public_url).path.rstrip("/")

    @field_validator("anonymous_role")
    @classmethod
    def a_role(cls, value: str) -> str:
        if value:
            Role.parse(value)
        return value

    @field_validator("rate_limit", "source_rate")
    @classmethod
    def a_rate(cls, value: str, info: ValidationInfo) -> str:
        if value or info.field_name == "rate_limit":
            parse_rate_limit(value)
        return value

    @field_validator("alert_history")
    @classmethod
    def a_while(cls, value: str) -> str:
        if duration_ms(value) < LEAST_HISTORY_MS:
            raise ValueError("at least 1h")
        return value

    @field_validator("rule_files", mode="before")
    @classmethod
    def files(cls, value: Any) -> Any:
        """A comma-separated text (from the environment) or a list."""
        return tuple(part.strip() for part in value.split(",") if part.strip()) if isinstance(value, str) else value

    @field_validator("sql_drivers", mode="before")
    @classmethod
    def drivers(cls, value: Any) -> Any:
        """A comma-separated text (from the environment) or a list, each a driver that there is."""
        items = [part.strip() for part in value.split(",") if part.strip()] if isinstance(value, str) else value
        for item in items:
            if item not in SQL_DRIVERS:
                raise ValueError(f"{item} is none of {', '.join(SQL_DRIVERS)}")
        return tuple(items)

    @field_validator("allowed_hosts", mode="before")
    @classmethod
    def hosts(cls, value: Any) -> Any:
        """A comma-separated text (from the environment) or a list, each a name without a port."""
        items = [part.strip() for part in value.split(",") if part.strip()] if isinstance(value, str) else value
        for item in items:
            if not HOST_NAME.fullmatch(str(item)):
                raise ValueError(f"{item} is no name of a host, nor .name for all below it")
        return tuple(items)

    @field_validator("embed_origins", mode="before")
    @classmethod
    def origins(cls, value: Any) -> Any:
        """A comma-separated text (from the environment) or a list, each an origin."""
        items = [part.strip() for part in value.split(",") if part.strip()] if isinstance(value, str) else value
        for item in items:
            if not ORIGIN.fullmatch(str(item)):
                raise ValueError(f"{item} is no origin such as https://wiki.example.org or https://*.example.org")
        return tuple(items)

    @field_validator("allowed_networks", "trusted_proxies", mode="before")
    @classmethod
    def networks(cls, value: Any) -> Any:
        """A comma-separated text (from the environment) or a list, each an address or CIDR."""
        items = [part.strip() for part in value.split(",") if part.strip()] if isinstance(value, str) else value
        for item in items:
            ipaddress.ip_network(item, strict=False)
        return tuple(items)


def checked_root(path: str) -> str:
    """A path that all may be served below; ValueError for one that is none, or begins as one of our own."""
    if path and not ROOT_PATH.match(path):
        raise ValueError("a path is /heliograph or alike, of letters, digits and . _ ~ -")
    if path and path.split("/")[1] in OWN_PATHS:
        raise ValueError(f"a path of our own begins with /{path.split('/')[1]}")
    return path
