"""References in targets: what they find, and that no value changes what a query means."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import promql_parser
import pytest
import sqlglot
from hypothesis import example, given, settings
from hypothesis import strategies as st
from sqlglot import exp

from heliograph.datasources.timerange import TimeRange
from heliograph.datasources.variables.builtins import builtins, of_dashboard
from heliograph.datasources.variables.chosen import Chosen, Macro, Values, Verbatim
from heliograph.datasources.variables.interpolation import (
    interpolate,
    interpolate_as,
    interpolate_structure,
    names_in,
)
from heliograph.errors import InvalidError
from heliograph.scope import Role, Scope

ROWS = json.loads((Path(__file__).parents[2] / "data" / "variables.json").read_text("utf-8"))["rows"]


def rows(kind: str) -> list[Any]:
    found = [pytest.param(*arguments, result, id=repr(arguments)) for name, arguments, result in ROWS if name == kind]
    assert found
    return found


def one(value: str, text: str = "", **properties: Any) -> Chosen:
    return Chosen((value,), single=True, texts=(text,) if text else (), properties=(properties,) if properties else ())


WORLD: dict[str, Values] = {
    **{name: one(value) for name, value in {"env": "prod", "a": "A", "ab": "AB", "x1": "X1", "empty": ""}.items()},
    "hosts": ("web1", "web2"),
    "server_name": one("db.1"),
    "none": (),
    "all": Chosen(("p", "q.r", "s"), everything=True),
    "allc": Chosen((Verbatim(".*"),), everything=True),
    "allv": Chosen((Verbatim("$env-.*"),), everything=True),
    "allone": Chosen(("only",), single=True, everything=True),
    "allnone": Chosen((), everything=True),
    "obj": one("eu", "Europe", id="eu", zone="z-1", nested={"k": "deep"}),
    "objs": Chosen(("eu", "us"), texts=("Europe", "States"), properties=({"zone": "z-1"}, {"zone": "z-2"})),
    "const": one("k/v"),
    "box": one("free $env"),
    "step": one("10m"),
    "ds": one("uid-1", "Prom A"),
    "__from": one(Macro("1770091506000")),
    "__to": one(Macro("1770113106000")),
}
SCOPED: dict[str, Values] = {
    "env": one("scoped", "Scoped"),
    "hosts": Chosen(("s1", "s2"), texts=("s1", "s2")),
    "extra": one("42"),
    "nul": one(""),
    "f": one("false", "f"),
    "z": one("0", "zero"),
}


@pytest.mark.parametrize(("template", "expected"), rows("lookup"))
def test_a_reference_finds_its_variable(template: str, expected: str) -> None:
    assert interpolate_as(template, WORLD) == expected


@pytest.mark.parametrize(("template", "expected"), rows("scoped"))
def test_a_repeats_values_hide_the_dashboards(template: str, expected: str) -> None:
    assert interpolate_as(template, WORLD | SCOPED) == expected


# Whatever a person types, and what would end, comment out or escape the token around it.
TROUBLE = ["'", '"', "`", "\\", "\\'", "''", "--", "/*", "*/", "#", "\n", "\r", "\0", "$x", "${x}", "$$", "$", "[[x]]"]
TROUBLE += [
    ";",
    ",",
    ")",
    "(",
    "]",
    "}",
    "{",
    "=",
    "|",
    ".*",
    " or 1=1",
    " or up",
    "E'",
    "\u2028",
    "\x1b",
    "\ud7ff",
    "é",
]
hostile = st.lists(st.one_of(st.sampled_from(TROUBLE), st.text(max_size=4)), max_size=6).map("".join)
several = st.lists(hostile, min_size=1, max_size=3)


def sql_shape(text: str, dialect: str) -> tuple[str, list[str]]:
    """The tree with the texts of its literals and quoted names left out, and those texts."""
    trees = sqlglot.parse(text, dialect=dialect)
    assert len(trees) == 1
    tree = trees[0]
    assert tree is not None
    texts = []
    for node in tree.walk():
        node.comments = None
        is_text = isinstance(node, exp.Literal) and node.is_string
        is_quoted = isinstance(node, exp.Identifier) and node.quoted
        if is_text or is_quoted or isinstance(node, exp.ByteString):
            texts.append(str(node.this))
            node.set("this", "_")
    return repr(tree), texts


SQL = [("sql", "clickhouse"), ("postgres", "postgres")]


@pytest.mark.parametrize(("language", "dialect"), SQL)
@given(value=hostile)
@example(value="\\")
@example(value="\\'; DROP TABLE t;--")
def test_no_value_leaves_the_quotes_that_an_author_wrote_in_sql(language: str, dialect: str, value: str) -> None:
    template = "SELECT a FROM t WHERE b = '$x' AND c = 'p${x}s' LIMIT 5"
    shape, texts = sql_shape(interpolate(template, {"x": (value,)}, language), dialect)
    assert shape == sql_shape(template, dialect)[0]
    assert texts == [value, f"p{value}s"]


@pytest.mark.parametrize(("language", "dialect"), SQL)
@given(values=several)
def test_unquoted_values_are_one_literal_each_in_sql(language: str, dialect: str, values: list[str]) -> None:
    text = interpolate("SELECT a FROM t WHERE b IN ($x) AND c = 1", {"x": tuple(values)}, language)
    harmless = ",".join(["'_'"] * len(values))
    shape, texts = sql_shape(text, dialect)
    assert shape == sql_shape(f"SELECT a FROM t WHERE b IN ({harmless}) AND c = 1", dialect)[0]
    assert texts == values


@pytest.mark.parametrize(("language", "dialect"), SQL)
@pytest.mark.parametrize(
    "template",
    [
        "SELECT a FROM t WHERE b = 'C:\\$x' AND c = 1",
        "SELECT a FROM t WHERE b = '''$x' AND c = 1",
        "SELECT a FROM t WHERE b = 'a''${x}''' AND c = 1",
        'SELECT "c$x" FROM t WHERE b = 1',
        "SELECT a /* of $x */ FROM t WHERE b = '$x'",
        "SELECT a -- of $x\nFROM t WHERE b = '$x'",
        "SELECT '--', a FROM t WHERE b = '$x' AND d = '/*$x'",
        "SELECT a FROM t WHERE b = '$x$x' AND c = '[[x]]'",
    ],
)
@given(value=hostile)
def test_no_value_leaves_the_token_around_it_in_sql(language: str, dialect: str, template: str, value: str) -> None:
    harmless = interpolate(template, {"x": ("v",)}, language)
    text = interpolate(template, {"x": (value,)}, language)
    assert sql_shape(text, dialect)[0] == sql_shape(harmless, dialect)[0]


@given(value=hostile)
def test_no_value_leaves_an_escape_string_of_postgres(value: str) -> None:
    text = interpolate("SELECT a FROM t WHERE b = E'$x' AND c = 1", {"x": (value,)}, "postgres")
    assert sql_shape(text, "postgres")[0] == sql_shape("SELECT a FROM t WHERE b = E'v' AND c = 1", "postgres")[0]


def promql_shape(text: str) -> str:
    """The tree of an expression, the values of its matchers left out."""
    return re.sub(r'(value: )?"(?:[^"\\]|\\.)*"', _blanked, repr(promql_parser.parse(text)))


def _blanked(match: re.Match[str]) -> str:
    """A matcher's value, or its regular expression, which the parser anchors."""
    return "_" if match[1] or match[0].startswith('"^(?:') else match[0]


