"""`POST /query`: one query, several, or those of a dashboard's panel."""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import Collection, Mapping, Sequence
from functools import partial

import structlog

from ...components.asking.placing import place, values_of
from ...components.asking.source import PanelSource
from ...components.panel_spec import ROW
from ...components.spec import BROWSER_ZONE
from ...datasources.expressions.asking import asked, expression_filled, is_arithmetic, is_expression
from ...datasources.expressions.declared import expression_of
from ...datasources.expressions.evaluate import faults_of
from ...datasources.frame import Frame, have_rows
from ...datasources.query.model import Answer, Query
from ...datasources.variables.builtins import of_dashboard
from ...datasources.variables.resolve import resolve
from ...errors import ForbiddenError, HeliographError, InvalidError, NotFoundError
from ...scope import Role
from ..http.encoded import Encoded
from ..http.problem import problem
from .answers import answer_text, dumps, object_text, points
from .query_request import QueryRequest, as_tuples, check_asked, is_personal, make_query, range_on
from .routing import Reply, Request, Route, Routes
from .shapes import QueryAnswer

log = structlog.get_logger(__name__)
LOOP_PARTS = 20
LOOP_POINTS = 20_000  # what is written as text on the loop itself: some ms
LONGEST_GOOD_S = 60.0
STILL_AFTER_S = 120.0  # a range that ended longer ago does not change any more


async def query(request: Request) -> Reply:
    """One query, several, or those of a panel; text of a query needs an editor (ForbiddenError)."""
    wanted: QueryRequest = request.body
    if wanted.dashboard_id is not None:
        return Reply(await _panel(request, wanted))
    if request.identity.scope.role < Role.EDITOR:
        raise ForbiddenError("text of a query needs the role editor; viewers name dashboard_id and panel_id")
    if wanted.queries is None:
        check_asked(wanted, "$")
        one = make_query(request, wanted, wanted)
        answer = await _one(request, one)
        text = await _text(answer, request.site.clock() if wanted.inspect else None, many=False)
        return Reply(Encoded(text.encode(), 0 if wanted.inspect else good_for_s(one, answer, request.now_ms / 1000)))
    refs = [one.ref for one in wanted.queries]
    if len(set(refs)) != len(refs):
        raise InvalidError("two queries have the same ref", path="$.queries")
    for number, each in enumerate(wanted.queries):
        check_asked(each, f"$.queries[{number}]")
    queries = [make_query(request, one, wanted) for one in wanted.queries]
    _check_expressions(queries)
    inspected = refs if wanted.inspect else [one.ref for one in wanted.queries if one.inspect]
    answers = await asked(request.queries.proxy, queries, request.tools.run_sql)
    return Reply(await _results(request, list(zip(queries, answers, strict=True)), inspected))


async def _one(request: Request, one: Query) -> Answer:
    if is_expression(one):
        raise InvalidError("an expression is over the answers of others: ask several, by their refs", path="$.queries")
    return await request.queries.proxy.query(one)


def _check_expressions(queries: Sequence[Query]) -> None:
    """InvalidError with the path of the first expression that cannot be read, or refers to what is not there."""
    places = {query.ref: f"$.queries[{index}].query" for index, query in enumerate(queries)}
    expressions = {
        query.ref: expression_of(expression_filled(query, places.keys()), places[query.ref])
        for query in filter(is_expression, queries)
    }
    for ref, detail in faults_of(expressions, places.keys()):
        raise InvalidError(detail, path=places[ref])


async def _panel(request: Request, wanted: QueryRequest) -> Encoded:
    """What a viewer may ask: the targets of a panel, with values that its variables offer."""
    if wanted.query or wanted.queries or wanted.datasource:
        if request.identity.scope.role < Role.EDITOR:
            raise ForbiddenError("text of a query needs the role editor")
        raise InvalidError("either a panel or text of a query", path="$.query")
    scope = request.identity.scope
    assert wanted.dashboard_id is not None
    if wanted.panel_id is None:
        raise InvalidError("which panel of the dashboard", path="$.panel_id")
    if wanted.steps is not None and scope.role < Role.EDITOR:
        raise ForbiddenError("what transformations leave out needs the role editor")
    stored, dashboard = await request.live.hub.document(request.identity, wanted.dashboard_id)
    zone = "UTC" if dashboard.timezone in ("", BROWSER_ZONE) else dashboard.timezone
    range_ = range_on(request, wanted, dashboard, zone)
    around = of_dashboard(stored.dashboard_id, dashboard.title, zone)
    options = request.queries.options
    resolved = await resolve(
        dashboard.asked_variables, as_tuples(wanted.variables), range_, scope, options, around=around
    )
    placed = next((one for one in place(dashboard, resolved, around) if one.panel.panel_id == wanted.panel_id), None)
    if placed is None or placed.panel.type == ROW:
        raise NotFoundError(f"there is no panel {wanted.panel_id} on {wanted.dashboard_id}")
    steps = placed.panel.transformations[: wanted.steps]
    source = PanelSource.of(
        placed.panel.model_copy(update={"max_points": wanted.max_points, "transformations": steps}),
        variables=values_of(placed, resolved, around),
        scope=scope,
        dashboard_id=wanted.dashboard_id,
        zone=zone,
        tools=request.tools,
    )
    queries = source.queries(range_, None)
    if source.steps:
        return await _transformed(source, queries)
    return await _results(request, await source.shown(queries), [one.ref for one in queries] if wanted.inspect else [])


