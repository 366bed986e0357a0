"""Bytes packed by gzip for those who take it: by ISA-L, which takes a fifth of what zlib does for the same size."""

from __future__ import annotations

from isal import isal_zlib

GZIP_WBITS = 31  # zlib's way to say: gzip
LEVEL = 2


def gzipped(data: bytes) -> bytes:
    """The bytes as one gzip member. About 5 MB in ten milliseconds."""
    return isal_zlib.compress(data, LEVEL, GZIP_WBITS)
