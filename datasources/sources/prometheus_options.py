"""What query variables ask of Prometheus: `label_values(metric, label)` and its siblings, each as one request."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final
from urllib.parse import quote

from ...errors import SourceError
from ..timerange import TimeRange
from .base import VariableOption
from .prometheus_frames import labels_text

CALL: Final = re.compile(r"\s*(?P<name>\w+)\s*\((?P<argument>.*)\)\s*", re.DOTALL)
LABEL: Final = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")
METRIC: Final = re.compile(r"[A-Za-z_:][A-Za-z0-9_:]*")
QUOTED: Final = re.compile(r"\"(?:[^\"\\]|\\.)*\"|'(?:[^'\\]|\\.)*'")
NO_NAME: Final = re.compile(r"[\s(){}\[\]\"'`,=~]")  # what stands in a name of any characters only between quotes
FORMS: Final = (
    "label_values(label), label_values(metric, label), label_names(), metrics(regex), metadata(metric), series(match) "
    "or query_result(query)"
)
Texts = Callable[[Any], Iterable[str]]


@dataclass(frozen=True, slots=True)
class Lookup:
    """A request below `/api/v1/`, and how its `data` becomes texts: each a value, with what is `shown` for it."""

    path: str
    params: Mapping[str, str]
    texts: Texts
    shown: Callable[[Any, str], str] = lambda _, text: text

    def options(self, data: Any) -> Sequence[VariableOption]:
        """Each text once, in the order of Prometheus."""
        return [VariableOption(text, self.shown(data, text)) for text in dict.fromkeys(self.texts(data))]


def lookup(query: str, range_: TimeRange) -> Lookup:
    """The request of a variable's query; any other PromQL is evaluated. SourceError for an empty one."""
    call = CALL.fullmatch(query)
    make = FUNCTIONS.get(call["name"]) if call else None
    if call is not None and make is not None:
        return make(call["argument"].strip(), range_)
    if not query.strip():
        raise SourceError(f"a variable asks {FORMS}")
    return _query_result(query.strip(), range_)


def takes_expression(query: str) -> bool:
    """Whether what stands in it is a regular expression and never PromQL."""
    call = CALL.fullmatch(query)
    return call is not None and call["name"] == "metrics"


def last_comma(text: str) -> int:
    """The place of the last comma that stands in no quotes; -1 where none does."""
    found, quote, escaped = -1, "", False
    for place, char in enumerate(text):
        if quote:
            escaped, was = char == "\\" and not escaped and quote != "`", escaped
            quote = "" if char == quote and not was else quote
        elif char in "\"'`":
            quote = char
        elif char == ",":
            found = place
    return found


def _label_values(argument: str, range_: TimeRange) -> Lookup:
    comma = last_comma(argument)
    match, label = (argument[:comma], argument[comma + 1 :]) if comma >= 0 else ("", argument)
    name = _name(label.strip())
    if not name:
        raise SourceError(f"label_values({argument}): {label.strip()!r} is not the name of a label")
    return Lookup(f"label/{quote(_in_path(name))}/values", _params(range_, _selector(match.strip())), _as_they_are)


def _name(text: str) -> str:
    """A label's name, in quotes or without; empty where it is none."""
    if QUOTED.fullmatch(text):
        return re.sub(r"\\(.)", r"\1", text[1:-1])
    return "" if NO_NAME.search(text) else text


def _in_path(name: str) -> str:
    """A label's name in a path: others than Prometheus 2 has are escaped.

    https://prometheus.io/docs/prometheus/latest/querying/api/#querying-label-values
    """
    if LABEL.fullmatch(name):
        return name
    return "U__" + "".join("__" if char == "_" else char if _is_plain(char) else f"_{ord(char):x}_" for char in name)


def _is_plain(char: str) -> bool:
    return char == ":" or (char.isascii() and char.isalnum())


def _selector(match: str) -> str:
    """What series have the label: a metric whose name holds other characters stands in braces and quotes."""
    if not match or METRIC.fullmatch(match) or NO_NAME.search(match):
        return match
    return f"{{{json.dumps(match, ensure_ascii=False)}}}"


def _label_names(argument: str, range_: TimeRange) -> Lookup:
    return Lookup("labels", _params(range_, argument), lambda names: (name for name in names if name != "__name__"))


def _metrics(argument: str, range_: TimeRange) -> Lookup:
    """Prometheus matches the expression, which it does in linear time whatever a person writes."""
    match = f"{{__name__=~{json.dumps(f'.*(?:{argument}).*', ensure_ascii=False)}}}" if argument else ""
    return Lookup("label/__name__/values", _params(range_, match), _as_they_are)


def _metadata(argument: str, range_: TimeRange) -> Lookup:
    """What targets say of their metrics; several may say it differently, of which the first counts."""
    return Lookup("metadata", {"metric": argument} if argument else {}, iter, _about)


def _about(data: Any, metric: str) -> str:
    first: Mapping[str, Any] = next(iter(data[metric]), {})
    return json.dumps({key: str(first.get(key, "")) for key in ("type", "help", "unit")}, ensure_ascii=False)


def _query_result(argument: str, range_: TimeRange) -> Lookup:
    return Lookup("query", {"query": argument, "time": f"{range_.to_ms / 1000:.3f}"}, _results)


def _series(argument: str, range_: TimeRange) -> Lookup:
    return Lookup("series", _params(range_, argument), lambda data: (labels_text(labels) for labels in data))


def _params(range_: TimeRange, match: str) -> Mapping[str, str]:
    times = {"start": f"{range_.from_ms / 1000:.3f}", "end": f"{range_.to_ms / 1000:.3f}"}
    return {**times, "match[]": match} if match else times


def _as_they_are(data: Any) -> Iterable[str]:
    return (str(value) for value in data)


def _results(data: Any) -> Iterable[str]:
    """`up{job="node"} 1 1700000000000`: the series, its value, its time in ms."""
    if data["resultType"] in ("scalar", "string"):
        return [str(data["result"][1])]
    return (
        f"{labels_text(one['metric'])} {one['value'][1]} {round(one['value'][0] * 1000)}"
        for one in data["result"]
        if "value" in one
    )


FUNCTIONS: Final[Mapping[str, Callable[[str, TimeRange], Lookup]]] = {
    "label_values": _label_values,
    "label_names": _label_names,
    "metadata": _metadata,
    "metrics": _metrics,
    "query_result": _query_result,
    "series": _series,
}