def test_the_shape_of_promql_tells_queries_apart() -> None:
    assert promql_shape('sum(up{a="1"})') == promql_shape('sum(up{a="2\\"3"})')
    others = ['sum(up{b="1"})', 'sum(up{a!="1"})', 'sum(down{a="1"})', 'avg(up{a="1"})', 'sum(up{a="1"} or up)']
    assert promql_shape('sum(up{a="1"})') not in {promql_shape(other) for other in others}


def matcher_values(text: str) -> list[str]:
    tree: Any = promql_parser.parse(text)
    return [matcher.value for matcher in tree.expr.args[0].vector_selector.matchers.matchers]


PROMQL = ['sum(rate(up{job="$x",env="e"}[5m]))', "sum(rate(up{job='$x',env=\"e\"}[5m]))"]


@pytest.mark.parametrize("template", PROMQL)
@given(value=hostile)
@example(value="\\")
@example(value='"} or up{job="')
def test_no_value_leaves_a_string_of_promql(template: str, value: str) -> None:
    text = interpolate(template, {"x": (value,)}, "promql")
    assert promql_shape(text) == promql_shape(template)
    assert matcher_values(text) == [value, "e"]


@pytest.mark.parametrize("quote", ['"', "'", "`"])
@given(values=several)
def test_a_regex_matcher_matches_the_values_and_nothing_else(quote: str, values: list[str]) -> None:
    template = f'sum(rate(up{{job=~{quote}$x{quote},env="e"}}[5m]))'
    text = interpolate(template, {"x": tuple(values)}, "promql")
    assert promql_shape(text) == promql_shape(template)
    pattern = re.compile(matcher_values(text)[0])
    assert all(pattern.fullmatch(value) for value in values)
    assert not pattern.fullmatch("".join(values) + "~")