async def _transformed(source: PanelSource, queries: Sequence[Query]) -> Encoded:
    """What the panel's transformations leave of its answers, by the refs of what is left: several tables of one ref
    are `A`, `A_2` and so on.
    """
    answers = await source.answers(queries)
    frames = await source.transformed([frame for answer in answers for frame in answer.frames])
    parts = _by_ref(frames)
    ages = [answer.stale_age_s for answer in answers if answer.stale_age_s is not None]
    warnings = tuple(dict.fromkeys(warning for answer in answers for warning in answer.warnings))
    about = Answer(
        (), warnings=warnings, partial=any(answer.partial for answer in answers), stale_age_s=max(ages, default=None)
    )
    many = len(parts) > LOOP_PARTS or points(about.but(frames=tuple(frames))) > LOOP_POINTS  # few rows may make many
    text = await asyncio.to_thread(_texts, parts, about) if many else _texts(parts, about)
    return Encoded(text.encode(), 0)


def _by_ref(frames: Sequence[Frame]) -> dict[str, list[Frame]]:
    """Series of one ref together; each table by itself, the second one of `A` as `A_2`."""
    parts: dict[str, list[Frame]] = {}
    numbers: Counter[str] = Counter()
    for frame in frames:
        mine = parts.setdefault(frame.ref, [])
        if mine and not (frame.is_series and mine[-1].is_series):
            numbers[frame.ref] += 1
            mine = parts.setdefault(f"{frame.ref}_{1 + numbers[frame.ref]}", [])
        mine.append(frame)
    return parts


def _texts(parts: Mapping[str, Sequence[Frame]], about: Answer) -> str:
    """The answers of all parts as one text. It may take ms: call it from a thread where there are many."""
    results = {
        ref: answer_text(about.but(frames=tuple(mine)), inspect_s=None, many=True) for ref, mine in parts.items()
    }
    return object_text({"results": object_text(results)})


async def _results(
    request: Request, found: Sequence[tuple[Query, Answer | BaseException]], inspected: Collection[str]
) -> Encoded:
    """The answers of several queries by their refs; of those that are `inspected`, how they came about."""
    results: dict[str, str] = {}
    good_s = LONGEST_GOOD_S
    for one, answer in found:
        if isinstance(answer, Answer):
            inspect = one.ref in inspected
            at_ms = one.range.to_ms if is_arithmetic(one) else None
            results[one.ref] = await _text(
                answer, request.site.clock() if inspect else None, numbers_at_ms=at_ms, many=True
            )
            good_s = min(good_s, 0 if inspect else good_for_s(one, answer, request.now_ms / 1000))
        elif isinstance(answer, HeliographError):
            results[one.ref] = dumps({"error": problem(answer, "")})
            good_s = 0
        elif isinstance(answer, Exception):  # the others are answered; the log has the trace
            log.error("query failed", ref=one.ref, exc_info=answer)
            results[one.ref] = dumps({"error": problem(HeliographError("the server's log says why"), "")})
            good_s = 0
        else:
            raise answer
    return Encoded(object_text({"results": object_text(results)}).encode(), good_s)


async def _text(answer: Answer, inspect_s: float | None, *, many: bool, numbers_at_ms: int | None = None) -> str:
    write = partial(answer_text, answer, inspect_s=inspect_s, many=many, numbers_at_ms=numbers_at_ms)
    return write() if points(answer) <= LOOP_POINTS else await asyncio.to_thread(write)


def good_for_s(query: Query, answer: Answer, now_s: float) -> float:
    """The seconds for which the same request may be answered with the same bytes: until the next point is due."""
    if answer.partial or answer.stale_age_s is not None or answer.step_s <= 0:
        return 0.0
    if not have_rows(answer.frames):
        return 0.0  # it may be filled in a moment
    if query.range.to_ms / 1000 < now_s - STILL_AFTER_S - answer.step_s:
        return LONGEST_GOOD_S
    return min(answer.step_s - now_s % answer.step_s, LONGEST_GOOD_S)


def register(routes: Routes) -> None:
    """The routes of this resource."""
    routes.add(
        Route(
            "POST",
            "/query",
            Role.VIEWER,
            query,
            "Ask data sources",
            body=QueryRequest,
            shape=QueryAnswer,
            shared=True,
            personal=is_personal,
        )
    )
