"""Pages with holes: rendered and compressed once, filled for each viewer with what is theirs."""

from __future__ import annotations

import re
import secrets
import struct
import zlib
from collections.abc import Callable, Hashable, Mapping
from typing import TYPE_CHECKING, Any
from weakref import WeakKeyDictionary

from markupsafe import Markup

if TYPE_CHECKING:
    from ..live.view import View

HEAD = b"\x1f\x8b\x08\x00\x00\x00\x00\x00\x00\xff"  # of gzip: no name, no time (RFC 1952)
END = b"\x01\x00\x00\xff\xff"  # an empty last block
MAX_STORED = 65_535
MAX_VARIANTS = 16  # of the page of one view
# Nobody who writes into a page can know the mark of a hole.
MARK = f"hole-{secrets.token_hex(16)}-"


def hole(name: str) -> Markup:
    """What a template writes where each viewer's own text will stand."""
    return Markup(f"{MARK}{name};")  # noqa: S704 - a name of ours


class PageWithHoles:
    """A rendered page. Its fixed parts are deflated once; a filling goes between them as it is."""

    def __init__(self, text: str) -> None:
        # Fixed parts and the names of holes in turn.
        pieces = re.split(f"{MARK}([a-z_]+);", text)
        self._fixed = [piece.encode() for piece in pieces[::2]]
        self._names = pieces[1::2]
        self._deflated = [deflated(piece) for piece in self._fixed]

    def plain(self, values: Mapping[str, str]) -> bytes:
        """The page with its holes filled."""
        pieces = [self._fixed[0]]
        for name, fixed in zip(self._names, self._fixed[1:], strict=True):
            pieces += [values[name].encode(), fixed]
        return b"".join(pieces)

    def gzipped(self, values: Mapping[str, str]) -> bytes:
        """The same as one gzip member: fillings are stored blocks between the deflated ones (RFC 1951, 3.2.4)."""
        plain = self.plain(values)
        pieces = [HEAD, self._deflated[0]]
        for name, deflated_part in zip(self._names, self._deflated[1:], strict=True):
            pieces += [stored(values[name].encode()), deflated_part]
        return b"".join([*pieces, END, struct.pack("<II", zlib.crc32(plain), len(plain) & 0xFFFFFFFF)])


def deflated(data: bytes) -> bytes:
    """A piece that looks back at nothing before it and ends at a byte's edge."""
    compressor = zlib.compressobj(9, zlib.DEFLATED, -zlib.MAX_WBITS)
    return compressor.compress(data) + compressor.flush(zlib.Z_FULL_FLUSH)


def stored(data: bytes) -> bytes:
    """Blocks of bytes as they are."""
    pieces = []
    for start in range(0, len(data), MAX_STORED):
        piece = data[start : start + MAX_STORED]
        pieces += [struct.pack("<BHH", 0, len(piece), len(piece) ^ 0xFFFF), piece]
    return b"".join(pieces)


class KeptPages:
    """The pages of live views, each for as long as the view lives and its variables have the same options."""

    def __init__(self) -> None:
        self._kept: WeakKeyDictionary[View, dict[Hashable, tuple[Any, PageWithHoles]]] = WeakKeyDictionary()

    def get(self, view: View, variant: Hashable, render: Callable[[], str]) -> PageWithHoles:
        """The page of a view in one of its variants, rendered where it is not at hand."""
        variants = self._kept.setdefault(view, {})
        found = variants.get(variant)
        if found is None or found[0] is not view.variables:
            if len(variants) >= MAX_VARIANTS:
                variants.clear()
            found = variants[variant] = (view.variables, PageWithHoles(render()))
        return found[1]
