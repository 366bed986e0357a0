"""The demo's Prometheus: one that the user names, or one that answers on this machine."""

from __future__ import annotations

import json
import urllib.error
import urllib.request
from pathlib import Path
from typing import Final

from ..process.private_files import make_directory
from ..settings import ProvisionedSource, Settings

LOCAL_URL = "http://localhost:9090"
UID = "prometheus"
WITHIN_S = 0.5
MAX_BYTES = 64 * 1024
FILE: Final = Path("demo") / "prometheus"  # where a demo says to commands beside it which one it shows


def answers(url: str) -> bool:
    """Whether a Prometheus answers there, at once."""
    try:
        with urllib.request.urlopen(f"{url.rstrip('/')}/api/v1/query?query=1", timeout=WITHIN_S) as reply:  # noqa: S310
            document = json.loads(reply.read(MAX_BYTES))
    except (OSError, ValueError, urllib.error.URLError):
        return False
    return isinstance(document, dict) and document.get("status") == "success"


def with_prometheus(settings: Settings, url: str) -> Settings:
    """The settings with that server as a provisioned source, where they do not name one already."""
    if not url or any(source.uid == UID for source in settings.datasources):
        return settings
    source = ProvisionedSource(uid=UID, name="Prometheus", type="prometheus", url=url, default=True)
    return settings.model_copy(update={"datasources": (*settings.datasources, source)})


def remember(settings: Settings, url: str) -> None:
    """Say which server the demo of this data directory shows; none where the URL is empty."""
    file = settings.data_dir / FILE
    make_directory(file.parent)
    file.write_text(url, "utf-8")


def remembered(settings: Settings) -> Settings:
    """The settings with the server that the demo of this data directory shows, where there was one."""
    try:
        return with_prometheus(settings, (settings.data_dir / FILE).read_text("utf-8"))
    except OSError:
        return settings
