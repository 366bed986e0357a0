"""Short texts that would cost a process dearly: refused, or done with in a time that grows as they do.

The texts are so long that what takes time by the square of their length would not end before the test's limit does.
"""

from __future__ import annotations

import pytest

from heliograph.alerting.rules.per_value import per_value
from heliograph.alerting.templates.run import Data, expand
from heliograph.app.share.sheets import cell
from heliograph.components.panels.text import to_html
from heliograph.datasources.expressions.parser import parse
from heliograph.datasources.frame import Field, Frame
from heliograph.datasources.sources.elastic_grafana import translated
from heliograph.datasources.sources.legend import fill
from heliograph.datasources.sources.prometheus_options import last_comma
from heliograph.datasources.sources.sqlmacros import expand as written
from heliograph.datasources.timerange import TimeRange
from heliograph.datasources.transform.steps import Step, transformed
from heliograph.errors import SourceError
from heliograph.storage.metrics.engine import TRAILING_FORMAT

LONG = 300_000
NEST = '{{ $x := "aaaaaaaaaa" }}' + '{{ $x = printf "%s%s%s%s%s%s%s%s%s%s" $x $x $x $x $x $x $x $x $x $x }}' * 12
DOLLARS = '{{ $x := "aaaaaaaaaa" }}' + '{{ $x = reReplaceAll "." "$0$0$0$0$0$0$0$0$0$0" $x }}' * 12


@pytest.mark.timeout(60)
def test_blanks_in_a_legend() -> None:
    assert fill("{{" + " " * LONG, {}) == "{{" + " " * LONG
    assert fill("a {{ host }} {{server,api}} {{ no }}", {"host": "h", "server,api": "s"}) == "a h s "


@pytest.mark.timeout(60)
def test_blanks_in_an_alias_of_elasticsearch() -> None:
    for alias in ("{{term" + " " * LONG + "x", "{{term " * LONG):
        assert translated({"alias": alias})["legend"] == alias
    assert translated({"alias": "of {{ term  host.name }}"})["legend"] == "of {{host.name}}"


@pytest.mark.timeout(60)
def test_blanks_behind_a_format_in_a_statement() -> None:
    assert TRAILING_FORMAT.search("select 'FORMAT a" + " " * LONG + "b'") is None
    for tail in ("", " ;", "; ", "\n"):
        match = TRAILING_FORMAT.search(f"select 1 FORMAT Arrow{tail}")
        assert match is not None
        assert (match[1], match.start()) == ("Arrow", 9)


@pytest.mark.timeout(60)
@pytest.mark.parametrize(
    ("text", "comma"),
    [
        ('up{a="1,2"}, instance', 11),
        ('up, "a,b"', 2),
        ("instance", -1),
        ('"a,b"', -1),
        (r'up{a="\",", b=`\`}, c', 18),
        (f"a,{' ' * LONG},b", LONG + 2),
        ('"' * (LONG + 1) + ",", -1),
    ],
)
def test_the_last_comma_outside_of_quotes(text: str, comma: int) -> None:
    assert last_comma(text) == comma


@pytest.mark.timeout(60)
def test_blanks_around_a_delimiter() -> None:
    texts = (f"a{' ' * LONG}b", "a ,b", "a  b")
    frame = Frame((Field.string("s", texts),), is_table=True)
    assert frame.rows == 3
    for delimiter, named in ((",", {"a", "b"}), (" ", {"a", "b", ",b"})):
        options = {"source": "s", "format": "delimiter", "delimiter": delimiter}
        made = transformed((frame,), [Step(id="extractFields", options=options)])
        assert named <= {one.name for one in made[0].fields}


@pytest.mark.timeout(60)
def test_blanks_before_what_a_spreadsheet_would_run() -> None:
    assert cell("a" + "\n" * LONG + "b") == '"a' + "\n" * LONG + 'b"'
    assert cell('x; "=1+1') == '"x; ""\'=1+1"'
    assert cell("x =1") == "x =1"
    assert cell(" \n =1") == '" \n \'=1"'


@pytest.mark.timeout(60)
@pytest.mark.parametrize("template", [NEST, DOLLARS])
def test_values_that_grow_by_themselves_in_a_template(template: str) -> None:
    with pytest.raises(ValueError, match="more than"):
        expand(template, Data())


@pytest.mark.timeout(60)
@pytest.mark.parametrize("dialect", ["clickhouse", "postgres", "mysql"])
def test_macros_within_macros(dialect: str) -> None:
    range_ = TimeRange(0, 3_600_000)
    with pytest.raises(SourceError, match="within each other"):
        written("select " + "$__timeFilter(" * 40 + "a" + ")" * 40, range_, 60.0, dialect)
    assert "$__" not in written("select 1 where $__timeFilter($__timeGroup(ts, '5m'))", range_, 60.0, dialect)


@pytest.mark.timeout(60)
def test_aggregations_within_aggregations() -> None:
    deep = 15_000
    made, labels = per_value("sum(" * deep + 'm{a="$v"}' + ")" * deep, {"v": ["x", "y"]})
    assert labels == {"v": "a"}
    assert made == "sum by (a) (" * deep + 'm{a=~"x|y"}' + ")" * deep


@pytest.mark.timeout(60)
def test_a_table_that_is_filled_up_to_its_widest_row() -> None:
    huge = "|a" * 1000 + "\n" + "|-" * 1000 + "\n" + "|b\n" * 1400
    assert "<table" not in to_html(huge)
    assert "<table" in to_html("|a|b|\n|-|-|\n|c|")


def test_a_number_that_no_float_holds() -> None:
    with pytest.raises(ValueError, match="unexpected"):
        parse("$A + 0x" + "f" * 300)
    assert parse("$A + 0x" + "f" * 200).refs == {"A"}
