"""What a transformation is: an id, options that pydantic declares, and a pure function of tables."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from pydantic import ConfigDict

from ...declared import Spec
from .table import Table, Tables

Run = Callable[[Tables, Any], Sequence[Table]]


class NoOptions(Spec):
    """Nothing to choose: what stands there is left of a transformation that was another, and means nothing."""

    model_config = ConfigDict(extra="ignore")


@dataclass(frozen=True, slots=True)
class Transformation:
    """`run` takes tables and options that `Options` checked; `help` says what it does; `aliases` are former ids."""

    id: str
    title: str
    help: str
    Options: type[Spec]
    run: Run
    aliases: tuple[str, ...] = ()
