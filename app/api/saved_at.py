"""At which version a document was read that is saved again: in the body, or by If-Match."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Any

from pydantic import Field

from ...errors import InvalidError
from ..http.parsing import whole_number
from .routing import Request

Version = Annotated[int, Field(ge=0, lt=2**31)]


def version_of(request: Request, version: int | None) -> int:
    """The version; InvalidError where neither says one."""
    if version is not None:
        return version
    told = request.headers.get("If-Match", "").removeprefix("W/").strip('" ')
    found = whole_number(told) if told else None
    if found is None:
        raise InvalidError("say which version you read: version in the body, or If-Match", path="$.version")
    return found


def etag(version: int) -> Mapping[str, Any]:
    """The header that tells the version."""
    return {"ETag": f'"{version}"'}
