"""What a panel asked to be drawn, and what came of it: for those who inspect it."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from ...datasources.query.model import Answer, Inspect, Query
from ...errors import HeliographError
from ..panel_spec import Target


@dataclass(frozen=True, slots=True)
class Asked:
    """One target of a panel: its query as it was written, how its answer came about, or the error in full."""

    ref: str
    source: str  # as the target names it; empty for the default
    written: str
    inspect: Inspect = field(default_factory=Inspect)
    step_s: float = 0.0
    warnings: tuple[str, ...] = ()
    partial: bool = False
    stale_age_s: float | None = None
    error: Mapping[str, Any] | None = None

    @classmethod
    def of(cls, target: Target, query: Query, found: Answer | BaseException) -> Asked:
        """What a target was asked, with its answer, or what was raised in its place."""
        text = written(target.query)
        if isinstance(found, HeliographError):
            error = {"code": found.code, "title": found.title, "detail": found.detail}
            return cls(query.ref, target.datasource or "", text, Inspect(query=query.text), error=error)
        if not isinstance(found, Answer):
            return cls(query.ref, target.datasource or "", text, Inspect(query=query.text))
        return cls(
            query.ref,
            target.datasource or "",
            text,
            found.inspect,
            step_s=found.step_s,
            warnings=found.warnings,
            partial=found.partial,
            stale_age_s=found.stale_age_s,
        )

    def as_json(self, now_s: float) -> dict[str, Any]:
        """As the page reads it; ages in seconds, times of stages in ms."""
        return {
            "ref": self.ref,
            "source": self.source,
            "written": self.written,
            "sent": self.inspect.query,
            "cache": self.inspect.cache,
            "age_s": round(max(now_s - self.inspect.made_s, 0.0), 1) if self.inspect.made_s else None,
            "stages_ms": {name: round(ms, 3) for name, ms in self.inspect.stages_ms.items()},
            "points_fetched": self.inspect.points_fetched,
            "points_returned": self.inspect.points_returned,
            "step_s": self.step_s,
            "warnings": list(self.warnings),
            "partial": self.partial,
            "stale_age_s": self.stale_age_s,
            "error": self.error,
        }


def written(query: str | Mapping[str, Any]) -> str:
    """A query as its dashboard has it: text as it is, a structure as JSON in lines."""
    return query if isinstance(query, str) else json.dumps(query, ensure_ascii=False, indent=2)
