"""Merge keys (`<<`) of YAML within bounds: little text must not become a large document."""

from __future__ import annotations

from typing import Any, Final

import yaml
from yaml.constructor import ConstructorError, SafeConstructor

MERGE: Final = "tag:yaml.org,2002:merge"
MAX_MERGED: Final = 200_000  # keys that merges bring in, of a whole text


class Merging(SafeConstructor):  # type: ignore[misc]
    """Mappings whose keys are texts, each there once; what they merge stands behind their own keys."""

    _merged = 0  # so far

    def flatten_mapping(self, node: Any) -> None:
        """Bring in what a mapping merges: earlier sources go before later ones."""
        own: dict[str, Any] = {}
        merged: dict[str, Any] = {}
        for key, value in node.value:
            if key.tag == MERGE:
                merged = self._sources(value) | merged
            elif not isinstance(key, yaml.ScalarNode):
                raise ConstructorError(None, None, "a key is a text", key.start_mark)
            elif key.value in own:
                raise ConstructorError(None, None, f"the key {key.value[:60]} is there twice", key.start_mark)
            else:
                own[key.value] = (key, value)
        node.value = list((merged | own).values())

    def _sources(self, value: Any) -> dict[str, Any]:
        found: dict[str, Any] = {}
        for source in value.value if isinstance(value, yaml.SequenceNode) else [value]:
            if not isinstance(source, yaml.MappingNode):
                raise ConstructorError(None, None, "only mappings are merged", value.start_mark)
            self.flatten_mapping(source)
            self._merged += len(source.value)
            if self._merged > MAX_MERGED:
                raise ConstructorError(None, None, "too much is merged", value.start_mark)
            found = {key.value: (key, one) for key, one in source.value} | found
        return found
