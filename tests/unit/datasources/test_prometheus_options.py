"""What query variables ask of Prometheus: names of labels and metrics of any characters."""

from __future__ import annotations

import pytest

from heliograph.datasources.sources.prometheus_options import lookup
from heliograph.datasources.timerange import TimeRange
from heliograph.errors import SourceError

RANGE = TimeRange(0, 60_000)


@pytest.mark.parametrize(
    ("query", "path", "match"),
    [
        ("label_values(job)", "label/job/values", ""),
        ("label_values(up, job)", "label/job/values", "up"),
        ('label_values(up{a="b,c"}, job)', "label/job/values", 'up{a="b,c"}'),
        ("label_values(up, k8s.container.name)", "label/U__k8s_2e_container_2e_name/values", "up"),
        ('label_values("k8s.container.name")', "label/U__k8s_2e_container_2e_name/values", ""),
        ('label_values("with, comma")', "label/U__with_2c__20_comma/values", ""),
        ('label_values(up, "a_b.c")', "label/U__a__b_2e_c/values", "up"),
        ('label_values({"http.server.duration"}, "k8s.pod.name")', "label/U__k8s_2e_pod_2e_name/values", "same"),
        ("label_values(http.server.duration, job)", "label/job/values", '{"http.server.duration"}'),
        ('label_values("größe")', "label/U__gr_f6__df_e/values", ""),
    ],
)
def test_a_label_is_asked_by_its_name(query: str, path: str, match: str) -> None:
    asked = lookup(query, RANGE)
    expected = '{"http.server.duration"}' if match == "same" else match
    assert (asked.path, asked.params.get("match[]", "")) == (path, expected)


@pytest.mark.parametrize(
    "query", ["label_values()", "label_values(up, )", 'label_values(up{a="b"})', "label_values(a b)"]
)
def test_what_is_no_name_is_said(query: str) -> None:
    with pytest.raises(SourceError, match="is not the name of a label"):
        lookup(query, RANGE)
