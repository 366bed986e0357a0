"""What bringing a dashboard of Grafana answers."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field

from .shapes import Shape


class CarriedPanels(Shape):
    """How many panels were carried over; rows are not counted."""

    whole: Annotated[int, Field(description="As they were.")]
    noted: Annotated[int, Field(description="With notes.")]
    left_out: Annotated[int, Field(description="Not at all: a text stands in their place.")]


class ImportNote(Shape):
    """What is not as it was."""

    panel_id: Annotated[int | None, Field(description="The panel's number here; null: it is of the dashboard.")]
    panel: Annotated[str, Field(description="The panel's title.")]
    field: Annotated[str, Field(description="Where it stood in Grafana's panel or dashboard.")]
    detail: str


class ImportedDashboard(Shape):
    """What became of a dashboard of Grafana."""

    dashboard_id: Annotated[str | None, Field(description="Null where nothing was saved and Grafana's has no uid.")]
    version: Annotated[int | None, Field(description="Null where nothing was saved.")]
    url: Annotated[str | None, Field(description="Where it is looked at; null where nothing was saved.")]
    title: str
    panels: CarriedPanels
    notes: list[ImportNote]
