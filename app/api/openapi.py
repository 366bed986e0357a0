"""The OpenAPI 3.1 document, made of the same routes and models that serve requests."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from pydantic import BaseModel
from pydantic.json_schema import models_json_schema

from .routing import PREFIX, Route, Routes

PROBLEM = {
    "type": "object",
    "required": ["type", "title", "status", "code", "detail", "request_id"],
    "properties": {
        "type": {"type": "string"},
        "title": {"type": "string"},
        "status": {"type": "integer"},
        "code": {"type": "string"},
        "detail": {"type": "string"},
        "path": {"type": "string"},
        "request_id": {"type": "string"},
    },
}
FAULTS = {
    "400": "Malformed",
    "401": "Login required",
    "403": "Not allowed",
    "404": "Not found",
    "409": "Conflict",
    "413": "Too large",
    "422": "Invalid",
    "429": "Too many requests",
    "503": "For the moment unavailable",
    "504": "Data source took too long",
}
Refs = Mapping[tuple[Any, Any], Mapping[str, Any]]  # (model, mode) → where its schema stands
REF = "#/components/schemas/{model}"


def document(routes: Routes, version: str) -> dict[str, Any]:
    """The whole document."""
    models = {model for route in routes.table for model in (route.body, route.arguments, route.shape) if model}
    ordered = sorted(models, key=lambda model: model.__name__)
    refs, schemas = models_json_schema([(model, "validation") for model in ordered], ref_template=REF)
    paths = {
        PREFIX + path: {method.lower(): _operation(route, refs) for method, route in methods.items()}
        for path, methods in routes.paths().items()
    }
    return {
        "openapi": "3.1.0",
        "info": {"title": "Heliograph", "version": version},
        "paths": paths,
        "security": [{"token": []}],
        "components": {
            "schemas": {**schemas.get("$defs", {}), "Problem": PROBLEM},
            "securitySchemes": {"token": {"type": "http", "scheme": "bearer"}},
        },
    }


def _operation(route: Route, refs: Refs) -> dict[str, Any]:
    name = re.sub(r"[^a-z]+", "_", f"{route.method} {route.path}".lower()).strip("_")
    operation: dict[str, Any] = {
        "operationId": name,
        "summary": route.summary,
        "description": f"Needs the role {route.role}.",
        "parameters": [*_path_parameters(route), *_query_parameters(route)],
        "responses": {**{str(status): _success(route, refs) for status in route.answers}, **_faults()},
    }
    if route.body is not None:
        content = {"application/json": {"schema": refs[route.body, "validation"]}}
        operation["requestBody"] = {"required": True, "content": content}
    if route.text_body:
        operation["requestBody"] = {"required": True, "content": {"application/yaml": {"schema": {"type": "string"}}}}
    return operation


def _path_parameters(route: Route) -> list[dict[str, Any]]:
    return [
        {"name": name, "in": "path", "required": True, "schema": {"type": "string"}}
        for name in re.findall(r"\{(\w+)\}", route.path)
    ]


def _query_parameters(route: Route) -> list[dict[str, Any]]:
    model: type[BaseModel] | None = route.arguments
    if model is None:
        return []
    properties = model.model_json_schema()["properties"]
    return [{"name": name, "in": "query", "required": False, "schema": schema} for name, schema in properties.items()]


def _success(route: Route, refs: Refs) -> dict[str, Any]:
    if route.media is not None:
        return {"description": "Done", "content": {route.media: {"schema": {"type": "string"}}}}
    if route.shape is None:
        return {"description": "Done"}
    return {"description": "Done", "content": {"application/json": {"schema": refs[route.shape, "validation"]}}}


def _faults() -> dict[str, Any]:
    content = {"application/problem+json": {"schema": {"$ref": REF.format(model="Problem")}}}
    return {status: {"description": text, "content": content} for status, text in FAULTS.items()}
