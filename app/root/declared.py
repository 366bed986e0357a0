"""The base of all that people declare in JSON: dashboards, variables, targets, options, rules."""

from __future__ import annotations

from pydantic import BaseModel, ConfigDict


class Spec(BaseModel):
    """Base of all declarations: unknown keys are faults, not silence."""

    model_config = ConfigDict(extra="forbid")
