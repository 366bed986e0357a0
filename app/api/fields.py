"""Fields that several resources share."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field

RoleName = Literal["viewer", "editor", "admin"]
Uid = Annotated[str, Field(pattern=r"^[A-Za-z0-9_-]{1,64}$")]
