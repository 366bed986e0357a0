"""What the API answers of reports."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field

from .shapes import Ms, Principal, Shape
from .telling_shapes import SavedVersion


class ReportResultShape(Shape):
    """How a report went."""

    at: Ms
    sent: bool
    message: Annotated[str, Field(description="What the mail server said, or why nothing was sent.")]


class ReportShape(Shape):
    """A report by mail, and how it went last."""

    report_id: int
    name: str
    schedule: Annotated[str, Field(description="Minute, hour, day, month, weekday, as cron has them.")]
    zone: Annotated[str, Field(description="In which the schedule's hours are.")]
    contact_point: str
    values: dict[str, list[str]]
    from_: Annotated[str, Field(alias="from")]
    to: str
    tz: str
    created_by: Annotated[Principal, Field(description="Whose rights it has: who made it, or changed it last.")]
    created_by_name: Annotated[str, Field(description="The person's name, where the asker may know it.")]
    created_at: Ms
    paused: bool
    version: SavedVersion
    due_at: Annotated[Ms | None, Field(description="Null while it is paused.")]
    last: Annotated[ReportResultShape | None, Field(description="How it went last; null: it was never due.")]
