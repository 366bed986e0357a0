"""Where the alert role answers on loopback, as `serve` tells the view role: how it does, and its figures."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from tornado.httpclient import AsyncHTTPClient, HTTPClientError

PORT = "HELIOGRAPH_ROLE_ALERT_PORT"
PATIENCE_S = 1.0


@dataclass(frozen=True, slots=True)
class AlertRole:
    """The alert role of this node, as others see it."""

    port: int

    def as_environment(self) -> dict[str, str]:
        """What `of_environment` reads in the child."""
        return {PORT: str(self.port)}

    @classmethod
    def of_environment(cls, environ: Mapping[str, str]) -> AlertRole | None:
        """None where `serve` started no such role."""
        return cls(int(environ[PORT])) if environ.get(PORT) else None

    async def state(self) -> str:
        """`ready`, or `away` while it starts or does not answer."""
        return "ready" if await self._get("/readyz") is not None else "away"

    async def figures(self) -> bytes:
        """Its metrics in the text format of Prometheus; nothing while it is away."""
        return await self._get("/metrics") or b""

    async def _get(self, path: str) -> bytes | None:
        url = f"http://127.0.0.1:{self.port}{path}"
        try:
            return (await AsyncHTTPClient().fetch(url, request_timeout=PATIENCE_S, connect_timeout=PATIENCE_S)).body
        except (HTTPClientError, OSError):
            return None
