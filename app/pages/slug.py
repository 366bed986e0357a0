"""The address of a dashboard: its id, and its title for people to read."""

from __future__ import annotations

import re
import unicodedata

MAX_SLUG = 80


def slug(title: str) -> str:
    """`Production Overview` → `production-overview`."""
    ascii_text = unicodedata.normalize("NFKD", title).encode("ascii", "ignore").decode().lower()
    return re.sub(r"[^a-z0-9]+", "-", ascii_text).strip("-")[:MAX_SLUG].strip("-") or "dashboard"


def dashboard_url(dashboard_id: str, title: str) -> str:
    """Where a dashboard is, below the root."""
    return f"/d/{dashboard_id}/{slug(title)}"
