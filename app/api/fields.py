"""Fields that several resources share."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import AfterValidator, Field

from ...named import a_name

RoleName = Literal["viewer", "editor", "admin"]
Named = AfterValidator(a_name)  # what is called so can be seen, and changes nothing of the text around it
Name = Annotated[str, Field(min_length=1, max_length=200), Named]
Uid = Annotated[str, Field(pattern=r"^[A-Za-z0-9_-]{1,64}$")]
