"""Templates of rules: what promtool makes of them, and what they may cost."""

from __future__ import annotations

import json
import math
import shutil
import subprocess
from collections.abc import Sequence
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from heliograph.alerting.templates.gofmt import NOTHING, Sample
from heliograph.alerting.templates.run import Data, NeedsQueryError, check, expand, expanded
from heliograph.errors import InvalidError

LABELS = {"instance": "db-1.example.org:9100", "job": "node exporter", "n": "42", "empty": ""}
VALUES = (5.0, 0.0, 1234567.891, -0.00042, 1e17, 97.3, 3723.5)
PROMTOOL = shutil.which("promtool")

# Each is worked out for all VALUES, by us and by promtool.
DATA = Path(__file__).parents[2] / "data" / "rule_templates.json"
TEMPLATES: list[str] = json.loads(DATA.read_text("utf-8"))["templates"]


@pytest.mark.skipif(PROMTOOL is None, reason="promtool: apt install prometheus")
@pytest.mark.parametrize("value", VALUES)
def test_every_template_is_what_promtool_makes_of_it(tmp_path: Path, value: float) -> None:
    data = Data(LABELS, value)
    names = [f"t{place}" for place in range(len(TEMPLATES))]
    templates = dict(zip(names, TEMPLATES, strict=True))
    rule = {"alert": "Test", "expr": "test_metric", "annotations": templates}
    labels = ", ".join(f"{key}={json.dumps(text)}" for key, text in LABELS.items())
    expected = {
        "exp_labels": {key: text for key, text in LABELS.items() if text},
        "exp_annotations": {name: expanded(text, _without_empty(data)) for name, text in templates.items()},
    }
    test = {
        "rule_files": ["rules.yml"],
        "tests": [
            {
                "interval": "1m",
                "input_series": [{"series": f"test_metric{{{labels}}}", "values": f"{value!r}"}],
                "alert_rule_test": [{"eval_time": "0m", "alertname": "Test", "exp_alerts": [expected]}],
            }
        ],
    }
    (tmp_path / "rules.yml").write_text(json.dumps({"groups": [{"name": "g", "rules": [rule]}]}))
    (tmp_path / "test.yml").write_text(json.dumps(test))
    assert PROMTOOL is not None
    done = subprocess.run(
        [PROMTOOL, "test", "rules", "test.yml"], cwd=tmp_path, capture_output=True, text=True, timeout=60
    )
    assert done.returncode == 0, done.stdout + done.stderr


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
