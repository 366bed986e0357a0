"""Searches as both kinds of server answer them: partial ones say so, and those that nobody waits for are cancelled."""

from __future__ import annotations

import asyncio
import json
import uuid
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from typing import Any, Final, TypeVar

from ...errors import HeliographError, SourceError, SourceTimeoutError
from ...kept import Kept
from ...storage.config.datasources import StoredSource
from ...unpaired import from_json
from .base import SourceContext
from .http import MAX_REFUSAL, UNEXPECTED, HttpOptions, Reply, SourceHttp, source_http
from .json_formats import read_json
from .unpacking import LOOP_BYTES

CANCEL_WITHIN_S: Final = 5.0
TYPES_LIFE_S: Final = 60.0
MAX_KNOWN: Final = 100
TEST_DEADLINE_S: Final = 5.0
OPAQUE: Final = "X-Opaque-Id"
T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Search:
    """An answer, what of it is missing, its size in bytes, and what was asked."""

    answer: Mapping[str, Any]
    warnings: tuple[str, ...]
    size: int
    shown: str


class ElasticClient:
    """One server or cluster, by its URL."""

    def __init__(self, stored: StoredSource, config: HttpOptions, context: SourceContext) -> None:
        key = stored.secrets.get("api_key", "")
        headers = {**config.headers, "Authorization": f"ApiKey {key}"} if key else config.headers
        options = config.model_copy(update={"headers": headers})
        self._reading = context.reading
        self._http: SourceHttp = source_http("Elasticsearch", stored, options, context.connector)
        self._types: Kept[Mapping[str, str]] = Kept(context.clock, TYPES_LIFE_S, limit=MAX_KNOWN)
        self._cancelling: set[asyncio.Task[None]] = set()
        self.clock = context.clock

    async def search(self, path: str, body: Mapping[str, Any], deadline_s: float, who: str = "") -> Search:
        """The answer to a search, read in the turn of `who`; one that is left or takes too long is cancelled at the
        server."""
        own = f"heliograph-{uuid.uuid4().hex}"
        try:
            reply = await self._ask("POST", path, deadline_s, body, own)
        except (asyncio.CancelledError, SourceTimeoutError):
            self._cancel(own)
            raise
        answer = await self._read(reply, who)
        if not isinstance(answer, dict) or "_shards" not in answer:
            raise SourceError("the answer is not that of a search: does the URL lead to the server?")
        shown = f"POST /{path}\n{json.dumps(body, ensure_ascii=False)}"
        return Search(answer, tuple(_missing(answer)), len(reply.content), shown)

    async def types(self, path: str, deadline_s: float) -> Mapping[str, str]:
        """The types of an index's fields, those of its own left out; of a field of several types the first."""
        names = path.partition("/")[0]
        return await self._types.get(names, lambda: self._types_now(names, deadline_s))

    async def _types_now(self, names: str, deadline_s: float) -> Mapping[str, str]:
        reply = await self._ask("GET", f"{names}/_field_caps?fields=*&ignore_unavailable=true", deadline_s)
        document = await reply.json()
        return {
            name: min(kinds)
            for name, kinds in document.get("fields", {}).items()
            if not name.startswith("_") and not set(kinds) & {"object", "nested"}
        }

    async def indices(self, deadline_s: float) -> Sequence[str]:
        """The names that a search may ask: of indices, aliases and data streams, without hidden ones."""
        document = await (await self._ask("GET", "_resolve/index/*", deadline_s)).json()
        found = {str(one["name"]) for kind in ("aliases", "data_streams", "indices") for one in document.get(kind, ())}
        return sorted(name for name in found if not name.startswith("."))

    async def version(self) -> str:
        """`OpenSearch 2.19.5`, `Elasticsearch 8.19.0`, or what it is called where it does not tell."""
        with suppress(HeliographError, KeyError, TypeError, AttributeError):
            told = (await (await self._ask("GET", "", TEST_DEADLINE_S)).json())["version"]
            flavour = "OpenSearch" if told.get("distribution") == "opensearch" else "Elasticsearch"
            return f"{flavour} {told['number']}"
        with suppress(HeliographError, KeyError, TypeError, AttributeError, StopIteration):
            reply = await self._ask(
                "GET", "_nodes/_local?filter_path=nodes.*.version,nodes.*.build_flavor", TEST_DEADLINE_S
            )
            told = next(iter((await reply.json())["nodes"].values()))
            flavour = "Elasticsearch" if "build_flavor" in told else "OpenSearch"
            return f"{flavour} {told['version']}"
        return "The server"

    async def off_loop(self, search: Search, who: str, work: Callable[[], T]) -> T:
        """Small answers are read here, large ones in a thread."""
        return work() if search.size <= LOOP_BYTES else await self._reading.run(who, work)

    async def _read(self, reply: Reply, who: str) -> Any:
        if len(reply.content) <= LOOP_BYTES:
            return await reply.parsed(read_json)
        try:
            return await self._reading.run_stoppable(who, lambda stopped: read_json(reply.content, stopped))
        except (ValueError, RecursionError) as error:
            raise SourceError(UNEXPECTED) from error

    async def close(self) -> None:
        """Wait until searches that nobody wants are cancelled, then give the connections back."""
        await asyncio.gather(*self._cancelling, return_exceptions=True)
        await self._http.close()

    async def _ask(
        self, method: str, path: str, deadline_s: float, body: Mapping[str, Any] | None = None, own: str = ""
    ) -> Reply:
        headers = {"Accept": "application/json"}
        content = None
        if body is not None:
            headers |= {"Content-Type": "application/json"}
            content = json.dumps(body).encode()
        if own:
            headers |= {OPAQUE: own}
        reply = await self._http.request(method, path, deadline_s=deadline_s, content=content, headers=headers)
        if not 200 <= reply.status_code < 300:
            raise self._http.refused(reply, _reason(reply))
        return reply

    def _cancel(self, own: str) -> None:
        """At the server, while nobody waits for it here."""
        task = asyncio.get_running_loop().create_task(self._cancelled(own))
        self._cancelling.add(task)
        task.add_done_callback(self._cancelling.discard)

    async def _cancelled(self, own: str) -> None:
        """Closing the connection cancels a search at servers that watch it; at the others its tasks are named."""
        with suppress(HeliographError, KeyError, TypeError, AttributeError):
            reply = await self._ask("GET", "_tasks?actions=*search*&detailed=false", CANCEL_WITHIN_S)
            for node in (await reply.json())["nodes"].values():
                for name, told in node["tasks"].items():
                    if told.get("headers", {}).get(OPAQUE) == own and "parent_task_id" not in told:
                        await self._ask("POST", f"_tasks/{name}/_cancel", CANCEL_WITHIN_S)


