"""Pages with holes: rendered and compressed once, filled for each viewer with what is theirs."""

from __future__ import annotations

import re
import secrets
import struct
import zlib
from collections.abc import Callable, Hashable, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any
from weakref import WeakKeyDictionary

from isal import isal_zlib
from markupsafe import Markup

from ..http.packing import LEVEL

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


@dataclass(frozen=True, slots=True)
class Fixed:
    """A part of a page that is the same for all, also as a piece of a gzip member."""

    plain: bytes
    deflated: bytes


class PageWithHoles:
    """A rendered page. Its fixed parts are deflated once; a filling goes between them as it is."""

    def __init__(self, pieces: Sequence[Fixed | str]) -> None:
        """Fixed parts, and the names of the holes between them."""
        self._pieces = pieces

    @classmethod
    def of(cls, text: str) -> PageWithHoles:
        """A page as a template wrote it."""
        pieces = re.split(f"{MARK}([a-z_]+);", text)
        return cls([name if number % 2 else fixed(name) for number, name in enumerate(pieces)])

    def filled(self, values: Mapping[str, str]) -> PageWithHoles:
        """The page with some of its holes filled for good."""
        return PageWithHoles(
            [fixed(values[one]) if isinstance(one, str) and one in values else one for one in self._pieces]
        )

    def plain(self, values: Mapping[str, str]) -> bytes:
        """The page with its holes filled."""
        return b"".join([values[one].encode() if isinstance(one, str) else one.plain for one in self._pieces])

    def gzipped(self, values: Mapping[str, str]) -> bytes:
        """The same as one gzip member: fillings are stored blocks between the deflated ones (RFC 1951, 3.2.4)."""
        pieces = [stored(values[one].encode()) if isinstance(one, str) else one.deflated for one in self._pieces]
        plain = self.plain(values)
        return b"".join([HEAD, *pieces, END, struct.pack("<II", zlib.crc32(plain), len(plain) & 0xFFFFFFFF)])


def fixed(text: str) -> Fixed:
    """A text that stands the same in all pages, deflated once."""
    data = text.encode()
    return Fixed(data, deflated(data))


def deflated(data: bytes) -> bytes:
    """A piece that looks back at nothing before it and ends at a byte's edge."""
    compressor = isal_zlib.compressobj(LEVEL, isal_zlib.DEFLATED, -isal_zlib.MAX_WBITS)
    return compressor.compress(data) + compressor.flush(isal_zlib.Z_FULL_FLUSH)


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

    def get(self, view: View, variant: Hashable, make: Callable[[], PageWithHoles]) -> PageWithHoles:
        """The page of a view in one of its variants, made where it is not at hand."""
        variants = self._kept.setdefault(view, {})
        found = variants.get(variant)
        if found is None or found[0] is not view.variables:
            if len(variants) >= MAX_VARIANTS:
                variants.clear()
            found = variants[variant] = (view.variables, make())
        return found[1]
