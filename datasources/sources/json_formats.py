"""The formats in which APIs answer, read into documents: JSON, lines of JSON, CSV, XML. Digits stay what they are."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Callable, Mapping
from typing import Any, Final, Literal
from xml.etree.ElementTree import Element, ParseError

from defusedxml import ElementTree
from defusedxml.common import DefusedXmlException

from ...errors import SourceError
from ...unpaired import from_json
from .reading import Stopped, Watch, check_marks, never

Format = Literal["json", "ndjson", "csv", "xml"]
MAX_DIGITS: Final = 1000  # of a number
MAX_DEPTH: Final = 200
MAX_CELL: Final = 16 * 2**20
MAX_TAG: Final = 2**20  # a tag is read in one piece, attributes and all, while nothing else runs
PIECE: Final = 2**18  # bytes of XML that are read between two looks at whether to stop


class Digits(float):
    """A number whose text holds more than its float does."""

    __slots__ = ("text",)
    text: str


# JMESPath tells the types of values by these names: to its functions it is a number.
Digits.__name__ = "float"


def number(text: str) -> float:
    """A number of a document: a float, with its text where that is another number."""
    if len(text) > MAX_DIGITS:
        raise ValueError(f"a number has more than {MAX_DIGITS} digits")
    found = Digits(text)
    if _same(repr(float(found)), text):
        return float(found)
    found.text = text
    return found


def whole(text: str) -> int:
    """A whole number of JSON; ValueError where it has more digits than are read in linear time."""
    if len(text) > MAX_DIGITS:
        raise ValueError(f"a number has more than {MAX_DIGITS} digits")
    return int(text)


def _same(shown: str, text: str) -> bool:
    """Whether two texts are one number; what is written alike is told first, as most are."""
    return shown == text or _plain(shown) == _plain(text)


def _plain(text: str) -> tuple[str, int]:
    """The digits of a number without zeros at either end, and where its point stands."""
    mantissa, _, exponent = text.lower().partition("e")
    sign = "-" if mantissa.startswith("-") else ""
    before, _, after = mantissa.lstrip("+-").partition(".")
    digits = (before + after).lstrip("0")
    kept = digits.rstrip("0")
    return (sign + kept, int(exponent or 0) - len(after) + len(digits) - len(kept)) if kept else ("0", 0)


def read_json(body: bytes, stopped: Stopped = never) -> Any:
    """A document with the digits of its numbers kept; ValueError, StoppedError, SourceError where it is too much."""
    check_marks(body, b"[{", b",")
    return _json(body, Watch(stopped))


def _json(body: bytes, watch: Watch) -> Any:
    return from_json(
        body, parse_float=watch.counting(number), parse_int=watch.counting(whole), object_hook=watch.counting(_as_it_is)
    )


def _as_it_is(found: Any) -> Any:
    return found


def read_lines(body: bytes, stopped: Stopped = never) -> list[Any]:
    """One document a line; empty lines are none."""
    check_marks(body, b"[{", b",\n")
    watch = Watch(stopped)
    return [_json(line, watch) for line in watch.over(io.BytesIO(body)) if line.strip()]


def read_csv(body: bytes, stopped: Stopped = never) -> list[Mapping[str, Any]]:
    """Rows by the names of the first line; what is empty or missing is None."""
    text = body.decode("utf-8-sig")
    delimiter = max(",;\t|", key=text.partition("\n")[0].count)
    csv.field_size_limit(MAX_CELL)
    rows = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, strict=True)
    found: list[Mapping[str, Any]] = []
    watch = Watch(stopped)
    try:
        names = next(rows, [])
        for row in rows:
            watch.count(len(names) + 1)  # a short row has them all
            if row:
                cells = row + [""] * (len(names) - len(row))
                found.append({name: cell or None for name, cell in zip(names, cells, strict=False)})
    except csv.Error as error:
        raise SourceError(f"the answer is no CSV: {error}") from None
    return found


def read_xml(body: bytes, stopped: Stopped = never) -> Any:
    """The root element as a document. Document types, which may hold entities without end, are refused."""
    check_marks(body, b"<", b"=")
    if max(map(len, body.split(b"<"))) > MAX_TAG:
        raise SourceError(f"a tag of the answer, or a text, is longer than {MAX_TAG} bytes")
    watch = Watch(stopped)
    parser = ElementTree.DefusedXMLParser(forbid_dtd=True)
    try:
        for start in range(0, len(body), PIECE):
            watch.look()
            parser.feed(body[start : start + PIECE])
        root = parser.close()
    except (ParseError, LookupError) as error:  # an encoding that nobody knows
        raise SourceError(f"the answer is no XML: {error}") from None
    except DefusedXmlException:
        raise SourceError("XML with a document type is not read") from None
    return _document(root, 0, watch)


def _document(element: Element, depth: int, watch: Watch) -> Any:
    """An element's attributes and elements by name, several of one name as a list; its text where it has neither."""
    if depth > MAX_DEPTH:
        raise SourceError(f"the answer is nested deeper than {MAX_DEPTH}")
    watch.count(1 + len(element.attrib))
    text = (element.text or "").strip()
    found: dict[str, Any] = {_local(name): value for name, value in element.attrib.items()}
    children: dict[str, list[Any]] = {}
    for child in element:
        children.setdefault(_local(child.tag), []).append(_document(child, depth + 1, watch))
    found.update({name: several if len(several) > 1 else several[0] for name, several in children.items()})
    if not found:
        return text or None
    return {**found, "text": text} if text and "text" not in found else found


def _local(name: str) -> str:
    return name.rpartition("}")[2]


READERS: Final[Mapping[Format, Callable[[bytes, Stopped], Any]]] = {
    "json": read_json,
    "ndjson": read_lines,
    "csv": read_csv,
    "xml": read_xml,
}
TYPED: Final = frozenset({"json", "ndjson"})  # formats in which a number is no text
ACCEPTED: Final[Mapping[Format, str]] = {
    "json": "application/json",
    "ndjson": "application/x-ndjson, application/json",
    "csv": "text/csv",
    "xml": "application/xml, text/xml",
}


def written(value: Any) -> str:
    """A value inside of a row as text: JSON, with the digits that it came with."""
    if isinstance(value, dict):
        pairs = (f"{json.dumps(key, ensure_ascii=False)}: {written(one)}" for key, one in value.items())
        return "{" + ", ".join(pairs) + "}"
    if isinstance(value, list):
        return "[" + ", ".join(map(written, value)) + "]"
    return value.text if isinstance(value, Digits) else json.dumps(value, ensure_ascii=False)
