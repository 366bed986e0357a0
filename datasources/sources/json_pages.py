"""The requests that a query of a JSON API makes: the first one, and those of the pages that follow it."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any, Final
from urllib.parse import quote, unquote, urlencode

import httpx

from ...errors import InvalidError, SourceError
from .http import HEADER, Reply
from .jmes import Counted, path_of
from .json_formats import ACCEPTED, Digits
from .json_query import JsonQuery, Pages

PATH_SAFE: Final = "/%:@!$&'()*+,;=-._~"
DOTS: Final = frozenset({".", ".."})
SLASHES: Final = re.compile(r"[/\\]")
MOST_DECODED: Final = 5  # times that what is encoded may be encoded again
Pair = tuple[str, str]


@dataclass(frozen=True, slots=True)
class Request:
    """What is sent: a path below the source's URL, its arguments, headers and body."""

    method: str
    path: str
    params: tuple[Pair, ...] = ()
    headers: Mapping[str, str] = field(default_factory=dict)
    content: bytes | None = None

    @property
    def target(self) -> str:
        """Path and arguments, as they are sent."""
        return f"{self.path}?{urlencode(self.params)}" if self.params else self.path

    @property
    def shown(self) -> str:
        """What a person reads of it."""
        body = f"\n{self.content.decode()}" if self.content is not None else ""
        return f"{self.method} /{self.target}{body}"

    def but(self, name: str, value: str) -> Request:
        """The same with one argument set."""
        return replace(self, params=(*(pair for pair in self.params if pair[0] != name), (name, value)))


def first_request(query: JsonQuery) -> Request:
    """InvalidError where a value cannot stand where it was put."""
    path, _, arguments = query.path.partition("?")
    content = None
    headers = {"Accept": ACCEPTED[query.format], **query.headers}
    for name, value in query.headers.items():
        if HEADER.fullmatch(name) is None or not (value.isascii() and (value.isprintable() or not value)):
            raise InvalidError(f"the header {name!r} cannot be set to that", path=f"$.query.headers.{name}")
    if query.body is not None:
        content = json.dumps(query.body, ensure_ascii=False).encode()
        headers.setdefault("Content-Type", "application/json")
    given = httpx.QueryParams(quote(arguments, safe=PATH_SAFE + "?"))
    params = [*given.multi_items(), *_pairs(query.params)]
    request = Request(query.method, _path(path), tuple(params), headers, content)
    pages = query.pages
    if pages is not None and (pages.offset or pages.page):
        return request.but(pages.offset or pages.page, str(_start(pages)))
    return request


def _path(path: str) -> str:
    """The path without what would lead upwards, encoded where it is not."""
    below = path.lstrip("/")
    if _leads_up(below):
        raise InvalidError("a path does not lead upwards: . and .. are no parts of it", path="$.query.path")
    return quote(below, safe=PATH_SAFE)


def _leads_up(path: str) -> bool:
    """Whether a server could read it so: some decode twice, take `%2f` and `\\` for slashes, and leave off `;x`."""
    for _ in range(MOST_DECODED):
        decoded = unquote(path)
        if any(part.partition(";")[0].strip() in DOTS for part in SLASHES.split(decoded)) or "\\" in decoded:
            return True
        if decoded == path:
            return False
        path = decoded
    return True


def _pairs(params: Mapping[str, Any]) -> Sequence[Pair]:
    return [
        (name, _shown(one))
        for name, value in params.items()
        for one in (value if isinstance(value, list) else [value])
        if one is not None
    ]


def _shown(value: Any) -> str:
    return str(value).lower() if isinstance(value, bool) else str(value)


def _start(pages: Pages) -> int:
    return pages.start if pages.start is not None else (1 if pages.page else 0)


@dataclass(frozen=True, slots=True)
class Page:
    """One page that came: its document, its rows, how many pages came so far, and the reply itself."""

    document: Any
    rows: Sequence[Any]
    number: int
    reply: Reply


def next_request(asked: Request, pages: Pages, page: Page, base: httpx.URL, counted: Counted) -> Request | None:
    """The request for the page that follows; None behind the last one."""
    if pages.next:
        return _told(asked, pages, path_of(pages.next, "$.query.pages.next").search(page.document, counted), base)
    if pages.link:
        link = httpx.Response(200, headers=page.reply.headers).links.get("next", {}).get("url")
        return _told(asked, pages, link, base)
    if not page.rows or len(page.rows) < pages.size:
        return None
    step = pages.size if pages.offset else 1
    return asked.but(pages.offset or pages.page, str(_start(pages) + step * page.number))


def _told(asked: Request, pages: Pages, told: Any, base: httpx.URL) -> Request | None:
    """The request that a link or a cursor of an answer leads to."""
    if told is None or told is False or told == "":
        return None
    if not isinstance(told, (str, int, float)):
        raise SourceError("what pages.next finds is neither a link nor a cursor")
    text = told.text if isinstance(told, Digits) else str(told)
    if pages.cursor:
        return asked.but(pages.cursor, text)
    return replace(asked, path=_below(base, asked, text), params=_arguments(text))


def _below(base: httpx.URL, asked: Request, link: str) -> str:
    """A link of an answer as a path below the source's URL; SourceError where it leads elsewhere."""
    try:
        target = base.copy_with(raw_path=base.raw_path + asked.path.encode()).join(link)
    except (httpx.InvalidURL, ValueError):
        raise SourceError("the link of the next page cannot be read") from None
    root = base.raw_path.decode()
    path = target.raw_path.decode().partition("?")[0]
    origin = (target.scheme, target.host, target.port)
    if origin != (base.scheme, base.host, base.port) or target.userinfo or not path.startswith(root):
        raise SourceError(f"the next page is said to be at {_named(target)}, which is not below the source's URL")
    return _path(path.removeprefix(root))


def _arguments(link: str) -> tuple[Pair, ...]:
    arguments = link.partition("#")[0].partition("?")[2]
    return tuple(httpx.QueryParams(arguments).multi_items())


def _named(target: httpx.URL) -> str:
    return re.sub(r"[^\x21-\x7e]", "", str(target.copy_with(query=None, fragment=None, userinfo=b"")))[:200]