@given(value=hostile)
def test_no_value_leaves_a_raw_string_or_a_comment_of_promql(value: str) -> None:
    template = 'sum(rate(up{job=`$x`,env="e"}[5m])) # of $x'
    if "`" in value or "\r" in value:  # nothing writes these in a raw string
        with pytest.raises(InvalidError):
            interpolate(template, {"x": (value,)}, "promql")
        return
    text = interpolate(template, {"x": (value,)}, "promql")
    raw, rest = text.removeprefix("sum(rate(up{job=`").split("`", 1)
    assert raw == value
    assert re.fullmatch(r'\,env="e"\}\[5m\]\)\) # of [^\n]*', rest)
    # This parser reads escapes in raw strings, which have none in Prometheus.
    if "\\" not in value:
        assert promql_shape(text) == promql_shape(template)


@given(value=hostile)
def test_a_bare_value_of_promql_is_one_leaf_or_refused(value: str) -> None:
    try:
        tree = promql_parser.parse(interpolate("topk(3, $x)", {"x": (value,)}, "promql"))
    except ValueError:
        return
    assert isinstance(tree, promql_parser.AggregateExpr)
    leaf = tree.expr
    assert isinstance(leaf, (promql_parser.VectorSelector, promql_parser.NumberLiteral, promql_parser.StringLiteral))


@pytest.mark.parametrize(
    ("template", "values", "expected"),
    [
        ("rate(m[$x])", ["5m"], "rate(m[5m])"),
        ("topk($x, up)", ["5"], "topk(5, up)"),
        ("up > $x", ["-1.5"], "up > -1.5"),
        ("up $x", ["-1"], 'up "-1"'),
        ("$x{job='a'}", ["node_load1"], "node_load1{job='a'}"),
        ("sum by ($x) (up)", ["job", "env"], "sum by (job, env) (up)"),
        ("sum by ($x) (up)", ["job) (up) or sum by (a"], 'sum by ("job) (up) or sum by (a") (up)'),
        ("up $x down", ["or"], 'up "or" down'),
        ("f($x)", ["a", "b.c"], 'f("(a|b\\\\.c)")'),
    ],
)
def test_a_bare_value_of_promql_stays_one_token(template: str, values: list[str], expected: str) -> None:
    assert interpolate(template, {"x": tuple(values)}, "promql") == expected


@given(value=hostile)
@example(value="\ud800")
def test_no_value_leaves_a_string_of_json(value: str) -> None:
    template = r'{"it\"s": "a $x b", "l": ["$x"], "n": [[n]]}'
    read = json.loads(interpolate(template, {"x": (value,), "n": (Macro("5"),)}, "json"))
    assert read == {'it"s': f"a {value} b", "l": [value], "n": 5}


@given(values=st.lists(hostile, max_size=3))
def test_a_bare_value_of_json_is_a_string_or_a_list(values: list[str]) -> None:
    read = json.loads(interpolate('{"term": $x, "size": 10}', {"x": tuple(values)}, "json"))
    assert read == {"term": values[0] if len(values) == 1 else values, "size": 10}


LUCENE_TERM = re.compile(r"(?:\\.|[^\s!*+\-=<>&|()\[\]{}^~?:\\/\"])+", re.DOTALL)
LUCENE_PHRASES = re.compile(r"\(\"(?:\\.|[^\"\\])*\"(?: OR \"(?:\\.|[^\"\\])*\")*\)", re.DOTALL)


@given(values=several)
@example(values=["OR"])
@example(values=[""])
@example(values=["-1"])
def test_values_of_lucene_are_terms_or_phrases(values: list[str]) -> None:
    text = interpolate("$x", {"x": tuple(values)}, "lucene")
    single = len(values) == 1 and LUCENE_TERM.fullmatch(text) is not None and text not in ("AND", "OR", "NOT", "TO")
    assert single or LUCENE_PHRASES.fullmatch(text)
    inside = interpolate('"$x"', {"x": tuple(values)}, "lucene")
    assert re.fullmatch(r"\"(?:\\.|[^\"\\])*\"", inside, re.DOTALL)
    expression = interpolate("path:/a$x/", {"x": tuple(values)}, "lucene")
    assert re.fullmatch(r"path:/(?:\\.|[^/\\])*/", expression, re.DOTALL)


