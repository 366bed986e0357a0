"""Where the head of a panel leads: its links with the values of its dashboard's variables."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from ..datasources.variables.interpolation import Variables
from .filling import ZONE, fill_link
from .link_spec import Link
from .links import safe_url


def links_of_panel(links: Sequence[Link], variables: Variables) -> list[dict[str, Any]]:
    """`{"href", "title", "tab"}` of each as its page draws it; one whose address would not be safe is left out."""
    own = {name: values for name, values in variables.items() if name != ZONE}  # of each page its own
    made = []
    for link in links:
        filled = fill_link({"url": link.url, "title": link.title}, own)
        if url := safe_url(filled["url"]):
            made.append({"href": url, "title": filled["title"] or url, "tab": link.new_tab})
    return made
