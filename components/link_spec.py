"""A link that a panel or a value of it leads to."""

from __future__ import annotations

from pydantic import Field

from ..declared import Spec


class Link(Spec, frozen=True):
    """A data link. In `url` and `title` stand `${__field.name}`, `${__value.raw}`, dashboard variables."""

    title: str = Field("", max_length=200, description="What the link is called.")
    url: str = Field(max_length=2000, description="Where it leads: http, https, mailto, or within this site.")
    new_tab: bool = Field(False, description="Open it in a new tab.")
