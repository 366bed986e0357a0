"""What is known of the files: brought when, and what is wrong with them; the same on all nodes."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import Any, Final

from ...storage.config.meta import Meta
from ..process.telemetry import Telemetry
from .finding import FileFault, Place
from .whole import Whole

KEY: Final = "provisioning"
MAX_FAULTS: Final = 100
NOTHING: Final[Mapping[str, Any]] = {
    "brought_at": None,
    "files": 0,
    "dashboards": 0,
    "rules": 0,
    "fault_count": 0,
    "faults": [],
    "warnings": [],
    "places": [],
}


async def read_status(meta: Meta) -> Mapping[str, Any]:
    """As the node that brings files wrote it last; what NOTHING says where none did."""
    text = await meta.get(KEY)
    return {**NOTHING, **json.loads(text)} if text else NOTHING


async def write_status(meta: Meta, status: Mapping[str, Any]) -> None:
    """Keep what the last reading of the folders came to, for all nodes."""
    await meta.put(KEY, json.dumps(status, ensure_ascii=False))


def brought(whole: Whole, places: Sequence[Place], now_ms: int) -> dict[str, Any]:
    """After all of it was taken."""
    return {
        "brought_at": now_ms,
        "files": whole.files,
        "dashboards": len(whole.wanted.dashboards),
        "rules": len(whole.wanted.rules),
        "fault_count": 0,
        "faults": [],
        "warnings": _told(whole.warnings),
        "places": _places(places),
    }


def refused(before: Mapping[str, Any], faults: Sequence[FileFault], places: Sequence[Place]) -> dict[str, Any]:
    """After none of it was: what stands is what was brought before."""
    told = {"fault_count": len(faults), "faults": _told(faults), "places": _places(places)}
    return {**before, **told}


def tell(telemetry: Telemetry, status: Mapping[str, Any]) -> None:
    """Set the figures of `/metrics`."""
    telemetry.provisioning_faults.set(status["fault_count"])
    telemetry.provisioned.labels("dashboard").set(status["dashboards"])
    telemetry.provisioned.labels("rule").set(status["rules"])
    telemetry.provisioned_at.set((status["brought_at"] or 0) / 1000)


def _told(faults: Sequence[FileFault]) -> list[dict[str, str]]:
    return [{"file": one.file, "path": one.path, "detail": one.detail} for one in faults[:MAX_FAULTS]]


def _places(places: Sequence[Place]) -> list[dict[str, str]]:
    return [{"path": one.path, "folder": one.folder} for one in places]
