"""Live views as handlers get them."""

from __future__ import annotations

from dataclasses import dataclass

from ...storage.config.annotations import Annotations
from ...turns import FairTurns
from ..http.encoded import EncodedAnswers
from .density import Densities
from .hub import Hub
from .room.rooms import Rooms
from .sparks import Sparks
from .sql_client import SqlClient


@dataclass(frozen=True, slots=True)
class Live:
    """The views of this process (`hub`), and what viewers fetch of them beside snapshots and ticks.

    `ranged`: what was made for ranges of viewers' own: columns, pictures of density, annotations. `sql`: the way to the
    work role, where SQL over answers is run. `rooms`: who watches together. `files`: turns to write a view down whole,
    which takes much memory and a thread. `sparks`: small lines of dashboards for lists of them.
    """

    hub: Hub
    ranged: EncodedAnswers
    densities: Densities
    annotations: Annotations
    sql: SqlClient
    rooms: Rooms
    files: FairTurns
    sparks: Sparks
