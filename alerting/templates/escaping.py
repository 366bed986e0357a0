"""The functions of Go's templates that write values for a page, a script or an address."""

from __future__ import annotations

import html
import urllib.parse
from collections.abc import Sequence
from typing import Any

from .gofmt import sprint, text_of
from .record import Struct

OF_SCRIPTS = {"\\": "\\\\", "'": "\\'", '"': '\\"', "<": "\\u003C", ">": "\\u003E", "&": "\\u0026", "=": "\\u003D"}


def _said(values: Sequence[Any]) -> str:
    """What is escaped: the values as `print` writes them, but as they stand in a text where they are none."""
    return sprint(["<no value>" if one is None else text_of(one) if isinstance(one, Struct) else one for one in values])


def for_script(*values: Any) -> str:
    """`js`"""

    def escaped(one: str) -> str:
        shown = one >= " " and (one.isascii() or one.isprintable())
        return OF_SCRIPTS.get(one) or (one if shown else f"\\u{ord(one):04X}")

    return "".join(map(escaped, _said(values)))


def for_page(*values: Any) -> str:
    """`html`"""
    found = html.escape(_said(values)).replace("&quot;", "&#34;").replace("&#x27;", "&#39;")
    return found.replace("\0", "\ufffd")


def for_address(*values: Any) -> str:
    """`urlquery`"""
    return urllib.parse.quote_plus(_said(values))
