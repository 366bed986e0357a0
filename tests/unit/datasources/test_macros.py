"""Macros that sources expand after the values of variables stand in a text: an author's are, a value's never."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from typing import Any

import promql_parser
import pytest
import sqlglot
from hypothesis import example, given
from hypothesis import strategies as st
from sqlglot import exp

from heliograph.datasources.macros import LANGUAGES, MARK, kept, unmarked
from heliograph.datasources.query.model import Query
from heliograph.datasources.sources import promql, sqlmacros
from heliograph.datasources.sources.base import Source
from heliograph.datasources.sources.clickhouse import ClickHouseSource
from heliograph.datasources.sources.heliograph import HeliographSource
from heliograph.datasources.sources.mysql import MysqlSource
from heliograph.datasources.sources.postgresql import PostgresSource
from heliograph.datasources.sources.prometheus import PrometheusSource
from heliograph.datasources.sources.sqlchunks import chunkable
from heliograph.datasources.sources.sqldriver import SqlDriverSource
from heliograph.datasources.sources.store import StoreSource
from heliograph.datasources.timerange import TimeRange
from heliograph.datasources.variables.chosen import Chosen, Values, Verbatim
from heliograph.datasources.variables.interpolation import interpolate_query
from heliograph.scope import Role, Scope

RANGE = TimeRange(1_700_000_000_000, 1_700_003_600_000)
STEP_S = 15.0
NAMES = ["from", "to", "interval", "interval_ms", "rate_interval", "rate_interval_ms", "range", "user", "x"]
MACROS = [
    form.format(name) for name in NAMES for form in ("$__{}", "${{__{}}}", "[[__{}]]", "__{}", "{{__{}}}", "__{}]]")
]
MACROS += [
    "$__timeFilter(ts)",
    "$__bucket(ts)",
    "$__timeGroup(ts, 5m)",
    "(ts)",
    "_ms",
    "interval",
    "from",
    "_ms]]",
    "_ms}",
]
PARTS = [*MACROS, "$", "$$", "[", "[[", "{", "'", '"', "\\", "`", " ", "a"]
values = st.lists(st.sampled_from(PARTS), max_size=4).map("".join)

# (language, dialect, how the text is asked in the end)
SQL: list[tuple[str, str, Callable[[str], str]]] = [
    ("sql", "clickhouse", lambda text: sqlmacros.expand(text, RANGE, STEP_S, "clickhouse")),
    ("sql", "clickhouse", lambda text: sqlmacros.expand(text, RANGE, STEP_S, "clickhouse")),
    ("postgres", "postgres", lambda text: sqlmacros.expand(text, RANGE, STEP_S, "postgres")),
    ("sqlite", "sqlite", lambda text: sqlmacros.expand(text, RANGE, STEP_S, "sqlite")),
]


def single(value: str) -> Chosen:
    return Chosen((value,), single=True)


def literals(text: str, dialect: str) -> list[str]:
    tree = sqlglot.parse_one(text, dialect=dialect)
    return sorted(node.name for node in tree.find_all(exp.Literal) if node.is_string)


@pytest.mark.parametrize(("language", "dialect", "asked"), SQL)
@given(value=values)
@example(value="$__from")
@example(value="$__interval")
@example(value="$__timeFilter(ts)")
@example(value="${__from}")
@example(value="[[__from]]")
def test_a_value_in_sql_is_what_its_user_wrote(
    language: str, dialect: str, asked: Callable[[str], str], value: str
) -> None:
    template = "SELECT a FROM t WHERE b = '$x' AND c = $x AND d IN (${x}, 'p[[x]]s') AND e = ${x:sqlstring}"
    simple = "'" not in value and '"' not in value and "\\" not in value  # what `sqlstring` is right for everywhere
    text = asked(
        interpolate_query(template if simple else template.rpartition(" AND ")[0], {"x": single(value)}, language)
    )
    assert literals(text, dialect) == sorted([value, value, value, f"p{value}s", *([value] if simple else [])])


@pytest.mark.parametrize(("language", "dialect", "asked"), SQL)
@given(value=values)
@example(value="__from")
@example(value="from")
@example(value="_ms")
def test_a_value_completes_no_macro_of_sql(
    language: str, dialect: str, asked: Callable[[str], str], value: str
) -> None:
    for before in ("$", "$__", "$__from", "$__int", "${", "[["):
        text = asked(interpolate_query(f"SELECT '{before}${{x}}${{x}}'", {"x": single(value)}, language))
        begun = asked(f"SELECT '{before}'").removeprefix("SELECT '").removesuffix("'")
        assert literals(text, dialect) == [f"{begun}{value}{value}"]


@pytest.mark.parametrize(("language", "dialect", "asked"), SQL)
def test_macros_of_an_author_are_expanded_beside_values(
    language: str, dialect: str, asked: Callable[[str], str]
) -> None:
    template = "SELECT $__bucket(${col:raw}, $wide) AS t FROM c WHERE $__timeFilter($all) AND h = '$x' AND t > $__from"
    chosen: Mapping[str, Values] = {
        "col": single("ts"),
        "wide": single("5m"),
        "all": Chosen((Verbatim("ts"),), everything=True),
        "x": single("$__to"),
    }
    text = asked(interpolate_query(template, chosen, language))
    plain = asked(template.replace("${col:raw}", "ts").replace("$wide", "'5m'").replace("$all", "ts"))
    assert text == plain.replace("$x", "$__to")
    assert "1700000000000" in text


def test_the_own_text_of_all_may_hold_macros() -> None:
    chosen = {"all": Chosen((Verbatim("$__from"),), everything=True)}
    for written in ("$all", "${all:raw}"):
        text = interpolate_query(f"SELECT {written}", chosen, "sql")
        assert sqlmacros.expand(text, RANGE, STEP_S, "clickhouse") == "SELECT 1700000000000"


def matcher_values(text: str) -> list[str]:
    tree: Any = promql_parser.parse(text)
    return [matcher.value for matcher in tree.args[0].vector_selector.matchers.matchers]


def in_promql(template: str, value: Values) -> str:
    return promql.expand(interpolate_query(template, {"x": value}, "promql"), STEP_S, 15_000)


@given(value=values)
@example(value="$__rate_interval")
@example(value="${__rate_interval}")
@example(value="[[__rate_interval]]")
@example(value="$__rate_interval_ms")
def test_a_value_in_promql_is_what_its_user_wrote(value: str) -> None:
    text = in_promql('rate(up{a="$x",b=\'${x}\',c="p[[x]]s"}[$__rate_interval])', single(value))
    assert matcher_values(text) == [value, value, f"p{value}s"]
    assert text.endswith("[1m0s])")


@given(many=st.lists(values, min_size=1, max_size=3))
def test_values_in_a_regex_of_promql_match_themselves(many: list[str]) -> None:
    text = in_promql('rate(up{a=~"$x"}[$__rate_interval])', tuple(many))
    pattern = re.compile(matcher_values(text)[0])
    assert all(pattern.fullmatch(value) for value in many)


@given(value=values)
@example(value="__rate_interval")
@example(value="__rate_interval]]")
@example(value="_interval")
def test_a_value_completes_no_macro_of_promql(value: str) -> None:
    for before in ("$", "$__rate", "$__rate_interval", "${", "["):
        text = in_promql(f'rate(up{{a="{before}${{x}}${{x}}"}}[5m])', single(value))
        begun = promql.expand(before, STEP_S, 15_000)
        assert matcher_values(text) == [f"{begun}{value}{value}"]


def test_a_value_does_not_change_whether_sql_is_asked_in_pieces() -> None:
    template = "SELECT $__bucket(ts) AS t, max(v) AS v FROM c WHERE $__timeFilter(ts) AND h = '$x' GROUP BY t"
    assert chunkable(interpolate_query(template, {"x": single("$__from")}, "sql"), "clickhouse", 15_000)
    without = template.replace("$__timeFilter(ts) AND ", "")
    assert not chunkable(interpolate_query(without, {"x": single("$__timeFilter(ts)")}, "sql"), "clickhouse", 15_000)


@given(value=st.text(max_size=8), before=st.sampled_from(["", "$", "${", "[[", "$__fr", "a"]))
@example(value=MARK, before="$")
def test_marks_leave_the_text_as_it_was(value: str, before: str) -> None:
    assert unmarked(kept(value, before, len(before))) == value.replace(MARK, "\ufffd")


def test_what_a_person_reads_of_a_query_has_no_marks() -> None:
    query = Query(interpolate_query("SELECT '$x'", {"x": single("$__from")}, "sql"), RANGE, Scope(1, Role.EDITOR))
    assert query.text == "SELECT '$__from'"


def test_sources_without_macros_are_asked_without_marks() -> None:
    assert interpolate_query('"$x"', {"x": single("$__from")}, "json") == '"$__from"'


def test_sources_that_expand_macros_have_languages_whose_values_are_kept() -> None:
    sql: list[type[Source]] = [ClickHouseSource, PostgresSource, MysqlSource, SqlDriverSource, StoreSource]
    kinds: list[type[Source]] = [*sql, PrometheusSource]
    assert {kind.language for kind in kinds} == LANGUAGES
    assert HeliographSource.language not in LANGUAGES
