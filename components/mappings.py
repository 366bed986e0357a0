"""Value mappings: a value, a range, a pattern or a special value shown as another text, colour or icon."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any, ClassVar, Literal

from pydantic import Field, model_validator

from ..datasources.scripttext import leading_number, script_text
from ..declared import Groups, Spec
from ..patterns import Regex, parse
from .colors import Color, Level

Special = Literal["null", "nan", "null+nan", "true", "false", "empty"]
MAX_WRITTEN_INTO = 2000  # characters of a text that a mapping's text takes in, perhaps many times
KINDS = ("value", "regex", "special")


class Mapping(Spec, frozen=True, populate_by_name=True):
    """Which values, by exactly one of `value`, `from`/`to`, `regex` and `special`; and what they are shown as."""

    ONE_OF: ClassVar[Groups] = {
        "Value": ("value",),
        "Range": ("from", "to"),
        "Pattern": ("regex",),
        "Special": ("special",),
    }

    value: str | float | bool | None = Field(None, description="The value itself, number or text.")
    start: float | None = Field(None, alias="from", description="The least value of a range; null: no bound.")
    to: float | None = Field(None, description="The largest value of a range; null: no bound.")
    regex: Regex | None = Field(None, description="`/…/` or a text that matches whole; `$1` in the text is its group.")
    special: Special | None = Field(None, description="null, nan, null+nan, true, false or empty.")
    text: str | None = Field(None, max_length=1000, description="What is shown; empty: the value as it is.")
    color: Color = Field("", description="Its colour.")
    level: Level | None = Field(None, description="Its level: ok, warn, bad, info.")
    icon: str = Field("", max_length=40, pattern=r"^[a-z0-9-]*$", description="Name of an icon before the text.")

    @model_validator(mode="after")
    def one_kind(self) -> Mapping:
        kinds = [kind for kind in KINDS if kind in self.model_fields_set]
        kinds += ["from/to"] if self.model_fields_set & {"start", "to"} else []
        if len(kinds) != 1:
            raise ValueError("a mapping has exactly one of value, from and to, regex, special")
        return self

    @property
    def matches_value(self) -> bool:
        """Whether it is one of a value, null included."""
        return "value" in self.model_fields_set


def find(value: Any, mappings: Sequence[Mapping]) -> Mapping | None:
    """The first mapping of a value."""
    return next((one for one in mappings if _fits(value, one)), None)


def text_of(value: Any, mapping: Mapping) -> str | None:
    """What the mapping shows for a value that fits, None where it leaves the text."""
    if mapping.regex is not None and mapping.text is not None:
        return parse(mapping.regex).replace(value, mapping.text) if len(value) <= MAX_WRITTEN_INTO else None
    return mapping.text


def _fits(value: Any, mapping: Mapping) -> bool:
    if mapping.special is not None:
        return _is_special(value, mapping.special)
    if mapping.regex is not None:
        return isinstance(value, str) and parse(mapping.regex).matches([value])[0]
    if mapping.matches_value:
        return value is not None and script_text(value) == script_text(mapping.value)
    return _within(value, mapping)


def _within(value: Any, mapping: Mapping) -> bool:
    if value is None:
        return False
    number = leading_number(value)
    if math.isnan(number):
        return False
    low = -math.inf if mapping.start is None else mapping.start
    return low <= number <= (math.inf if mapping.to is None else mapping.to)


def _is_special(value: Any, special: Special) -> bool:
    if special in ("null", "null+nan") and value is None:
        return True
    if special in ("nan", "null+nan") and isinstance(value, float) and math.isnan(value):
        return True
    if special in ("true", "false"):
        return value is (special == "true") or value == special
    return special == "empty" and value == ""
