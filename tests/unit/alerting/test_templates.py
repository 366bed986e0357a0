"""Templates of rules: what promtool makes of them, and what they may cost."""

from __future__ import annotations

import json
import math
import re
import shutil
import subprocess
from collections.abc import Sequence
from pathlib import Path

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from heliograph.alerting.templates.gofmt import NOTHING, Sample
from heliograph.alerting.templates.run import Data, NeedsQueryError, check, expand, expanded
from heliograph.errors import InvalidError

LABELS = {"instance": "db-1.example.org:9100", "job": "node exporter", "n": "42", "empty": "", "e": "é<&>\"'"}
VALUES = (5.0, 0.0, 1234567.891, -0.00042, 1435065584.128, 1e17, 97.3, 3723.5, math.inf, math.nan)
QUERIES = {"up": [Sample({"__name__": "up", "i": "1", "job": "b"}, 1.0)], "nothing": []}
PROMTOOL = shutil.which("promtool")

# Each is worked out for all VALUES, by us and by promtool.
DATA = Path(__file__).parents[2] / "data" / "rule_templates.json"
KINDS: dict[str, list[str]] = json.loads(DATA.read_text("utf-8"))
TEMPLATES = KINDS["templates"]


def by_promtool(folder: Path, templates: Sequence[str], value: float, expected: Sequence[str] | None) -> str:
    """What promtool says of annotations t0, t1, … of an alert, whose texts are to be the expected; empty if they are.
    Without any it is told to expect no alert, and so shows all texts."""
    rule = {"alert": "Test", "expr": "test_metric", "annotations": {f"t{n}": one for n, one in enumerate(templates)}}
    labels = ", ".join(f"{key}={json.dumps(text)}" for key, text in LABELS.items())
    alert = {
        "exp_labels": {key: text for key, text in LABELS.items() if text},
        "exp_annotations": {f"t{n}": one for n, one in enumerate(expected or ())},
    }
    series = [f"test_metric{{{labels}}}", 'up{job="b",i="1"}']
    test = {
        "rule_files": ["rules.yml"],
        "tests": [
            {
                "interval": "1m",
                "input_series": [
                    {"series": name, "values": str(one)} for name, one in zip(series, (value, 1), strict=True)
                ],
                "alert_rule_test": [
                    {"eval_time": "0m", "alertname": "Test", "exp_alerts": [alert] if expected is not None else []}
                ],
            }
        ],
    }
    (folder / "rules.yml").write_text(yaml.safe_dump({"groups": [{"name": "g", "rules": [rule]}]}))
    (folder / "test.yml").write_text(yaml.safe_dump(test))
    assert PROMTOOL is not None
    done = subprocess.run(
        [PROMTOOL, "test", "rules", "test.yml"], cwd=folder, capture_output=True, text=True, timeout=60
    )
    return "" if done.returncode == 0 else done.stdout + done.stderr


def ours(template: str, value: float) -> str:
    return expanded(template, _without_empty(Data(LABELS, value)), QUERIES)


@pytest.mark.skipif(PROMTOOL is None, reason="promtool: apt install prometheus")
@pytest.mark.parametrize("value", VALUES)
def test_every_template_is_what_promtool_makes_of_it(tmp_path: Path, value: float) -> None:
    told = [one for one in TEMPLATES if not ours(one, value).startswith("<error")]
    assert len(told) > len(TEMPLATES) - 5, "none but those that take a value for a time that it is not"
    assert by_promtool(tmp_path, told, value, [ours(one, value) for one in told]) == ""


@pytest.mark.skipif(PROMTOOL is None, reason="promtool: apt install prometheus")
def test_what_promtool_refuses_is_refused_and_what_fails_for_it_fails(tmp_path: Path) -> None:
    refused = set(re.findall(r'annotation "t(\d+)": ', by_promtool(tmp_path, KINDS["refused"], 5.0, None)))
    assert refused == {str(number) for number in range(len(KINDS["refused"]))}
    for one in KINDS["refused"]:
        with pytest.raises(InvalidError):
            check(one, "$")
    failing = set(re.findall(r't(\d+)="<error expanding', by_promtool(tmp_path, KINDS["failing"], 5.0, None)))
    assert failing == {str(number) for number in range(len(KINDS["failing"]))}
    assert [one for one in KINDS["failing"] if not ours(one, 5.0).startswith("<error expanding")] == []


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("{{ $value }} {{ .Value }}", "[no value] [no value]"),
        ("{{ $value | humanize }} {{ humanize1024 $value }}B", "[no value] [no value]B"),
        ("{{ $value | humanizePercentage }}, {{ $value | humanizeDuration }}", "[no value], [no value]"),
        (
            "{{ $value | humanizeTimestamp }} {{ $value | toTime }} {{ toDuration $value }}",
            " ".join(["[no value]"] * 3),
        ),
        (
            '{{ printf "%.2f%% %d %s %08.3f" $value $value $value $value }}',
            "[no value]% " + " ".join(["[no value]"] * 3),
        ),
        ("{{ if gt $value 5.0 }}high{{ else if lt $value 5.0 }}low{{ else }}none{{ end }}", "none"),
        ("{{ if $value }}at {{ $value }}{{ else }}no data{{ end }}", "no data"),
        ("{{ print $value }} {{ eq $value $value }} {{ ne $value 1.0 }}", "[no value] false true"),
        ("{{ with $value }}{{ . }}{{ end }}", ""),
    ],
)
def test_where_there_is_no_value_the_text_says_so(text: str, expected: str) -> None:
    assert expand(text, Data({}, NOTHING)) == expected
    assert "NaN" in expand("{{ $value }} {{ $value | humanize }}", Data({}, math.nan)), "a source's own stays"


