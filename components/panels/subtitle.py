"""A line under a value: a text with references to its field, its value, and to the values of other targets."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from ...datasources.frame import Frame
from ..fields import FieldOptions
from .single import Single, singles

TARGET: Final = re.compile(r"\$\{__target\.(\w{1,16})\}")
SUBTITLE_HELP: Final = (
    "A line under each value: a text with `${__value.text}`, `${__field.labels.x}`, and `${__target.B}` for the value "
    "of another target, which then is none of its own; of the series of the same name, else of its only one."
)


@dataclass(frozen=True, slots=True)
class Subtitles:
    """The values that are shown, and what the lines under them may say."""

    template: str
    found: Sequence[Single]
    beside: Mapping[str, Mapping[str, str]]

    def of(self, single: Single) -> str:
        """The line under a value; empty where there is none."""
        if not self.template:
            return ""
        targets = {ref: _one(texts, single.name, single.field.options.no_value) for ref, texts in self.beside.items()}
        value = float("nan") if single.value is None else single.value
        return single.field.text(self.template, value, targets)


def with_subtitles(options: FieldOptions, template: str, frames: Sequence[Frame], calc: str) -> Subtitles:
    """The values of all frames but those of targets that the template names: they are what it says."""
    refs = dict.fromkeys(TARGET.findall(template))
    shown = [frame for frame in frames if frame.ref not in refs]
    beside = {}
    for ref in refs:
        others = singles(options, [frame for frame in frames if frame.ref == ref], calc)
        beside[ref] = {one.name: str(one.shown) for one in others}
    return Subtitles(template, singles(options, shown, calc), beside)


def _one(texts: Mapping[str, str], name: str, missing: str) -> str:
    return texts.get(name) or (next(iter(texts.values())) if len(texts) == 1 else missing)
