"""Which dashboards are opened most: counts that fade, kept in the config database so that a start knows them."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Mapping, Sequence

from ...storage.config.meta import Meta

HALF_LIFE_S = 7 * 86_400.0
MAX_KEPT = 200
KEY = "opens"
Key = tuple[int, str]


class Popularity:
    """Counts opens in memory and adds them to what is kept. Nodes that write at once may lose a few counts."""

    def __init__(self, meta: Meta) -> None:
        self._meta = meta
        self._counts: Counter[Key] = Counter()

    def opened(self, org: int, dashboard_id: str) -> None:
        """Somebody opened this dashboard."""
        self._counts[org, dashboard_id] += 1

    async def flush(self, now_s: float) -> None:
        """Add what was counted to what is kept."""
        if not self._counts:
            return
        counts, self._counts = self._counts, Counter()
        at_s, scores = read_scores(await self._meta.get(KEY))
        merged = merge(scores, counts, max(0.0, now_s - at_s))
        await self._meta.put(KEY, write_scores(now_s, merged))

    async def most_opened(self, number: int) -> Sequence[Key]:
        """The dashboards opened most, the first first."""
        _, scores = read_scores(await self._meta.get(KEY))
        return sorted(scores, key=lambda key: -scores[key])[:number]


def merge(scores: Mapping[Key, float], counts: Mapping[Key, int], passed_s: float) -> dict[Key, float]:
    """The scores after `passed_s` seconds, in which each halves once per HALF_LIFE_S, with the counts on top."""
    fade = 0.5 ** (passed_s / HALF_LIFE_S)
    merged = {key: score * fade for key, score in scores.items()}
    for key, count in counts.items():
        merged[key] = merged.get(key, 0.0) + count
    first = sorted(merged, key=lambda key: -merged[key])[:MAX_KEPT]
    return {key: round(merged[key], 3) for key in first}


def read_scores(text: str | None) -> tuple[float, dict[Key, float]]:
    """When they were written (seconds since the epoch), and the scores; nothing where the text is none of ours."""
    try:
        document = json.loads(text or "")
        return float(document["at"]), {(int(org), str(name)): float(score) for org, name, score in document["opens"]}
    except (ValueError, TypeError, KeyError):
        return 0.0, {}


def write_scores(now_s: float, scores: Mapping[Key, float]) -> str:
    """What `read_scores` reads: scores as they were at `now_s`, in seconds since the epoch."""
    return json.dumps({"at": now_s, "opens": [[org, name, score] for (org, name), score in scores.items()]})
