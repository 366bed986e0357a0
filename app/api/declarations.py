"""`/declarations`: all that people declare in JSON, with titles, help and bounds: what forms are made of."""

from __future__ import annotations

import asyncio
from typing import Annotated, Any

from pydantic import Field

from ...components.declarations import declarations
from ...datasources.transform.registry import TRANSFORMATIONS
from ...scope import Role
from ..http.encoded import Encoded
from ..http.strict_json import strict_json
from .routing import Reply, Request, Route, Routes
from .shapes import Shape

GOOD_S = 3600.0  # it changes with the build alone
Schema = Annotated[dict[str, Any], Field(description="JSON schema; its references are to `$defs`.")]


class Choice(Shape):
    """One of a list that fields name."""

    value: str
    title: str
    group: str
    css: Annotated[str, Field(description="Of a colour, in both themes.")] = ""


class PanelDeclaration(Shape):
    """A panel type, with the schema of its options."""

    type: str
    title: str
    options: Schema = Field(alias="schema")
    needs: Annotated[list[str], Field(description="The kinds of column without which it draws nothing.")]
    asks: Annotated[bool, Field(description="Whether its targets are asked.")]
    per_field: Annotated[list[str], Field(description="The options that overrides may set.")]


class SourceDeclaration(Shape):
    """A kind of data source, with the schemas of what it is asked."""

    kind: str
    aliases: list[str]
    title: str
    language: str
    example: str
    built_in: bool
    has_tables: Annotated[bool, Field(description="Variables may ask for `tables()` and `columns(orders)`.")]
    target: Annotated[dict[str, Any], Field(description="JSON schema of the `options` of a target.")]
    query: Annotated[dict[str, Any] | None, Field(description="JSON schema of structured queries; null: texts alone.")]


class TransformationDeclaration(Shape):
    """A transformation, with the schema of its options."""

    id: str
    title: str
    help: str
    options: Schema = Field(alias="schema")


class ExpressionDeclaration(Shape):
    """A type of expression, with its schema."""

    type: str
    title: str
    help: str
    options: Schema = Field(alias="schema")


class Expressions(Shape):
    """The expressions that a target may be."""

    datasource: Annotated[str, Field(description="The data source of a target that is an expression.")]
    types: list[ExpressionDeclaration]


class Declarations(Shape):
    """What can be declared. Keys of schemas that begin with `x-` say how a field is drawn."""

    defs: Annotated[dict[str, Any], Field(alias="$defs", description="The schemas that others refer to.")]
    dashboard: Schema
    panel: Schema
    target: Schema
    variable: Schema
    annotation: Schema
    panels: list[PanelDeclaration]
    sources: list[SourceDeclaration]
    transformations: list[TransformationDeclaration]
    expressions: Expressions
    choices: Annotated[dict[str, list[Choice]], Field(description="Lists that fields name.")]


async def read(request: Request) -> Reply:
    """All that can be declared, as one document that changes with the build alone."""
    kinds = request.queries.sources.kinds.all
    document = await asyncio.to_thread(declarations, request.tools.registry, kinds, TRANSFORMATIONS)
    return Reply(Encoded(strict_json(document).encode(), GOOD_S))


def register(routes: Routes) -> None:
    """The routes of this resource."""
    routes.add(
        Route(
            "GET",
            "/declarations",
            Role.EDITOR,
            read,
            "Read what can be declared, as the forms have it",
            shape=Declarations,
            shared=True,
            named=True,
        )
    )
