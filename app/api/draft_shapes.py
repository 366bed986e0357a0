"""What the routes of drafts take and answer."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field

from ...components.editing.patch import MAX_OPERATIONS
from .shapes import Ms, SavedDashboard, Shape, Version

Revision = Annotated[int, Field(ge=1, lt=2**31)]


class NewDraft(BaseModel):
    """A draft of a dashboard that is not there yet: `folder` is the uid of where it will lie, null the root."""

    model_config = ConfigDict(extra="forbid")

    folder: Annotated[str, Field(min_length=1, max_length=64)] | None = None


class DraftPatch(BaseModel):
    """A JSON Patch (RFC 6902) of the document as it was in that revision."""

    model_config = ConfigDict(extra="forbid")

    revision: Revision
    patch: Annotated[list[dict[str, Any]], Field(max_length=MAX_OPERATIONS)]


class DraftSave(BaseModel):
    """`choices`: which of two stands for each part that both changed, when `against` is the version that stands.

    `as_new` makes another dashboard of the draft. `folder` is the uid of where a new one lies, null the root; where it
    is not named, it lies where the draft was begun.
    """

    model_config = ConfigDict(extra="forbid")

    message: Annotated[str, Field(max_length=500)] = ""
    choices: Annotated[dict[str, Literal["mine", "theirs", "both"]], Field(max_length=2000)] = Field(
        default_factory=dict
    )
    against: Revision | None = None
    as_new: bool = False
    folder: Annotated[str, Field(min_length=1, max_length=64)] | None = None


class DraftState(Shape):
    """What changes with each step."""

    revision: int
    can_undo: bool
    can_redo: bool
    changed: Annotated[bool, Field(description="Whether a step is done that was not taken back.")]


class DraftSummary(DraftState):
    """A draft without its document."""

    draft_id: str
    dashboard_id: Annotated[str | None, Field(description="null: of a dashboard that is not there yet")]
    title: str
    folder: str | None
    base_version: Annotated[int, Field(description="The version that the draft began with; 0 for a new one.")]
    updated_at: Ms
    url: Annotated[str, Field(description="Where to go on with it.")]


class DraftShape(DraftSummary):
    """A draft with its document."""

    document: dict[str, Any]


class DraftChange(DraftState):
    """What a change comes to for who shows the draft."""

    changed_panels: Annotated[list[int], Field(description="Those that are drawn anew.")]
    opens_anew: Annotated[bool, Field(description="Whether the view of the draft is to be opened again.")]


class DraftUndone(DraftChange):
    """A step back or forth, with the document that it leads to."""

    document: dict[str, Any]


class DraftSaved(SavedDashboard):
    """The dashboard that the draft became, or went into."""

    new_version: Annotated[bool, Field(description="false: the draft said nothing new, and no version was made.")]
    joined_with: Annotated[Version | None, Field(description="The version of others that it was joined with.")]
