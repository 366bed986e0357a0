"""What asking a panel came to: its state, what is drawn, and why there is nothing."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Literal

import numpy as np

from ...datasources.frame import Frame
from ...datasources.query.model import Answer, Query
from ...datasources.timerange import TimeRange
from ...errors import HeliographError, SourceMissingError
from ..compile import Layout
from ..panels.base import Drawn
from .asked import Asked

State = Literal["loading", "ready", "empty", "error", "stale", "timeout"]
RETRY_S = 10.0


@dataclass(frozen=True, slots=True)
class Outcome:
    """What one refresh of a panel came to. `layout` and `drawn` stand where there is something to draw."""

    state: State
    layout: Layout | None = None
    drawn: Drawn | None = None
    frames: Sequence[Frame] = ()  # what it was drawn of, where pages of it may be asked for
    notice: str | None = None
    age_s: float | None = None
    code: str = ""
    title: str = ""
    message: str = ""
    retry_in_s: float | None = None
    lacks_source: bool = False  # there is no data source to ask
    seen: Sequence[Asked] = ()  # how it came about, of each target that is shown
    range: TimeRange | None = None  # that was asked for, where there is something to draw
    frames_bytes: int = 0  # what `frames` take in memory
    part_ms: int = 0  # the step at which parts of its range may be cut out of it (`cutting.py`); 0: they are asked for

    @property
    def nbytes(self) -> int:
        """What its columns and frames take, in bytes; texts of columns by a rule of thumb."""
        if self.drawn is None:
            return self.frames_bytes
        columns = [column for source in self.drawn.sources.values() for column in source.values()]
        arrays = sum(column.nbytes if isinstance(column, np.ndarray) else 60 * len(column) for column in columns)
        return arrays + 200 * len(self.drawn.texts) + self.frames_bytes

    def head(self) -> dict[str, Any]:
        """What a page is told beside the data."""
        if self.state in ("error", "timeout"):
            return {
                "state": self.state,
                "code": self.code,
                "title": self.title,
                "message": self.message,
                "retry_in_s": self.retry_in_s,
                **({"lacks_source": True} if self.lacks_source else {}),
            }
        return {"state": self.state, "notice": self.notice, "age_s": self.age_s}


def sorted_out(
    pairs: Sequence[tuple[Query, Answer | BaseException]], *, several: bool
) -> tuple[list[Answer], HeliographError | None]:
    """The answers, and the first error of any, which names its target where there are `several`."""
    fault: HeliographError | None = None
    answers: list[Answer] = []
    for query, one in pairs:
        if isinstance(one, Answer):
            answers.append(one)
        elif isinstance(one, HeliographError):
            fault = fault or (one.of(f"target {query.ref}") if several else one)
        else:
            raise one
    return answers, fault


def failed(state: State, error: HeliographError) -> Outcome:
    """What a panel shows of an error, with when it is tried again where that may help."""
    return Outcome(
        state,
        code=error.code,
        title=error.title,
        message=error.detail,
        retry_in_s=(error.retry_after_s or RETRY_S) if error.retryable else None,
        lacks_source=isinstance(error, SourceMissingError),
    )


def notice_of(answers: Sequence[Answer]) -> str | None:
    """What is said of answers that are drawn: `partial`, or a source's first warning, of at most 200 characters."""
    if any(answer.partial for answer in answers):
        return "partial"
    warnings = [warning for answer in answers for warning in answer.warnings]
    return warnings[0][:200] if warnings else None


def step_of_parts(answers: Sequence[Answer]) -> int:
    """The one step (ms) of answers that have parts; 0 where one has none, or another step."""
    steps = {round(answer.step_s * 1000) if answer.has_parts else 0 for answer in answers}
    return steps.pop() if len(steps) == 1 else 0
