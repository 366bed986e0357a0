"""JSON as RFC 8259 has it: what is not finite is null, for `NaN` and `Infinity` make a whole message unreadable, and
halves of surrogate pairs are replaced, for they keep it from being sent at all.

Nor are they read of others.
"""

from __future__ import annotations

import json
import math
from collections.abc import Mapping
from typing import Any

from ...unpaired import paired


def strict_json(document: Any) -> str:
    """A document as compact JSON. It is gone through for what is not finite only where it holds such a number."""
    try:
        return _written(document)
    except ValueError:
        return _written(_finite(document))


def _written(document: Any) -> str:
    return paired(json.dumps(document, ensure_ascii=False, separators=(",", ":"), allow_nan=False))


def _finite(value: Any) -> Any:
    if isinstance(value, float):
        return value if math.isfinite(value) else None
    if isinstance(value, Mapping):
        return {key: _finite(one) for key, one in value.items()}
    if isinstance(value, (list, tuple)):
        return [_finite(one) for one in value]
    return value


def from_strict(text: str, **how: Any) -> Any:
    """What such a text holds; `how` as `json.loads` takes it. ValueError for all else, and for a number too large."""
    return json.loads(text, parse_constant=_no_constant, parse_float=_number, **how)


def _no_constant(name: str) -> Any:
    raise ValueError(f"{name} is not JSON")


def _number(text: str) -> float:
    number = float(text)
    if not math.isfinite(number):
        raise ValueError(f"{text[:30]} is too large a number")
    return number
