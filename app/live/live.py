"""Live views as handlers get them."""

from __future__ import annotations

from dataclasses import dataclass

from ...storage.config.annotations import Annotations
from .density import Densities
from .hub import Hub
from .ranged import RangeAnswers


@dataclass(frozen=True, slots=True)
class Live:
    """The views of this process (`hub`), and what viewers fetch of them beside snapshots and ticks."""

    hub: Hub
    ranged: RangeAnswers
    densities: Densities
    annotations: Annotations
