"""Answers of the Prometheus API as frames: what servers write in other ways, and what is no answer."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from heliograph.datasources.sources.prometheus_frames import (
    Result,
    frames_of,
    labels_text,
    read,
    series_frames,
    table_frame,
)

TRAP = '"values":[[1,"2"]] \\"values\\":[['
NUMBERS = st.floats(allow_nan=False)
SERIES = st.dictionaries(st.sampled_from(["__name__", "a", "b"]), st.text())
SAMPLES = st.lists(st.tuples(st.integers(0, 2**41), NUMBERS), max_size=5)


def answer(result: Any, kind: str = "matrix", *, spaced: bool = False, **more: Any) -> bytes:
    document = {"status": "success", "data": {"resultType": kind, "result": result}, **more}
    return json.dumps(document, separators=(", ", ": ") if spaced else (",", ":"), ensure_ascii=False).encode()


@given(st.lists(st.tuples(SERIES, SAMPLES), max_size=4), st.booleans())
def test_any_matrix_is_read_whatever_its_labels_and_spaces(
    series: list[tuple[dict[str, str], list[tuple[int, float]]]], spaced: bool
) -> None:
    """Times in ms are written in seconds as Prometheus does, with three places."""
    result = [
        {"metric": labels, "values": [[at / 1000, repr(value)] for at, value in samples]} for labels, samples in series
    ]
    frames = series_frames(read(answer(result, spaced=spaced)), "")
    expected = [(labels, samples) for labels, samples in series if samples]
    assert [frame.labels for frame in frames] == [labels for labels, _ in expected]
    for frame, (_, samples) in zip(frames, expected, strict=True):
        assert frame.fields[0].values.tolist() == [float(at) for at, _ in samples]
        assert frame.fields[1].values.tolist() == [value for _, value in samples]


@pytest.mark.parametrize("spaced", [False, True])
def test_a_label_that_looks_like_values_is_a_label(spaced: bool) -> None:
    body = answer([{"metric": {"a": TRAP, "values": "x"}, "values": [[1.5, "2"]]}], spaced=spaced)
    (frame,) = series_frames(read(body), "{{a}}")
    assert frame.name == TRAP
    assert frame.fields[0].values.tolist() == [1500]


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"[]",
        b'{"status":"success"}',
        b'{"data":{"resultType":"matrix"}}',
        b'{"data":{"resultType":"matrix","result":[{"metric":{},"values":[[1,"two"]]}]}}',
        b'{"data":{"resultType":"matrix","result":[{"metric":{},"values":[[1,"2"',
        b'{"data":{"resultType":"matrix","result":[{"metric":{},"values":[[1,"2"],[3]]}]}}',
    ],
)
def test_what_is_no_answer_is_a_value_error(body: bytes) -> None:
    with pytest.raises(ValueError):  # noqa: PT011 - the caller turns any into its own error
        read(body)


def test_a_warning_means_that_some_may_be_missing_and_an_info_does_not() -> None:
    warned = read(answer([], warnings=["a store is down"], infos=["metric might not be a counter"]))
    assert (warned.warned, warned.remarks) == (True, ("a store is down", "metric might not be a counter"))
    informed = read(answer([], infos=["metric might not be a counter"]))
    assert (informed.warned, informed.remarks) == (False, ("metric might not be a counter",))


def test_a_scalar_is_a_series_and_a_text_a_table() -> None:
    (scalar,) = series_frames(read(answer([1.5, "42"], "scalar")), "")
    assert scalar.is_series
    assert scalar.fields[1].values.tolist() == [42.0]
    (text,) = series_frames(read(answer([1.5, "said"], "string")), "")
    assert text.fields[1].values.tolist() == ["said"]


def test_a_series_may_have_numbers_and_histograms() -> None:
    bucket = {"count": "3", "sum": "4", "buckets": [[0, "1", "+Inf", "1"], [0, "0.5", "1", "2"]]}
    data = {
        "resultType": "matrix",
        "result": [{"metric": {"__name__": "x"}, "values": [[1, "7"]], "histograms": [[2, bucket], [3, {}]]}],
    }
    numbers, histograms = frames_of(data)
    assert numbers.fields[1].values.tolist() == [7.0]
    assert [(column.name, column.values.tolist()) for column in histograms.numbers] == [
        ("1", [2.0, 0.0]),
        ("+Inf", [1.0, 0.0]),
    ]


def test_an_empty_answer_is_no_frame_and_an_empty_table() -> None:
    empty = read(answer([]))
    assert series_frames(empty, "") == ()
    assert table_frame(empty).rows == 0


@pytest.mark.parametrize(
    ("labels", "text"),
    [
        ({}, "{}"),
        ({"__name__": "up"}, "up"),
        ({"b": "2", "__name__": "up", "a": 'x"y'}, 'up{a="x\\"y", b="2"}'),
        ({"a": "ü"}, '{a="ü"}'),
    ],
)
def test_a_series_is_written_as_promql_writes_it(labels: dict[str, str], text: str) -> None:
    assert labels_text(labels) == text


@pytest.mark.parametrize(
    ("legend", "names"),
    [
        ("", ['x{job="a"}', 'x{job="b"}']),
        ("__auto", ["a", "b"]),
        ("{{job}} of {{__name__}}{{gone}}", ["a of x", "b of x"]),
    ],
)
def test_series_are_called_after_the_legend(legend: str, names: list[str]) -> None:
    result = [{"metric": {"__name__": "x", "job": job}, "value": [1, "1"]} for job in "ab"]
    assert [frame.name for frame in series_frames(read(answer(result, "vector")), legend)] == names


@pytest.mark.parametrize(
    ("labels", "legend", "names"),
    [
        ([{"api": "get", "server": "a"}], "{{server,api}}", ['{api="get", server="a"}']),
        ([{"api": "get"}, {"api": "put"}], "{{nope}}", ['{api="get"}', '{api="put"}']),
        ([{"namespace": "web"}], "__auto", ["web"]),
        ([{"__name__": "up", "job": "x"}], "__auto", ["up"]),
        ([{"job": "x", "node": "1"}], "__auto", ["job=x, node=1"]),
        ([{"job": "x"}], "", ['{job="x"}']),
    ],
)
def test_a_series_has_a_name_whatever_its_legend_leaves(
    labels: list[dict[str, str]], legend: str, names: list[str]
) -> None:
    data = [{"metric": one, "values": [[1_700_000_000, "1"]]} for one in labels]
    assert [one.name for one in series_frames(Result("matrix", data, (), False), legend, "sum(up)")] == names


@pytest.mark.parametrize(
    ("told", "words"), [([[]], ("[]",)), ([{"a": 1}], ("{'a': 1}",)), ("x", ()), (5, ()), (["w"], ("w",))]
)
def test_remarks_are_words_whatever_a_server_wrote(told: Any, words: tuple[str, ...]) -> None:
    assert read(answer([], infos=told, warnings=told)).remarks == (*words, *words)
