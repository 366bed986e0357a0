"""The places of files that the settings name."""

from __future__ import annotations

from collections.abc import Sequence

from ..settings import Settings
from .finding import Place


def places_of(settings: Settings) -> Sequence[Place]:
    """In the order of the settings."""
    return [Place(one.path, one.folder, one.title, one.datasource) for one in settings.provisioning]
