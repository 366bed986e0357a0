"""How a variable is declared in a dashboard."""

from __future__ import annotations

from typing import Literal

from pydantic import Field, ValidationInfo, field_validator

from ...declared import STORED, Spec
from ...errors import InvalidError
from .options import parse_regex

VariableType = Literal["query", "custom", "constant", "textbox", "interval", "datasource"]


class Variable(Spec):
    """A named value that targets interpolate: `$name`."""

    name: str = Field(pattern=r"^[A-Za-z_][A-Za-z0-9_]{0,63}$")
    type: VariableType
    label: str = Field("", max_length=200)
    query: str = Field("", max_length=100_000)
    datasource: str | None = Field(None, max_length=128)
    regex: str = Field("", max_length=1000)
    multi: bool = False
    include_all: bool = False
    all_value: str | None = None
    options: list[str] = Field(default_factory=list, max_length=10_000)
    current: str | list[str] | None = None
    hide: Literal["", "label", "variable"] = ""
    sort: int = Field(0, ge=0, le=8)

    @field_validator("regex")
    @classmethod
    def can_be_run(cls, value: str, info: ValidationInfo) -> str:
        """A dashboard that was saved with one that cannot be run opens all the same: its variable says why."""
        if value and info.context != STORED:
            try:
                parse_regex(value)
            except InvalidError as error:
                raise ValueError(error.detail) from None
        return value
