"""Panel's applications as Bokeh serves them. Importing this module loads Panel."""

from __future__ import annotations

import logging
import time

import panel as pn
from bokeh.server.tornado import BokehTornado
from panel.io.server import build_applications

from ..auth.bucket import Bucket
from ..process.work_address import EXPLORE
from .api import Api
from .applications import LOOK_EVERY_MS, UNUSED_LIFE_MS
from .explore import Explorers

PER_S, MOST_CHARS = 1.0, 1000


class Few(logging.Filter):
    """Lets few records through, each in short: they hold messages of pages, which say what they like, as often as they
    like."""

    def __init__(self) -> None:
        super().__init__()
        self._room = Bucket(PER_S, time.monotonic)

    def filter(self, record: logging.LogRecord) -> bool:
        if not self._room.take():
            return False
        record.msg, record.args = record.getMessage()[:MOST_CHARS], ()
        return True


def make_server(api: Api, secret: str) -> BokehTornado:
    """Sessions for tokens that are signed with the secret, and for no others."""
    logging.getLogger("bokeh").setLevel(logging.WARNING)  # it tells of each socket
    logging.getLogger("bokeh.server.protocol_handler").addFilter(Few())
    pn.extension("tabulator")
    applications = build_applications({EXPLORE: Explorers(api).open}, title="Explore", location=False)
    return BokehTornado(
        applications,
        secret_key=secret.encode(),
        sign_sessions=True,
        generate_session_ids=False,
        use_index=False,
        unused_session_lifetime_milliseconds=UNUSED_LIFE_MS,
        check_unused_sessions_milliseconds=LOOK_EVERY_MS,
        stats_log_frequency_milliseconds=3600_000,
    )
