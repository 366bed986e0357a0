"""How documents are checked: durations in them, and their faults with the paths of all."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Annotated

from pydantic import AfterValidator, ValidationError

from ..errors import InvalidError
from ..faults import said
from ..jsonpath import cut, json_path

MAX_FAULTS = 20  # that are named of one document
MAX_DETAIL = 500  # characters of a fault
DURATION = re.compile(r"^\d+(ms|s|m|h|d|w)$")
VARIABLE = re.compile(r"^>?(\$\w+|\$\{\w+\}|\[\[\w+\]\])$", re.ASCII)


@contextmanager
def as_fault() -> Iterator[None]:
    """An InvalidError in there is a fault of the field that is validated."""
    try:
        yield
    except InvalidError as error:
        raise ValueError(error.detail) from None


def check_duration(value: str | None) -> str | None:
    """The text as it is; ValueError unless it is a duration, or empty."""
    if value and not DURATION.match(value):
        raise ValueError("a duration such as 15s, 1m or 1h")
    return value


def check_least_step(value: str | None) -> str | None:
    """A duration, a variable that has one, or `auto`; as Grafana writes it, perhaps behind `>`."""
    if value and value != "auto" and VARIABLE.match(value) is None:
        check_duration(value.removeprefix(">"))
    return value


LeastStep = Annotated[str | None, AfterValidator(check_least_step)]


def invalid(error: ValidationError, prefix: Sequence[int | str] = ()) -> InvalidError:
    """Pydantic's faults as one InvalidError: the first in `path` and `detail`, some in `extra["faults"]`."""
    faults = [
        {
            "path": json_path([*prefix, *fault["loc"]]),
            "detail": cut(said(fault), MAX_DETAIL),
        }
        for fault in error.errors(include_url=False, include_input=False)[:MAX_FAULTS]
    ]
    first = faults[0]
    return InvalidError(f"{first['path']}: {first['detail']}", path=first["path"], faults=faults)
