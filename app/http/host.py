"""By which names this server may be asked, and whose pages act with its cookies.

A page of another site whose name is made to point here (DNS rebinding) asks with that name in `Host`: whatever name
is not ours is refused, before anything is read or answered.
"""

from __future__ import annotations

import re
import socket
from collections.abc import Iterable
from functools import lru_cache
from urllib.parse import urlsplit

from tornado import httputil

from ..auth.addresses import address_of

HOST = re.compile(r"(\[[0-9a-f:.]{2,45}\]|[a-z0-9_](?:[a-z0-9._-]{0,251}[a-z0-9_])?)\.?(?::[0-9]{1,5})?", re.ASCII)
MAX_REMEMBERED = 1024
WILDCARDS = ("0.0.0.0", "::", "")  # noqa: S104 - what an operator may write for all addresses


class Hosts:
    """The names that a request may be for; ports are not looked at.

    Always: this machine's own name, loopback, the address that is bound (any address where all are), the name in
    `public_url`. Others as the operator lists them: a name, or `.example.org` for all below it.
    """

    def __init__(self, bound: str, public_url: str, listed: Iterable[str]) -> None:
        names = {"localhost", socket.gethostname().lower(), bound.lower(), urlsplit(public_url).hostname or ""}
        wanted = [name.lower() for name in listed]
        self._names = frozenset({*names, *(name for name in wanted if not name.startswith("."))} - {""})
        self._endings = tuple(name for name in wanted if name.startswith("."))
        self._any_address = bound in WILDCARDS
        self.allow = lru_cache(MAX_REMEMBERED)(self._allow)

    def _allow(self, host: str) -> bool:
        """Whether a `Host` header is one of ours; a text that is no host is not."""
        found = HOST.fullmatch(host.lower())
        if found is None:
            return False
        name = found[1].strip("[]")
        if name in self._names or (self._endings and name.endswith(self._endings)):
            return True
        address = address_of(name)
        return address is not None and (address.is_loopback or self._any_address or str(address) in self._names)


def origin_is_ours(request: httputil.HTTPServerRequest, origin: str, public_url: str) -> bool:
    """Whether a page of that origin is one of ours: the public URL's, else that of the host asked.

    A page that came over plain HTTP is not ours where we are served over TLS: anybody on the way may have written it.
    """
    try:
        theirs = urlsplit(origin)
    except ValueError:
        return False
    ours = urlsplit(public_url or f"{request.protocol}://{request.host}")
    if theirs.scheme not in ("http", "https") or (ours.scheme == "https" and theirs.scheme != "https"):
        return False
    if public_url and theirs.scheme != ours.scheme:
        return False
    return host_of(theirs.netloc, theirs.scheme) == host_of(ours.netloc, theirs.scheme)


def host_of(netloc: str, scheme: str) -> str:
    """`Example.org:443` of https is `example.org`: browsers leave out the port that the scheme has anyway."""
    return netloc.lower().removesuffix({"https": ":443", "http": ":80"}.get(scheme, ""))
