from typing import Any

from ..services import Services


def routes(services: Services) -> list[Any]:
    return []
