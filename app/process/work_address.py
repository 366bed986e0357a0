"""Where the work role answers the view role of its node: a port on loopback, and a secret that both are given."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from ...scope import Role

SECRET_HEADER = "X-Heliograph-Work"  # noqa: S105 - a name
ASKER_HEADER = "X-Heliograph-Asker"  # in whose turn
APPLICATIONS = "/applications"  # where Panel is asked to be loaded
EXPLORE = "/explore"  # its application, in the work role and in a browser's address bar
EXPLORE_ROLE = Role.EDITOR  # the least that may have a session of it
PORT, SECRET = "HELIOGRAPH_ROLE_WORK_PORT", "HELIOGRAPH_ROLE_WORK_SECRET"


@dataclass(frozen=True, slots=True)
class WorkAddress:
    """What `serve` tells both roles by their environment."""

    port: int
    secret: str = field(repr=False)

    @property
    def url(self) -> str:
        """Of its server, without a path."""
        return f"http://127.0.0.1:{self.port}"

    def as_environment(self) -> dict[str, str]:
        """What `of_environment` reads in the child."""
        return {PORT: str(self.port), SECRET: self.secret}

    @classmethod
    def of_environment(cls, environ: Mapping[str, str]) -> WorkAddress | None:
        """None where `serve` started no role that draws."""
        return cls(int(environ[PORT]), environ[SECRET]) if environ.get(PORT) else None