@given(value=hostile)
def test_a_value_in_an_address_is_one_component(value: str) -> None:
    assert re.fullmatch(r"/d\?q=[\w.~%-]*&z=1", interpolate("/d?q=$x&z=1", {"x": (value,)}, "url"), re.ASCII)


@given(value=hostile)
def test_a_value_is_not_read_again(value: str) -> None:
    assert interpolate("$x", {"x": (value,), "a": ("no",)}, "text") == value


def test_the_own_text_of_all_may_refer_to_variables_but_values_may_not() -> None:
    variables = {"all": (Verbatim("'$env'"),), "env": ("it's $all",)}
    assert interpolate("a IN ($all)", variables, "sql") == "a IN ('it''s $all')"


def test_a_structure_takes_values_as_they_are() -> None:
    query = {"terms": {"host": "$hosts"}, "size": 5, "text": "on ${hosts:csv}", "one": ["$env", "${hosts.1}"]}
    assert interpolate_structure(query, {"hosts": ("a", 'b"'), "env": ("p",)}) == (
        {"terms": {"host": ["a", 'b"']}, "size": 5, "text": 'on a,b"', "one": ["p", 'b"']}
    )


def test_names_are_found_in_texts_and_structures() -> None:
    assert list(names_in({"q": ["$a ${b.c:csv}", ("[[d]]", 3)], "e": "$a"})) == ["a", "b", "d", "a"]


@settings(max_examples=20)
@given(login=hostile)
def test_the_users_name_is_a_value_like_any_other(login: str) -> None:
    scope = Scope(org=1, role=Role.VIEWER, user_id=7, login=login)
    variables = {**builtins(TimeRange(0, 60_000), 15.0, scope), **of_dashboard("u1", "it's", "UTC")}
    text = interpolate(
        "SELECT '${__user.login}', '$__user', $__from, '$__interval', $__dashboard, '${__dashboard.uid}'",
        variables,
        "sql",
    )
    assert sql_shape(text, "clickhouse")[1] == [login, "7", "15s", "it's", "u1"]
    assert interpolate("${__to:date:seconds}", variables, "text") == "60"


def test_an_unquoted_literal_does_not_join_a_quote_beside_it() -> None:
    assert interpolate("SELECT 'a'$x'b'", {"x": ("v",)}, "sql") == "SELECT 'a' 'v' 'b'"


def test_a_value_that_could_end_a_dollar_quoted_string_is_refused() -> None:
    assert interpolate("SELECT $q$ $x $q$, a", {"x": ("it's",)}, "postgres") == "SELECT $q$ it's $q$, a"
    for language in ("postgres", "sql"):
        with pytest.raises(InvalidError, match=r"\$…\$"):
            interpolate("SELECT $q$ $x $q$, a", {"x": ("$q$; DROP TABLE t",)}, language)


@pytest.mark.parametrize(
    "language", ["sql", "postgres", "sqlite", "promql", "lucene", "json", "text", "url", "markdown"]
)
def test_values_cannot_make_a_text_longer_than_it_may_be(language: str) -> None:
    with pytest.raises(InvalidError, match="longer than"):
        interpolate("$x " * 2000, {"x": ("v" * 1000,)}, language)


def test_a_text_that_an_author_wrote_for_all_values_cannot_make_a_text_longer_than_it_may_be() -> None:
    with pytest.raises(InvalidError, match="longer than"):
        interpolate("$x " * 2000, {"x": (Verbatim("v" * 1000),)}, "sql")


@pytest.mark.parametrize("quote", ["'", '"', "`", "", "-- ", "/* "])
@pytest.mark.parametrize("language", ["sql", "postgres", "sqlite", "promql"])
def test_a_text_with_thousands_of_references_is_read_once(language: str, quote: str) -> None:
    """Each costs no look at the whole: four times as many take four times as long, not sixteen."""
    written = interpolate(f"a{quote}" + "[[x]] + " * 4000, {"x": ("v",)}, language)
    assert written.count("v") == 4000


def test_a_value_stands_where_it_comes_to_stand() -> None:
    """What looks like the tag of a dollar-quoted string is a reference: what follows it stands in no string."""
    assert interpolate("SELECT $x$, $y", {"x": ("a",), "y": ("it's",)}, "postgres") == "SELECT 'a'$, 'it''s'"
