"""Every type of field of Elasticsearch and OpenSearch: the kind of its column and its words, asked of real servers."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any, Final

import httpx
import pytest
from fixtures.contexts import context_of
from fixtures.search import SearchServer

from heliograph.datasources.sources.base import SourceQuery
from heliograph.datasources.sources.elasticsearch import ElasticsearchSource
from heliograph.datasources.timerange import TimeRange
from heliograph.scope import Role, Scope
from heliograph.storage.config.datasources import StoredSource

AT: Final = 1_700_000_000_000
AT_0130: Final = 1_711_848_600_000.0  # 2024-03-31 01:30:00 UTC, ms
# type (or mapping), the value as JSON, kind of the column, value for reading
TYPES: Final[list[tuple[Any, str, str, Any]]] = [
    ("long", "6951419298100303058", "number", "6951419298100303058"),
    ("integer", "-5", "number", -5.0),
    ("short", "7", "number", 7.0),
    ("byte", "-128", "number", -128.0),
    ("unsigned_long", "18446744073709551615", "number", "18446744073709551615"),
    ("double", "0.1", "number", 0.1),
    ("double", "1e300", "number", 1e300),
    ("double", "12345678901234567890.5", "number", "12345678901234567890.5"),
    ("float", "0.5", "number", 0.5),
    ("half_float", "1.5", "number", 1.5),
    ({"type": "scaled_float", "scaling_factor": 100}, "12.34", "number", 12.34),
    ("integer", '"12"', "number", 12.0),
    ("boolean", "true", "boolean", True),
    ("boolean", '"false"', "boolean", False),
    ("keyword", '"007"', "string", "007"),
    ("keyword", '"ä€😀"', "string", "ä€😀"),
    ("text", '"10115"', "string", "10115"),
    ("ip", '"::1"', "string", "::1"),
    ("binary", '"3q2+7w=="', "string", "3q2+7w=="),
    ("keyword", '["a", "b"]', "string", '["a", "b"]'),
    ("long", "[1, 2]", "string", "[1, 2]"),
    ("date", '"2024-03-31T01:30:00.123Z"', "time", AT_0130 + 123),
    ("date", '"2024-03-31T03:30:00+02:00"', "time", AT_0130),
    ("date", "1711848600123", "time", AT_0130 + 123),
    ({"type": "date", "format": "epoch_second"}, "1711848600", "time", AT_0130),
    ({"type": "date", "format": "dd.MM.yyyy HH:mm"}, '"31.03.2024 01:30"', "time", AT_0130),
    ("date_nanos", '"2024-03-31T01:30:00.123456789Z"', "time", AT_0130 + 123),
    ("date", '"1969-12-31T23:59:59.999Z"', "time", -1.0),
]


@pytest.fixture(scope="module", params=["opensearch", "elasticsearch_7", "elasticsearch_8"])
def server(request: pytest.FixtureRequest) -> Iterator[SearchServer]:
    found: SearchServer = request.getfixturevalue(request.param)
    for number, (kind, value, _, _) in enumerate(TYPES):
        mapping = kind if isinstance(kind, dict) else {"type": kind}
        body = {"mappings": {"properties": {"@timestamp": {"type": "date"}, "v": mapping, "none": mapping}}}
        if httpx.put(f"{found.url}/types-{number}", json=body, timeout=60).is_success:
            document = f'{{"@timestamp": {AT}, "v": {value}, "none": null}}'
            headers = {"Content-Type": "application/json"}
            url = f"{found.url}/types-{number}/_doc?refresh=true"
            httpx.post(url, content=document.encode(), headers=headers, timeout=60).raise_for_status()
    yield found
    httpx.delete(f"{found.url}/types-*?expand_wildcards=all", timeout=60)


@pytest.mark.parametrize(
    "number", range(len(TYPES)), ids=lambda number: f"{json.dumps(TYPES[number][0])} {TYPES[number][1]}"
)
async def test_a_type_is_read_as_it_was_written(server: SearchServer, number: int) -> None:
    kind, _, expected, value = TYPES[number]
    if httpx.get(f"{server.url}/types-{number}", timeout=60).status_code == 404:
        assert kind == "unsigned_long" or server.flavour.version.startswith(("8.", "2.")), (
            f"{kind} is of a module that this archive leaves out"
        )
        pytest.skip(f"{server.flavour.product} {server.flavour.version} has no {kind} in its archive for tests")
    stored = StoredSource("s", "S", "elasticsearch", server.url, {"index": f"types-{number}"})
    source = ElasticsearchSource(stored, context_of(stored))
    query = SourceQuery({"documents": 5}, TimeRange(AT, AT), 1.0, 100, Scope(1, Role.EDITOR), "q")
    (frame,) = (await source.query(query)).frames
    fields = {field.name: field for field in frame.fields}
    assert (fields["v"].kind, fields["v"].readable) == (expected, [value])
    (missing,) = fields["none"].readable
    assert missing is None or missing != missing  # noqa: PLR0124 - a missing number
    assert fields["@timestamp"].readable == [float(AT)]
    await source.close()


@pytest.mark.parametrize(
    ("kind", "value", "columns"),
    [
        ("geo_point", {"lat": 1.5, "lon": 2}, {"v.lat": 1.5, "v.lon": 2}),
        ("integer_range", {"gte": 1, "lt": 5}, {"v.gte": 1, "v.lt": 5}),
        ("object", {"a": {"b": 7}}, {"v.a.b": 7}),
    ],
)
async def test_an_object_is_a_column_for_each_of_its_fields(
    server: SearchServer, kind: str, value: Any, columns: dict[str, float]
) -> None:
    index = f"types-of-{kind.replace('_', '-')}"
    body = {"mappings": {"properties": {"@timestamp": {"type": "date"}, "v": {"type": kind}}}}
    httpx.put(f"{server.url}/{index}", json=body, timeout=60).raise_for_status()
    document = {"@timestamp": AT, "v": value}
    httpx.post(f"{server.url}/{index}/_doc?refresh=true", json=document, timeout=60).raise_for_status()
    stored = StoredSource("s", "S", "elasticsearch", server.url, {"index": index})
    source = ElasticsearchSource(stored, context_of(stored))
    query = SourceQuery({"documents": 5}, TimeRange(AT, AT), 1.0, 100, Scope(1, Role.EDITOR), "q")
    (frame,) = (await source.query(query)).frames
    assert {field.name: field.readable for field in frame.fields if field.name.startswith("v")} == {
        name: [number] for name, number in columns.items()
    }
    await source.close()
