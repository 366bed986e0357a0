"""What of a dashboard is searched: title, id, description, tags, what its panels are called and say, whom they ask.

Kept in a table beside the documents, so that a search reads some hundred bytes of each and no document.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import ColumnElement, and_, delete, insert, or_, select
from sqlalchemy.ext.asyncio import AsyncConnection

from .database import batches
from .tables import dashboard_texts

MAX_TEXT = 2_000  # characters of one text
MAX_WORDS = 50_000  # characters of all texts of a dashboard
MAX_TERMS = 10
MAX_TITLE = 200  # characters of a panel's title, as a list shows it
PANEL_TEXTS = ("content", "text", "markdown", "html")  # options of panels that are texts for people


@dataclass(frozen=True, slots=True)
class PanelTexts:
    """A panel as a search knows it: how it is called, and its texts in lower case, a line each."""

    panel_id: int
    title: str
    words: str


def words_of(dashboard_id: str, config: Mapping[str, Any]) -> str:
    """All that is searched as words, in lower case, a line for each text."""
    texts = [dashboard_id, config.get("title"), config.get("description"), *_list(config.get("tags"))]
    return "\n".join(_lines([*texts, *(text for panel in _panels(config) for text in _said(panel))]))[
        :MAX_WORDS
    ].lower()


def panel_texts(config: Mapping[str, Any]) -> tuple[PanelTexts, ...]:
    """What panels say of what `words_of` gives, those that say something; MAX_WORDS together."""
    found: list[PanelTexts] = []
    left = MAX_WORDS
    for panel in _panels(config):
        words = "\n".join(_lines(_said(panel)))[:left].lower()
        left -= len(words)
        panel_id, title = panel.get("panel_id"), panel.get("title")
        if words and isinstance(panel_id, int):
            found.append(PanelTexts(panel_id, title[:MAX_TITLE] if isinstance(title, str) else "", words))
    return tuple(found)


def panel_hit(query: str, dashboard: Iterable[str], panels: Sequence[PanelTexts]) -> PanelTexts | None:
    """The panel that holds most of the words which the dashboard's own texts lack; None where they lack none of them,
    or no panel holds one."""
    own = "\n".join(dashboard).lower()
    missing = [word for word in terms(query) if word not in own]
    held = [sum(word in panel.words for word in missing) for panel in panels]
    return panels[held.index(max(held))] if any(held) else None


def terms(query: str) -> list[str]:
    """The words of a search, in lower case."""
    return query.lower().split()[:MAX_TERMS]


def sources_of(config: Mapping[str, Any]) -> str:
    """The names of the data sources that panels, variables and annotations ask, each as a line; empty: the default."""
    found: set[str] = set()
    for panel in _panels(config):
        own = str(panel.get("datasource") or "")
        found |= {str(target.get("datasource") or own) for target in _mappings(panel.get("targets"))}
        if panel.get("query") is not None:
            found.add(own)
    for one in _mappings(config.get("variables")):
        if one.get("query") and one.get("type", "query") == "query":
            found.add(str(one.get("datasource") or ""))
    found |= {str(one.get("datasource") or "") for one in _mappings(config.get("annotations")) if one.get("query")}
    return "".join(_line(name) for name in sorted(found))[:MAX_WORDS]


async def keep(
    connection: AsyncConnection, saved: Iterable[tuple[str, str, Mapping[str, Any]]], *, anew: bool = False
) -> None:
    """Write what is searched of dashboards, each as its inner id, its id and its document, in their transaction.

    `anew`: there may be something of them already.
    """
    rows = [
        {"dashboard": internal, "words": words_of(dashboard_id, config), "sources": sources_of(config)}
        for internal, dashboard_id, config in saved
    ]
    for batch in batches(row["dashboard"] for row in rows if anew):
        await connection.execute(delete(dashboard_texts).where(dashboard_texts.c.dashboard.in_(batch)))
    if rows:
        await connection.execute(insert(dashboard_texts), rows)


def matching(column: ColumnElement[str], query: str, sources: Collection[str] = ()) -> list[ColumnElement[bool]]:
    """Conditions on `column`, the inner id: each word stands somewhere in its texts, and one of the sources is asked.

    `sources`: all that a data source is called by; empty for any source.
    """
    conditions: list[ColumnElement[bool]] = [
        dashboard_texts.c.words.contains(word, autoescape=True) for word in terms(query)
    ]
    if sources:
        conditions.append(or_(*(dashboard_texts.c.sources.contains(_line(name), autoescape=True) for name in sources)))
    if not conditions:
        return []
    return [column.in_(select(dashboard_texts.c.dashboard).where(and_(*conditions)))]


def _said(panel: Mapping[str, Any]) -> list[Any]:
    """What a panel is called and says."""
    options = panel.get("options")
    said = [options.get(name) for name in PANEL_TEXTS] if isinstance(options, Mapping) else []
    return [panel.get("title"), panel.get("description"), *said]


def _lines(texts: Iterable[Any]) -> list[str]:
    return [" ".join(text[:MAX_TEXT].split()) for text in texts if isinstance(text, str) and text]


def _line(name: str) -> str:
    """A name that no other one holds a part of."""
    return f"\n{name.lower()}\r"


def _panels(config: Mapping[str, Any]) -> Iterator[Mapping[str, Any]]:
    yield from _mappings(config.get("panels"))


def _mappings(value: Any) -> list[Mapping[str, Any]]:
    return [one for one in _list(value) if isinstance(one, Mapping)]


def _list(value: Any) -> list[Any]:
    return value if isinstance(value, list) else []
