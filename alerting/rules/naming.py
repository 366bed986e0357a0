"""What rules and their groups may be called: what all things may, but for what was saved before."""

from __future__ import annotations

from typing import Annotated

from pydantic import AfterValidator, ValidationInfo

from ...declared import STORED
from ...named import a_name


def _name(text: str, info: ValidationInfo) -> str:
    return text if info.context == STORED else a_name(text)


Called = Annotated[str, AfterValidator(_name)]
