"""What the demo adds to the data sources of this node, the same in each of its roles: a Prometheus, and its shop."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from ..settings import ProvisionedSource, Settings
from . import prometheus

PROMETHEUS_URL, SHOP_PORT = "HELIOGRAPH_ROLE_PROMETHEUS", "HELIOGRAPH_ROLE_SHOP_PORT"
SQL_UID, API_UID = "orders", "shop-api"
FILE: Final = Path("demo") / "orders.db"


@dataclass(frozen=True, slots=True)
class Shop:
    """Where the demo's shop keeps its orders, and the port of loopback that its API answers on."""

    file: Path
    port: int

    @classmethod
    def of_environment(cls, settings: Settings, environ: Mapping[str, str]) -> Shop | None:
        """None where `demo` opened no shop."""
        port = int(environ.get(SHOP_PORT) or 0)
        return cls(settings.data_dir.absolute() / FILE, port) if port else None

    def sources(self) -> tuple[ProvisionedSource, ...]:
        """The data sources of the demo's shop, as settings declare them."""
        return (
            ProvisionedSource(uid=SQL_UID, name="Orders", type="sqlite", url=f"sqlite:///{self.file}"),
            ProvisionedSource(uid=API_UID, name="Branches", type="json", url=f"http://127.0.0.1:{self.port}"),
        )


def with_demo(settings: Settings, environ: Mapping[str, str]) -> Settings:
    """The settings with the sources that the demo brings, as the parent of this role says in its environment."""
    settings = prometheus.with_prometheus(settings, environ.get(PROMETHEUS_URL, ""))
    shop = Shop.of_environment(settings, environ)
    if shop is None:
        return settings
    named = {source.uid for source in settings.datasources}
    added = tuple(source for source in shop.sources() if source.uid not in named)
    drivers = tuple(dict.fromkeys((*settings.sql_drivers, "sqlite")))
    return settings.model_copy(update={"datasources": (*settings.datasources, *added), "sql_drivers": drivers})