def check_time_field(types: Mapping[str, str], name: str) -> str:
    """A warning for a test where an index has fields, but no time."""
    if not types or types.get(name) in ("date", "date_nanos"):
        return ""
    return f". Warning: {name} is no date of its index"


def _missing(answer: Mapping[str, Any]) -> Sequence[str]:
    """What an answer lacks, in words."""
    shards = answer["_shards"]
    total, good, failed = (int(shards.get(name, 0)) for name in ("total", "successful", "failed"))
    found = []
    if failed or good + failed < total:
        reasons = [one.get("reason", {}) for one in shards.get("failures", ())]
        why = next((str(one.get("reason") or one.get("type")) for one in reasons if one), "")
        found.append(f"{total - good} of {total} shards did not answer{': ' if why else ''}{why[:200]}")
    if answer.get("timed_out"):
        found.append("the search took too long: what was found until then")
    return found


def _reason(reply: Reply) -> str:
    """The server's own words: those of the cause, where it names one."""
    with suppress(ValueError, RecursionError, KeyError, TypeError, AttributeError, IndexError):
        error = from_json(reply.content[:MAX_REFUSAL])["error"]
        if isinstance(error, str):
            return error
        causes = [*error.get("root_cause", ()), error]
        cause = causes[0].get("caused_by") or error.get("caused_by") or {}
        told = [causes[0].get("reason") or causes[0].get("type"), cause.get("reason")]
        return ": ".join(dict.fromkeys(str(one) for one in told if one))[:500]
    return ""
