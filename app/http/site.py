"""What every handler is given, whatever it answers."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from ..auth.access import Access
from ..process.telemetry import Telemetry
from ..settings import Settings


@dataclass(frozen=True, slots=True)
class Site:
    """One view process as a site. `clock` answers seconds since the epoch; `build_id` stands in static addresses."""

    settings: Settings
    telemetry: Telemetry
    clock: Callable[[], float]
    build_id: str
    access: Access
