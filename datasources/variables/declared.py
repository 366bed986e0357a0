"""How a variable is declared in a dashboard."""

from __future__ import annotations

from typing import ClassVar, Literal

from pydantic import Field, ValidationInfo, field_validator

from ...declared import STORED, Groups, Spec, hint
from ...errors import InvalidError
from .adhoc import read
from .options import parse_regex

VariableType = Literal["query", "custom", "constant", "textbox", "interval", "datasource", "adhoc"]


class Variable(Spec):
    """A named value that targets interpolate: `$name`."""

    GROUPS: ClassVar[Groups] = {
        "General": (
            "name",
            "label",
            "type",
            "hide",
        ),
        "Values": (
            "datasource",
            "query",
            "regex",
            "sort",
        ),
        "Choice": (
            "multi",
            "include_all",
            "all_value",
            "current",
            "options",
        ),
    }

    name: str = Field(pattern=r"^[A-Za-z_][A-Za-z0-9_]{0,63}$", description="What queries call it: `$name`.")
    type: VariableType = Field(
        description="Where its values come from.",
        json_schema_extra=hint(names={"textbox": "Text box", "datasource": "Data source", "adhoc": "Ad hoc filters"}),
    )
    label: str = Field("", max_length=200, description="What stands before its control; empty: its name.")
    query: str = Field(
        "",
        max_length=100_000,
        description="What its values are asked with; of custom ones and intervals the values, between commas.",
        json_schema_extra=hint("query"),
    )
    datasource: str | None = Field(
        None,
        max_length=128,
        description="The data source that is asked; of ad hoc filters, the one whose queries they are added to.",
        json_schema_extra=hint("datasource", when={"type": ["query", "adhoc"]}),
    )
    regex: str = Field(
        "",
        max_length=1000,
        title="Pattern",
        description="Which values stay, and which part of each: `/…/`; groups `text` and `value` part the two.",
        json_schema_extra=hint(when={"type": ["query", "datasource"]}),
    )
    multi: bool = Field(
        False,
        title="Multi-value",
        description="Several values may be chosen at once.",
        json_schema_extra=hint(when={"type": ["query", "custom", "datasource"]}),
    )
    include_all: bool = Field(
        False,
        title="Include All",
        description="Offer an option All, which stands for every value.",
        json_schema_extra=hint(when={"type": ["query", "custom", "datasource"]}),
    )
    all_value: str | None = Field(
        None,
        title="Custom all value",
        description="What All becomes in queries; empty: all values.",
        json_schema_extra=hint(when={"type": ["query", "custom", "datasource"]}),
    )
    options: list[str] = Field(
        default_factory=list,
        max_length=10_000,
        title="Stored values",
        description="Values as they were when it was saved, for the time until they are asked anew.",
    )
    current: str | list[str] | None = Field(None, title="Value", description="The value that the dashboard opens with.")
    hide: Literal["", "label", "variable"] = Field(
        "",
        description="What of its control is hidden.",
        json_schema_extra=hint(names={"": "Nothing", "label": "Its label", "variable": "The whole control"}),
    )
    sort: int = Field(
        0,
        ge=0,
        le=8,
        description="The order of its values.",
        json_schema_extra=hint(
            names={
                "0": "As they come",
                "1": "By text",
                "2": "By text, descending",
                "3": "By number",
                "4": "By number, descending",
                "5": "By text, any case",
                "6": "By text, any case, descending",
                "7": "Naturally",
                "8": "Naturally, descending",
            }
        ),
    )

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

    @field_validator("current")
    @classmethod
    def conditions_are_some(cls, value: str | list[str] | None, info: ValidationInfo) -> str | list[str] | None:
        """Ad hoc filters that it opens with; of a dashboard that was saved those that are none are left out."""
        texts = [value] if isinstance(value, str) else value or []
        if info.data.get("type") == "adhoc" and info.context != STORED:
            for text in filter(None, texts):
                if read(text) is None:
                    raise ValueError(f"{text[:100]!r} is no filter: one is such as job|=|api")
        return value
