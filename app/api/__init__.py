"""The REST API: one module per resource, one table of routes."""

from .router import routes

__all__ = ["routes"]
