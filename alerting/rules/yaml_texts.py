"""YAML as Prometheus reads rules: every scalar is a text, merge keys are known, and nothing is said twice."""

from __future__ import annotations

import re
from typing import Any, Final

import yaml

from ...errors import MalformedError
from .yaml_merging import MERGE, Merging

MAX_BYTES: Final = 4 * 2**20
MAX_NODES: Final = 200_000
MAX_DEPTH: Final = 30
MAX_TEXT: Final = 32 * 2**20  # characters of all values, each as often as it is named
NULL: Final = "tag:yaml.org,2002:null"


def document_of(text: str) -> list[Any]:
    """The documents of a file that hold something; a value that is none is an empty text. MalformedError."""
    if len(text) > MAX_BYTES:
        raise MalformedError(f"a rule file has at most {MAX_BYTES // 2**20} MB")
    try:
        found = [one for one in yaml.load_all(text, Loader=Texts) if one]
    except (yaml.YAMLError, ValueError, RecursionError) as error:
        raise MalformedError(f"the file is not YAML: {' '.join(str(error).split())[:300]}") from None
    _check_size(found)
    return found


class Texts(Merging, yaml.SafeLoader):  # type: ignore[misc]
    """A loader that knows neither numbers nor dates."""

    yaml_implicit_resolvers: dict[Any, Any] = {}  # noqa: RUF012 - filled below, as PyYAML has it


Texts.add_implicit_resolver(MERGE, re.compile(r"^<<$"), ["<"])
Texts.add_implicit_resolver(NULL, re.compile(r"^(?:~|null|Null|NULL|)$"), ["~", "n", "N", ""])
Texts.add_constructor(NULL, lambda _loader, _node: "")


def _check_size(document: Any) -> None:
    """Anchors make little text a large document."""
    level, nodes, written = [document], 0, 0
    for _ in range(MAX_DEPTH):
        nodes += len(level)
        if nodes > MAX_NODES:
            raise MalformedError("the file has too many values")
        below: list[Any] = []
        for one in level:
            below += one.values() if isinstance(one, dict) else one if isinstance(one, list) else ()
            if len(below) > MAX_NODES:
                raise MalformedError("the file has too many values")
        written += sum(len(one) for one in below if isinstance(one, str))
        if written > MAX_TEXT:
            raise MalformedError("the texts of the file are too long together")
        level = below
        if not level:
            return
    raise MalformedError("the file is nested too deep")
