"""JSON as RFC 8259 has it: what is not finite is null, for `NaN` and `Infinity` make a whole message unreadable."""

from __future__ import annotations

import json
import math
from collections.abc import Mapping
from typing import Any


def strict_json(document: Any) -> str:
    """A document as compact JSON. It is gone through for what is not finite only where it holds such a number."""
    try:
        return _written(document)
    except ValueError:
        return _written(_finite(document))


def _written(document: Any) -> str:
    return json.dumps(document, ensure_ascii=False, separators=(",", ":"), allow_nan=False)


def _finite(value: Any) -> Any:
    if isinstance(value, float):
        return value if math.isfinite(value) else None
    if isinstance(value, Mapping):
        return {key: _finite(one) for key, one in value.items()}
    if isinstance(value, (list, tuple)):
        return [_finite(one) for one in value]
    return value
