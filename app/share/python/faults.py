"""Faults of declarations as people in Python get them: what is wrong, by its path."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any, TypeVar

from pydantic import BaseModel, ValidationError

from ....errors import InvalidError
from ....faults import invalid

M = TypeVar("M", bound=BaseModel)


def declared(model: type[M], values: Mapping[str, Any], what: str) -> M:
    """The values as the model; InvalidError that says what they are of, with the path of each fault."""
    with of(what):
        try:
            return model.model_validate(dict(values))
        except ValidationError as error:
            raise invalid(error) from None


@contextmanager
def of(what: str) -> Iterator[None]:
    """Faults in there are of that."""
    try:
        yield
    except InvalidError as error:
        raise InvalidError(f"{what}: {error.detail}", path=error.path, **error.extra) from None
