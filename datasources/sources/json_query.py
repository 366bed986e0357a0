"""What a JSON API is asked: the declaration of a query, and how values of variables come into it.

Each part writes values in its own way, whatever format is asked for: a path as percent-encoded text, parameters as
arguments, headers as plain text, a body as values of JSON. So a value stays where it was put.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from typing import Any, Final, Literal

from pydantic import Field, ValidationError, field_validator, model_validator

from ...declared import Spec, hint
from ...errors import InvalidError
from ...faults import said
from ..variables.chosen import Macro, Values, as_list, is_single
from ..variables.interpolation import Variables, interpolate, whole_reference
from .http import OWN_HEADERS
from .json_columns import Picked
from .json_formats import Format

CREDENTIALS: Final = frozenset({"authorization", "cookie", "proxy-authorization"})
Argument = str | int | float | bool
MAX_TEXT: Final = 8000
MAX_PAGES: Final = 100
Writer = Callable[[Any, Variables], Any]


class Pages(Spec):
    """How the next page is asked for: by what the answer says (`next`, `link`), by an `offset`, or by a `page`."""

    next: str = Field("", description="JMESPath in the answer: the link of the next page, or with `cursor` its cursor.")
    cursor: str = Field("", max_length=200, description="The argument that takes what `next` finds.")
    link: bool = Field(False, description="The next page is the answer's header `Link` with `rel=next`.")
    offset: str = Field("", max_length=200, description="The argument that counts rows.")
    page: str = Field("", max_length=200, description="The argument that counts pages.")
    start: int | None = Field(None, ge=0, description="Where `offset` (0) or `page` (1) begins.")
    size: int = Field(0, ge=0, le=100_000, description="Rows of a page; one with fewer is the last.")
    limit: int = Field(10, ge=1, le=MAX_PAGES, description="No more pages than these.")

    @model_validator(mode="after")
    def one_way(self) -> Pages:
        if sum(map(bool, (self.next, self.link, self.offset, self.page))) != 1:
            raise ValueError("pages are told by one of next, link, offset and page")
        if self.offset and not self.size:
            raise ValueError("an offset needs the size of a page")
        return self


class JsonQuery(Spec):
    """One question to a JSON API: what is asked for, and what of the answer is wanted."""

    path: str = Field(
        "", max_length=MAX_TEXT, description="What is asked for, below the address of the source: `/orders`."
    )
    method: Literal["GET", "POST"] = Field("GET", description="How it is asked.")
    params: dict[str, Argument | list[Argument] | None] = Field(
        default_factory=dict, max_length=100, title="Arguments", description="Arguments of the address."
    )
    headers: dict[str, str] = Field(default_factory=dict, max_length=50, description="Headers of the request.")
    body: Any = Field(None, description="What is sent by POST.", json_schema_extra=hint("json"))
    format: Format = Field("json", description="What the answer is written in.")
    rows: str = Field("", description="Where its rows stand, as JMESPath: `items[]`; empty: the answer itself.")
    fields: dict[str, Picked] = Field(
        default_factory=dict,
        max_length=500,
        title="Columns",
        description="The columns by their names, each with its JMESPath in a row; empty: all that there is.",
    )
    pages: Pages | None = Field(None, description="How the next page is asked for; empty: there is one.")

    @field_validator("fields", mode="before")
    @classmethod
    def short(cls, value: Any) -> Any:
        """A text is short for the path alone."""
        if not isinstance(value, Mapping):
            return value
        return {name: {"path": one} if isinstance(one, str) else one for name, one in value.items()}

    @field_validator("headers")
    @classmethod
    def plain(cls, value: dict[str, str]) -> dict[str, str]:
        for name in value:
            if name.lower() in CREDENTIALS | OWN_HEADERS:
                raise ValueError(f"{name} is set by the source: who asks stands in its configuration")
        return value

    @model_validator(mode="after")
    def posted(self) -> JsonQuery:
        if self.body is not None and self.method == "GET":
            raise ValueError("a body is sent by POST")
        return self


def parse(query: str | Mapping[str, Any]) -> JsonQuery:
    """The query of a document or of its text; InvalidError with the path of what is wrong."""
    try:
        return JsonQuery.model_validate(dict(document(query)))
    except ValidationError as error:
        fault = error.errors(include_url=False, include_input=False)[0]
        where = ".".join(str(part) for part in fault["loc"])
        detail = f"{where}: {said(fault)}" if where else said(fault)
        raise InvalidError(detail, path=f"$.query.{where}".rstrip(".")) from None


def document(query: str | Mapping[str, Any]) -> Mapping[str, Any]:
    """A query as a mapping; InvalidError for a text that is no JSON object."""
    if isinstance(query, Mapping):
        return query
    try:
        found = json.loads(query)
    except (ValueError, RecursionError):
        found = None
    if not isinstance(found, dict):
        raise InvalidError('the query is a JSON object such as {"path": "/orders"}', path="$.query")
    return found


def filled(query: str | Mapping[str, Any], variables: Variables) -> Mapping[str, Any]:
    """The query with values in it; what is no place for values stays as it was written."""
    return {key: WRITERS[key](value, variables) if key in WRITERS else value for key, value in document(query).items()}


def _in_path(value: Any, variables: Variables) -> Any:
    return interpolate(value, variables, "path") if isinstance(value, str) else value


def _in_arguments(value: Any, variables: Variables) -> Any:
    if not isinstance(value, Mapping):
        return value
    return {name: _argument(one, variables) for name, one in value.items()}


def _argument(value: Any, variables: Variables) -> Any:
    if isinstance(value, list):
        return [one for item in value for one in _several(_argument(item, variables))]
    if not isinstance(value, str):
        return value
    whole = whole_reference(value, variables)
    if whole is None:
        return interpolate(value, variables, "text")
    texts = as_list(whole)
    return texts[0] if len(texts) == 1 else texts


def _several(value: Any) -> Sequence[Any]:
    return value if isinstance(value, list) else [value]


def _in_headers(value: Any, variables: Variables) -> Any:
    if not isinstance(value, Mapping):
        return value
    return {name: interpolate(one, variables, "text") if isinstance(one, str) else one for name, one in value.items()}


def _in_body(value: Any, variables: Variables) -> Any:
    if isinstance(value, Mapping):
        return {key: _in_body(item, variables) for key, item in value.items()}
    if isinstance(value, list):
        return [_in_body(item, variables) for item in value]
    if not isinstance(value, str):
        return value
    whole = whole_reference(value, variables)
    return interpolate(value, variables, "text") if whole is None else _value(whole)


def _value(values: Values) -> Any:
    """Values as JSON has them: one as a text, several as a list, what the server computes as the number it is."""
    texts = [int(text) if isinstance(text, Macro) and text.isdecimal() else str(text) for text in as_list(values)]
    return texts[0] if is_single(values) and texts else texts


WRITERS: Final[Mapping[str, Writer]] = {
    "path": _in_path,
    "params": _in_arguments,
    "headers": _in_headers,
    "body": _in_body,
}
