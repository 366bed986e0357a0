"""What the forms of alerts are made of: the schemas that their API validates with, in the form of `/declarations`."""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache
from typing import Final

from markupsafe import Markup
from pydantic import BaseModel
from pydantic.json_schema import models_json_schema

from ...alerting.notifiers.base import Notifier
from ...alerting.routing.inhibition import InhibitionSpec
from ...alerting.routing.muting import MuteTiming
from ...alerting.routing.policy import Policy, PolicyTree
from ...alerting.rules.declared import Rule
from ...datasources.reducers import REDUCERS
from ...datasources.transform.reducing import reducer_name
from ..http.script_json import script_json

REF: Final = "#/$defs/{model}"
MODELS: Final[dict[str, type[BaseModel]]] = {
    "rule": Rule,
    "policy": PolicyTree,
    "node": Policy,
    "inhibition": InhibitionSpec,
    "timing": MuteTiming,
}


class AlertForms:
    """The document for each page that has a form; the same for everybody."""

    def __init__(self, kinds: Sequence[type[Notifier]]) -> None:
        self._kinds = tuple(kinds)
        self.json = lru_cache(1)(self._json)

    def _json(self) -> Markup:
        models = [*MODELS.values(), *(kind.Config for kind in self._kinds)]
        refs, found = models_json_schema([(one, "validation") for one in models], ref_template=REF)
        return script_json(
            {
                "$defs": found["$defs"],
                **{name: refs[model, "validation"] for name, model in MODELS.items()},
                "contacts": [
                    {
                        "type": kind.kind,
                        "title": kind.title,
                        "url": kind.url_form,
                        "secrets": list(kind.secrets),
                        "schema": refs[kind.Config, "validation"],
                    }
                    for kind in self._kinds
                ],
                "choices": {"reducers": [{"value": one, "title": reducer_name(one)} for one in REDUCERS]},
            }
        )
