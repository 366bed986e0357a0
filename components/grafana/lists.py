"""Grafana's panels of words: logs, texts, lists of alerts and annotations."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from .given import Given

Options = dict[str, Any]
SORTS: Final[Mapping[int, str]] = {1: "rule", 2: "rule", 3: "state", 4: "oldest", 5: "newest"}


def logs(given: Given) -> Options:
    """Options of a panel of logs."""
    known = {one: one for one in ("none", "exact", "numbers", "signature")}
    orders = {"Descending": "newest", "Ascending": "oldest"}
    given.leave("showCommonLabels", "prettifyLogMessage", "prettifyJSON", "enableLogDetails", "enableInfiniteScrolling")
    given.leave(
        "showControls", "syntaxHighlighting", "fontSize", "detailsMode", "showLogContextToggle", "controlsStorageKey"
    )
    return {
        "show_time": given.flag("showTime"),
        "show_labels": given.flag("showLabels"),
        "wrap": given.flag("wrapLogMessage"),
        "order": given.choice("sortOrder", orders, default="newest"),
        "dedup": given.choice("dedupStrategy", known, default="none"),
    }


def text(given: Given) -> Options:
    """Options of a text panel."""
    mode, content = given.text("mode", "markdown"), given.text("content")
    given.leave("code")
    return {"content": content[:100_000], "mode": {"code": "plain", "html": "html"}.get(mode, "markdown")}


def alerts(given: Given) -> Options:
    """Options of an alert list."""
    wanted = given.inner("stateFilter")
    names = {"firing": "Firing", "error": "Error", "pending": "Pending", "noData": "NoData", "normal": "Normal"}
    states = [ours for theirs, ours in names.items() if wanted.flag(theirs)]
    limit = given.number("maxItems")
    wanted.leave("inactive", "recovering")
    given.leave("groupBy", "groupMode", "viewMode", "showInstances", "dashboardAlerts", "groupIdentifier")
    return {
        **({"states": states} if states else {}),
        **({"limit": int(max(1, min(200, limit)))} if limit else {}),
        "search": given.text("alertName")[:200],
        "sort": given.choice("sortOrder", SORTS, default="state"),
    }


def marks(given: Given) -> Options:
    """Options of an annotation list."""
    tags, limit = given.take("tags", []), given.number("limit")
    given.leave(
        "showUser", "showTime", "showTags", "navigateToPanel", "navigateBefore", "navigateAfter", "onlyInTimeRange"
    )
    return {
        "tags": [str(one) for one in tags][:20] if isinstance(tags, list) else [],
        **({"limit": int(max(1, min(200, limit)))} if limit else {}),
    }
