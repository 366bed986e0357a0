"""What a page may say to its private session, however it is written."""

from __future__ import annotations

import base64
import gzip
import json
from collections.abc import Sequence
from typing import Any

import pytest

from heliograph.app.private.said import PageSaid
from heliograph.errors import MalformedError

HEADER = {"msgid": "1", "msgtype": "PATCH-DOC"}
VALUE = {"kind": "ModelChanged", "model": {"id": "p1"}, "attr": "value", "new": "up"}
# Models that the server has sent a moment ago are written down whole once.
SENT = {**VALUE, "model": {"type": "object", "name": "Figure", "id": "p9", "attributes": {}}}
PRESSED = {
    "kind": "MessageSent",
    "msg_type": "bokeh_event",
    "msg_data": {
        "type": "event",
        "name": "button_click",
        "values": {"type": "map", "entries": [["model", {"id": "p1"}]]},
    },
}


def patch(*events: Any) -> list[str]:
    return [json.dumps(one) for one in (HEADER, {}, {"events": list(events)})]


def check(parts: Sequence[str | bytes]) -> None:
    said = PageSaid()
    for part in parts:
        said.check(part)


def test_a_page_changes_what_there_is_and_asks_for_its_document() -> None:
    pull = [json.dumps({"msgid": "1", "msgtype": "PULL-DOC-REQ"}), "{}", "{}"]
    counted = json.dumps({**HEADER, "num_buffers": 1})
    check(
        [
            *pull,
            *patch(VALUE, PRESSED, SENT, {**VALUE, "new": PLAIN}, {**VALUE, "new": PACKED}),
            *patch(),
            counted,
            "{}",
            '{"events": []}',
            '{"id": "b"}',
            b"1",
            *pull,
        ]
    )


ADDED = {"kind": "RootAdded", "model": {"id": "p1"}}
GROWN = {"type": "ndarray", "array": ["x"], "dtype": "U400000000", "shape": [1], "order": "little"}
LISTED = {"type": "ndarray", "array": ["x"], "dtype": [["a", "U400000000"]], "shape": [1], "order": "little"}
WITHIN = {"type": "map", "entries": [["a", [GROWN]]]}
BOMB = {"type": "bytes", "data": base64.b64encode(gzip.compress(bytes(8 * 2**20))).decode()}
TWICE = {"type": "bytes", "data": base64.b64encode(gzip.compress(b"a") + gzip.compress(bytes(8 * 2**20))).decode()}
PACKED = {"type": "bytes", "data": base64.b64encode(gzip.compress(bytes(1000))).decode()}
HALF = {"type": "bytes", "data": base64.b64encode(gzip.compress(bytes(3 * 2**20))).decode()}
PLAIN = {"type": "ndarray", "array": [1, 2], "dtype": "int32", "shape": [2], "order": "little"}
HOSTILE: dict[str, Sequence[str | bytes]] = {
    "has an item of gigabytes": patch({**VALUE, "new": GROWN}),
    "unpacks to megabytes": patch({**VALUE, "new": {"type": "ndarray", "array": BOMB, "dtype": "uint8"}}),
    "unpacks to them behind another stream": patch({**VALUE, "new": TWICE}),
    "unpacks to them together": patch({**VALUE, "new": HALF}, {**VALUE, "new": [HALF]}),
    "is not packed": patch({**VALUE, "new": {"type": "bytes", "data": "AAAA"}}),
    "has it within another value": patch({**VALUE, "new": WITHIN}),
    "has it under a name": patch({**VALUE, "new": LISTED}),
    "has it in a column": patch({"kind": "ColumnDataChanged", "model": {"id": "p1"}, "data": {"a": GROWN}}),
    "adds a root": patch(VALUE, ADDED),
    "adds a root in other letters": [*patch()[:2], r'{"events": [{"k\u0069nd": "Root\u0041dded"}]}'],
    "says it twice": [*patch()[:2], '{"events": [{"kind": "ModelChanged", "kind": "RootAdded"}]}'],
    "pushes a document": [json.dumps({"msgid": "1", "msgtype": "PUSH-DOC"})],
    "hides something in a header": [json.dumps({**HEADER, "events": [ADDED]})],
    "hides something in metadata": [json.dumps(HEADER), json.dumps({"msgid": "1", "msgtype": "PATCH-DOC"})],
    "hides something in a buffer's header": [json.dumps({**HEADER, "num_buffers": 1}), "{}", "{}", '{"id": 1, "x": 2}'],
    "says more buffers than it has": [json.dumps({**HEADER, "num_buffers": 1}), "{}", "{}", '{"id": 1}', "text"],
    "has endless buffers": [json.dumps({**HEADER, "num_buffers": 10**9})],
    "has no number of buffers": [json.dumps({**HEADER, "num_buffers": True})],
    "begins with bytes": [b"{}"],
    "is deep": [*patch()[:2], '{"events": ' + "[" * 60_000],
    "is no JSON": ["{"],
    "is a list": ["[]"],
    "has events that are none": [*patch()[:2], '{"events": [1]}'],
}


@pytest.mark.parametrize("name", HOSTILE)
def test_whatever_adds_or_is_not_looked_at_is_refused(name: str) -> None:
    with pytest.raises(MalformedError):
        check(HOSTILE[name])
