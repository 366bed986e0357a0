"""The base of all that people declare in JSON: dashboards, variables, targets, options, rules."""

from __future__ import annotations

from typing import Any, Final

from pydantic import BaseModel, ConfigDict

STORED: Final[dict[str, Any]] = {"stored": True}  # the context of validating what was saved before, perhaps long ago


class Spec(BaseModel):
    """Base of all declarations: unknown keys are faults, not silence."""

    model_config = ConfigDict(extra="forbid")
