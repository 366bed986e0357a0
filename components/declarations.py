"""All that people declare, as one document: the forms of the editor are drawn from it, and nothing stands in it twice.

Schemas are those of the models that the server validates with (JSON Schema 2020-12), in one table of definitions; what
draws a field where its type does not say so stands in keys that begin with `x-` (see `heliograph.declared`).
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any, Final, get_args

from pydantic import BaseModel
from pydantic.json_schema import GenerateJsonSchema, models_json_schema
from pydantic_core.core_schema import WithDefaultSchema

from ..datasources.expressions.declared import EXPRESSIONS, Expression
from ..datasources.reducers import REDUCERS
from ..datasources.sources.base import Source
from ..datasources.transform.reducing import reducer_name
from ..datasources.transform.registry import Transformations
from ..declared import title_of
from .annotation_spec import AnnotationQuery
from .colors import DARK, MARKS, SERIES_TOKENS, css
from .field_options import FIELD_NAMES, FieldOptions
from .panel_spec import Panel, Target
from .panels.registry import PanelRegistry
from .spec import Dashboard
from .unit_names import unit_choices

REF: Final = "#/$defs/{model}"
Json = dict[str, Any]


def declarations(panels: PanelRegistry, kinds: Iterable[type[Source]], transformations: Transformations) -> Json:
    """The document of `GET /declarations`."""
    types = [panels.get(name) for name in panels.names]
    sources, steps = list(kinds), list(transformations)
    models: list[type[BaseModel]] = [
        *(Dashboard, Panel, Target, AnnotationQuery),
        *(one.Options for one in types),
        *(one.Target for one in sources),
        *(one.Query for one in sources if one.Query is not None),
        *(one.Options for one in steps),
        *get_args(Expression),
    ]
    refs, definitions = _schemas(models)
    return {
        "$defs": definitions,
        "dashboard": refs[Dashboard],
        "panel": refs[Panel],
        "target": refs[Target],
        "variable": definitions[refs[Dashboard]["$ref"].rpartition("/")[2]]["properties"]["variables"]["items"],
        "annotation": refs[AnnotationQuery],
        "panels": [_panel(one, refs) for one in types],
        "sources": [_source(one, refs) for one in sources],
        "transformations": [
            {"id": one.id, "title": one.title, "help": one.help, "schema": refs[one.Options]} for one in steps
        ],
        "expressions": {
            "datasource": EXPRESSIONS,
            "types": [
                {"type": title.lower(), "title": title, "help": kind.__doc__ or "", "schema": refs[kind]}
                for kind in get_args(Expression)
                for title in [kind.__name__]
            ],
        },
        "choices": choices(),
    }


def choices() -> Mapping[str, Sequence[Mapping[str, str]]]:
    """Lists that fields name by `x-choices`, or their widget takes: `{value, title, group}`, of colours their `css`."""
    return {
        "units": unit_choices(),
        "reducers": [{"value": one, "title": reducer_name(one), "group": ""} for one in REDUCERS],
        "colors": [
            *(_color(one, title_of(one), "Levels") for one in MARKS),
            *(_color(one, one.replace("series-", "Series "), "Series") for one in SERIES_TOKENS),
            *(_color(one, title_of(one), "Named") for one in DARK),
        ],
    }


def _color(name: str, title: str, group: str) -> Mapping[str, str]:
    return {"value": name, "title": title, "group": group, "css": css(name)}


class _Declaring(GenerateJsonSchema):
    """Schemas that say each default, also where it is made anew for each: a form shows what holds where nothing is
    written."""

    def get_default_value(self, schema: WithDefaultSchema) -> Any:
        """What is made, as it would be written; nothing where that is empty."""
        said = super().get_default_value(schema)
        factory = schema.get("default_factory")
        if factory is None or schema.get("default_factory_takes_data"):
            return said
        return _written(factory()) or said  # type: ignore[call-arg]


def _written(value: Any) -> Any:
    if isinstance(value, BaseModel):
        return value.model_dump(mode="json", by_alias=True, exclude_unset=True)
    return [_written(one) for one in value] if isinstance(value, list) else value


def _schemas(models: Sequence[type[BaseModel]]) -> tuple[Mapping[type[BaseModel], Json], Json]:
    unique: list[type[BaseModel]] = list(dict.fromkeys(models))
    found, document = models_json_schema(
        [(one, "validation") for one in unique], ref_template=REF, schema_generator=_Declaring
    )
    return {one: found[one, "validation"] for one in unique}, document["$defs"]


def _panel(one: Any, refs: Mapping[type[BaseModel], Json]) -> Json:
    shows_fields = issubclass(one.Options, FieldOptions)
    return {
        "type": one.name,
        "title": one.title,
        "schema": refs[one.Options],
        "needs": list(one.needs),
        "asks": one.asks,
        "per_field": sorted(FIELD_NAMES | one.Options.PER_FIELD) if shows_fields else [],
    }


def _source(kind: type[Source], refs: Mapping[type[BaseModel], Json]) -> Json:
    return {
        "kind": kind.kind,
        "aliases": list(kind.aliases),
        "title": kind.title,
        "language": kind.language,
        "example": kind.example,
        "built_in": kind.built_in,
        "has_tables": kind.has_tables,
        "target": refs[kind.Target],
        "query": None if kind.Query is None else refs[kind.Query],
    }
