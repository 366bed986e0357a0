"""Bodies of requests: how large they may be, and how their JSON is read."""

from __future__ import annotations

import asyncio
from typing import Any, Final

from ...errors import InvalidError, MalformedError, TooLargeError
from ..http.strict_json import from_strict
from ..http.texts import check_texts

MAX_BODY: Final = 64 * 2**10  # bytes, of routes that say no other limit
MAX_DOCUMENT: Final = 8 * 2**20  # bytes, of dashboards and whatever else is a document
LARGE: Final = 64 * 2**10  # bytes from which on a body is read off the loop
MAX_DEPTH: Final = 100
MAX_NAMES: Final = 40_000


async def read_json(body: bytes, most: int) -> dict[str, Any]:
    """The JSON object of a body of at most `most` bytes.

    TooLargeError for a longer one; MalformedError where it is no JSON or nested too deep; InvalidError where it is no
    object, names too much or has a text that nobody can keep.
    """
    if len(body) > most:
        raise TooLargeError(f"a body here has at most {most // 1024} KB")
    return await asyncio.to_thread(parse_json, body) if len(body) > LARGE else parse_json(body)


def read_text(body: bytes, most: int) -> str:
    """A body that is a text of at most `most` bytes; TooLargeError, MalformedError where it is no UTF-8."""
    if len(body) > most:
        raise TooLargeError(f"a body here has at most {most // 1024} KB")
    try:
        text = body.decode()
    except UnicodeDecodeError:
        raise MalformedError("the body is not UTF-8") from None
    check_texts({"body": text})
    return text


def parse_json(body: bytes) -> dict[str, Any]:
    """The JSON object of a body."""
    try:
        document = from_strict(body.decode())
    except RecursionError:
        raise MalformedError(f"the body is nested deeper than {MAX_DEPTH}") from None
    except (UnicodeDecodeError, ValueError) as error:
        raise MalformedError(f"the body is not JSON: {str(error)[:300]}") from None
    if not isinstance(document, dict):
        raise InvalidError("the body is a JSON object", path="$")
    if body.count(b"[") + body.count(b"{") > MAX_DEPTH or body.count(b":") > MAX_NAMES:
        check_shape(document)
    if b"\\u" in body:  # no other way to write such a character is JSON
        check_texts(document)
    return document


def check_shape(document: Any) -> None:
    """MalformedError for a document that is nested too deep, InvalidError for one that names too much."""
    level, names = [document], 0
    for _ in range(MAX_DEPTH):
        below: list[Any] = []
        for one in level:
            if isinstance(one, dict):
                names += len(one)
                below += [value for value in one.values() if isinstance(value, (dict, list))]
            else:
                below += [value for value in one if isinstance(value, (dict, list))]
        if names > MAX_NAMES:
            raise InvalidError(f"the body has more than {MAX_NAMES} names", path="$")
        level = below
    if level:
        raise MalformedError(f"the body is nested deeper than {MAX_DEPTH}")
