"""How documents are checked: durations in them, and errors that are faults of a field."""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Annotated

from pydantic import AfterValidator

from ..errors import InvalidError

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
