"""Field options: what values of a panel look like, declared once for all types that show data; and their overrides."""

from __future__ import annotations

from collections.abc import Mapping as MappingOf
from typing import Any, ClassVar, Final, Literal, Self

from pydantic import Field, ValidationError, model_validator
from pydantic_core import InitErrorDetails, PydanticCustomError

from ..declared import Groups, Spec, hint
from ..faults import said
from ..patterns import Regex
from .colors import Color
from .link_spec import Link
from .mappings import Mapping
from .palettes import Mode
from .panels.base import PanelOptions
from .thresholds import Threshold

NO_VALUE: Final = "–"
MAX_OVERRIDES = 100


class ColorOption(Spec, frozen=True):
    """Where the colour of a field or value comes from."""

    mode: Mode = Field("palette", description="How it is chosen.")
    value: Color = Field(
        "",
        description="The colour itself where the mode is fixed or shades.",
        json_schema_extra=hint("color", when={"mode": ["fixed", "shades"]}),
    )
    by: Literal["last", "min", "max"] = Field("last", description="Which value colours a whole series.")


class Match(Spec, frozen=True):
    """Which fields: by exactly one of these."""

    ONE_OF: ClassVar[Groups] = {"Name": ("name",), "Pattern": ("regex",), "Type": ("type",), "Query": ("target",)}

    name: str | None = Field(None, max_length=500, description="The name of the field or what is shown for it.")
    regex: Regex | None = Field(None, description="A pattern in its name: `/…/`, or a text that matches whole.")
    type: Literal["number", "string", "boolean", "time"] | None = Field(None, description="Its type.")
    target: str | None = Field(None, max_length=16, description="The ref of the target that it comes from.")

    @model_validator(mode="after")
    def one_way(self) -> Self:
        if len([one for one in (self.name, self.regex, self.type, self.target) if one is not None]) != 1:
            raise ValueError("a match has exactly one of name, regex, type, target")
        return self


class Override(Spec, frozen=True):
    """Field options for some fields alone. Later overrides win."""

    match: Match = Field(description="Which fields it is for.")
    set: dict[str, Any] = Field(description="Field options by name.")


class FieldOptions(PanelOptions):
    """Base of the options of each type that shows data."""

    GROUPS: ClassVar[Groups] = {
        "Values": (
            "unit",
            "decimals",
            "min",
            "max",
            "display_name",
            "no_value",
            "color",
        ),
        "Thresholds": (
            "thresholds",
            "thresholds_mode",
        ),
        "Value mappings": ("mappings",),
        "Data links": ("links",),
        "Overrides": ("overrides",),
    }

    # Options of a type's own which overrides may set too, beside those of every field.
    PER_FIELD: ClassVar[frozenset[str]] = frozenset()

    unit: str = Field(
        "none",
        max_length=64,
        description="Unit of values, by Grafana's id: `percent`, `bytes`, `s`.",
        json_schema_extra=hint("unit"),
    )
    decimals: int | None = Field(None, ge=0, le=10, description="Digits after the point; empty: as many as it takes.")
    display_name: str = Field("", max_length=500, description="What a field is called; `${__field.labels.x}` too.")
    min: float | None = Field(None, description="Least value of axes, gauges, percentages; empty: from the data.")
    max: float | None = Field(None, description="Largest value; empty: from the data.")
    color: ColorOption | None = Field(None, description="Where colours come from; empty: as the type does it.")
    thresholds: tuple[Threshold, ...] = Field(
        (), max_length=20, description="From which value on it is how bad.", json_schema_extra=hint("thresholds")
    )
    thresholds_mode: Literal["absolute", "percentage"] = Field(
        "absolute", description="What the values of thresholds are: percentages lie between min and max."
    )
    mappings: tuple[Mapping, ...] = Field((), max_length=200, description="Values shown as other texts and colours.")
    no_value: str = Field(NO_VALUE, max_length=100, description="What stands where there is no value.")
    links: tuple[Link, ...] = Field((), max_length=20, description="Links of each value.")
    overrides: tuple[Override, ...] = Field(
        (),
        max_length=MAX_OVERRIDES,
        description="Field options for some fields alone, by name, regex, type or target.",
        json_schema_extra=hint("overrides"),
    )

    @model_validator(mode="after")
    def overrides_are_field_options(self) -> Self:
        faults = [fault for index in range(len(self.overrides)) for fault in self._faults(index)]
        if faults:
            raise ValidationError.from_exception_data(type(self).__name__, faults)
        return self

    def _faults(self, index: int) -> list[InitErrorDetails]:
        place = ("overrides", index, "set")
        allowed = FIELD_NAMES | type(self).PER_FIELD
        settings = self.overrides[index].set
        faults = [
            _fault("no option of a field", (*place, name), settings[name]) for name in settings if name not in allowed
        ]
        try:
            self.parsed(settings)
        except ValidationError as error:
            faults += [_fault(said(one), (*place, *one["loc"]), one["input"]) for one in error.errors()]
        return faults

    @classmethod
    def parsed(cls, settings: MappingOf[str, Any]) -> MappingOf[str, Any]:
        """The settings of an override as values of the options' types."""
        checked = cls.model_validate({name: value for name, value in settings.items() if name != "overrides"})
        return {name: getattr(checked, name) for name in checked.model_fields_set}


FIELD_NAMES: Final = frozenset(FieldOptions.model_fields) - {"overrides"}


def _fault(message: str, place: tuple[str | int, ...], value: Any) -> InitErrorDetails:
    text = message.replace("{", "{{").replace("}", "}}")
    return InitErrorDetails(type=PydanticCustomError("field_option", text), loc=place, input=value)
