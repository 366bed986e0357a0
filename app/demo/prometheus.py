"""The demo's Prometheus: one that the user names, or one that answers on this machine."""

from __future__ import annotations

import json
import urllib.error
import urllib.request

from ..settings import ProvisionedSource, Settings

LOCAL_URL = "http://localhost:9090"
UID = "prometheus"
WITHIN_S = 0.5
MAX_BYTES = 64 * 1024


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
