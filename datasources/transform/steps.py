"""The transformations that a panel declares, and what is left of its frames after them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from pydantic import Field, ValidationError, ValidationInfo, field_validator

from ...declared import Spec
from ...errors import HeliographError, InvalidError
from ..frame import Frame
from .bounds import Allowance
from .frames import frames_of, tables_of
from .matchers import readable
from .registry import TRANSFORMATIONS
from .table import Table, Tables


class FrameFilter(Spec):
    """The frames that a transformation takes, by the ref of their target; the others pass it by."""

    id: str = Field("byRefId", pattern="^byRefId$", description="How targets are named.")
    options: str = Field(
        "",
        max_length=500,
        title="Targets",
        description="A ref, several as `A|B`, or a pattern between slashes; empty: all.",
    )


class Step(Spec):
    """One transformation of a panel, as Grafana has them."""

    id: str = Field(max_length=64, title="Transformation", description="Which transformation.")
    disabled: bool | None = Field(None, description="Leave it out for now.")
    filter: FrameFilter | None = Field(
        None, title="Only of", description="The targets whose answers it takes; the others pass it by."
    )
    topic: str | None = Field(None, max_length=64, description="Kept as Grafana wrote it: series or annotations.")
    options: dict[str, Any] = Field(default_factory=dict, validate_default=True, description="Its options.")

    @field_validator("id")
    @classmethod
    def known(cls, value: str) -> str:
        if value not in TRANSFORMATIONS.names:
            raise ValueError(f"there is no transformation {value!r}: {', '.join(TRANSFORMATIONS.names)}")
        return value

    @field_validator("options")
    @classmethod
    def fitting(cls, value: dict[str, Any], info: ValidationInfo) -> dict[str, Any]:
        """Faults of options are those of the transformation's, with their paths."""
        if "id" in info.data:
            TRANSFORMATIONS.get(info.data["id"]).Options.model_validate(value)
        return value


def transformed(frames: Sequence[Frame], steps: Sequence[Step], allowance: Allowance | None = None) -> list[Frame]:
    """What is left of frames after the steps that are not disabled. InvalidError names the one that cannot, or makes
    more than there is `allowance` for; OutgrownError where that is little."""
    wanted = [(number, step) for number, step in enumerate(steps, start=1) if not step.disabled]
    if not wanted:
        return list(frames)
    tables: Tables = tables_of(frames)
    allowance = allowance or Allowance()
    for number, step in wanted:
        tables = _stepped(tables, step, number, allowance)
    return frames_of(tables)


def _stepped(tables: Tables, step: Step, number: int, allowance: Allowance) -> Sequence[Table]:
    one = TRANSFORMATIONS.get(step.id)
    mine, others = _split(tables, step.filter)
    try:
        made = [*one.run(mine, one.Options.model_validate(step.options)), *others]
        allowance.check(made)
        return made
    except HeliographError as error:
        raise error.of(f"transformation {number}, {step.id}") from error
    except ValidationError as error:
        raise InvalidError(f"transformation {number}, {step.id}: {_said(error.errors()[0])}") from error
    except (ValueError, OverflowError) as error:
        raise InvalidError(f"transformation {number}, {step.id}: {str(error)[:500]}") from error


def _split(tables: Tables, chosen: FrameFilter | None) -> tuple[Tables, Tables]:
    if chosen is None or not chosen.options:
        return tables, ()
    if chosen.options.startswith("/"):
        pattern = readable(chosen.options)
        fits = [pattern is not None and pattern.matches([table.ref])[0] for table in tables]
    else:
        fits = [table.ref in chosen.options.split("|") for table in tables]
    return (
        [table for table, one in zip(tables, fits, strict=True) if one],
        [table for table, one in zip(tables, fits, strict=True) if not one],
    )


def _said(fault: Mapping[str, Any]) -> str:
    return f"{'.'.join(map(str, fault['loc']))}: {fault['msg']}"
