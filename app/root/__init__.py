"""Heliograph: real-time dashboards and metrics. Layout once per version, data once per view, nothing per viewer."""

from importlib.metadata import version

__version__ = version("heliograph")
__all__ = ["__version__"]
