"""Panel's applications as Bokeh serves them. Importing this module loads Panel."""

from __future__ import annotations

import logging

import panel as pn
from bokeh.server.tornado import BokehTornado
from panel.io.server import build_applications

from ..process.work_address import EXPLORE
from .api import Api
from .applications import LOOK_EVERY_MS, UNUSED_LIFE_MS
from .explore import Explorers


def make_server(api: Api, secret: str) -> BokehTornado:
    """Sessions for tokens that are signed with the secret, and for no others."""
    logging.getLogger("bokeh").setLevel(logging.WARNING)  # it tells of each socket
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