def _without_empty(data: Data) -> Data:
    """A label without a text is none, for Prometheus; and the value of the metric has a name."""
    labels = {key: text for key, text in data.labels.items() if text}
    return Data({"__name__": "test_metric", **labels}, data.value)


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("{{ $value", "not closed"),
        ("{{ if $value }}x", "before {{ end }}"),
        ("{{ end }}", "end without a beginning"),
        ("{{ nothing $value }}", "function 'nothing' not defined"),
        ("a\n{{ $lables.job }}", "line 2: undefined variable [$]lables"),
        ("{{ 5 6 }}", "only a function takes arguments"),
        ("{{ $value | 5 }}", "has to be a function"),
        ("{{ break }}", "outside of a range"),
        ("{{ }}", "a value is missing"),
        ("{{ ) }}", "unexpected|missing"),
        ("{{ range $a = $labels }}{{ end }}", "undefined variable [$]a"),
        ("{{ " + "(" * 100 + "1" + ")" * 100 + " }}", "levels deep"),
        ("{{ if 1 }}" * 100 + "{{ end }}" * 100, "levels deep"),
        ("x" * 20_001, "longer than"),
    ],
)
def test_what_is_no_template_is_refused_with_its_line_when_the_rule_is_saved(text: str, words: str) -> None:
    with pytest.raises(InvalidError, match=words) as caught:
        check(text, "$.annotations.summary")
    assert caught.value.path == "$.annotations.summary"


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("{{ range $i := 100000 }}x{{ end }}", "steps"),
        ('{{ define "a" }}{{ template "a" }}{{ end }}{{ template "a" }}', "within each other"),
        (
            '{{ define "a" }}{{ template "b" }}{{ end }}{{ define "b" }}{{ template "a" }}{{ end }}{{ template "b" }}',
            "within",
        ),
        ("{{ range $i := 19000 }}" + "x" * 50 + "{{ end }}", "characters come of it|steps"),
        ('{{ printf "%999d" 5 | printf "%s%s%s" }}{{ index $labels 5 }}', "expected string"),
        ("{{ $a := args 1 1 }}" + "{{ $a = args $a $a }}" * 60 + "{{ print $a }}", "within it"),
        ('{{ $a := args (printf "%999s" "") }}' + "{{ $b := print " + "$a " * 3000 + "}}", "handled on the way"),
        (
            "{{ print "
            + "$labels " * 2000
            + "}}" * 1
            + "{{ range $i := 9 }}{{ print "
            + "$labels " * 400
            + "}}{{ end }}",
            "come of it",
        ),
        ('{{ $x := printf "%999s" "" }}{{ reReplaceAll "(?s).*" "' + "$0" * 9000 + '" $x }}', "come of it"),
        (
            "{{ $a := args" + " 1" * 4000 + " }}{{ printf `" + "%999v" * 9 + "` $a $a $a $a $a $a $a $a $a }}",
            "come of it|handled",
        ),
        ("{{ (toTime 0).AddDate 99999 0 0 }}", "out of the years"),
        ("{{ (toTime 0).Add `x` }}", "wrong type"),
        ("{{ $value.job }}", "can't evaluate field job"),
        ("{{ .Nothing }}", "can't evaluate field Nothing"),
        ("{{ lt 1 1.5 }}", "incompatible types"),
        ('{{ humanize "many" }}', "error calling humanize"),
        ("{{ len }}", "wrong number of args for len"),
        ('{{ reReplaceAll "(" "" "a" }}', "error parsing regexp"),
        ('{{ template "none" }}', "not defined"),
    ],
)
def test_what_fails_on_the_way_is_said_in_the_texts_place(text: str, words: str) -> None:
    with pytest.raises(ValueError, match=words):
        expand(text, Data(LABELS, 1.0))
    assert expanded(text, Data(LABELS, 1.0)).startswith("<error expanding template: ")


def test_a_query_is_asked_by_the_caller_and_its_answer_used() -> None:
    text = (
        '{{ with printf "up{job=\'%s\'}" $labels.job | query }}{{ . | first | value | printf "%.1f" }}'
        "{{ range . }} {{ .Labels.i }}={{ .Value }}{{ end }}{{ end }}"
    )
    with pytest.raises(NeedsQueryError) as caught:
        expand(text, Data(LABELS, 1.0))
    assert caught.value.query == "up{job='node exporter'}"
    answers = {caught.value.query: [Sample({"i": "b"}, 2.0), Sample({"i": "a"}, 3.5)]}
    assert expand(text, Data(LABELS, 1.0), answers) == "2.0 b=2 a=3.5"
    ordered = '{{ range query "q" | sortByLabel "i" }}{{ label "i" . }}{{ end }}'
    assert expand(ordered, Data(LABELS), {"q": answers[caught.value.query]}) == "ab"
    many = '{{ range $i := 50 }}{{ $q := printf "q%d" $i | query }}{{ end }}'
    assert "queries" in asked_until_done(many)


def asked_until_done(text: str) -> str:
    """What comes of a template whose queries all answer nothing; the words of its error."""
    asked: dict[str, Sequence[Sample]] = {}
    while True:
        try:
            return expand(text, Data(LABELS), asked)
        except NeedsQueryError as needs:
            asked[needs.query] = []
        except ValueError as error:
            return str(error)


@given(st.text(alphabet='{}-$.|()"` \n/*:=abefilnortuvwx19_,%', max_size=80))
def test_any_text_is_expanded_or_refused_and_never_anything_else(text: str) -> None:
    wrapped = "{{ " + text + " }}"
    for one in (text, wrapped):
        try:
            expand(one, Data(LABELS, 1.0))
        except (ValueError, NeedsQueryError):
            continue
