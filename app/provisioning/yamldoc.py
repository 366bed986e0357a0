"""YAML as documents of JSON: safe tags alone, the core schema of YAML 1.2, and no more values than a document may have.

`on`, `12:30` and dates are texts, as in JSON they would be. Anchors and merges (`<<`) are taken, and what they unfold
to is counted.
"""

from __future__ import annotations

import re
from typing import Any, Final

import yaml
from yaml.constructor import ConstructorError, SafeConstructor
from yaml.resolver import BaseResolver

from ...alerting.rules.yaml_merging import Merging
from ...errors import MalformedError

MAX_VALUES: Final = 500_000
MAX_DEPTH: Final = 100
MAX_TEXT: Final = 32 * 2**20  # characters of all values, each as often as it is named
TAG: Final = "tag:yaml.org,2002:"
CORE: Final = (
    ("null", re.compile(r"^(?:~|null|Null|NULL|)$"), ["~", "n", "N", ""]),
    ("bool", re.compile(r"^(?:true|True|TRUE|false|False|FALSE)$"), list("tTfF")),
    ("int", re.compile(r"^[-+]?[0-9]{1,300}$"), list("-+0123456789")),
    (
        "float",
        re.compile(r"^[-+]?(?:\.[0-9]+|[0-9]+(?:\.[0-9]*)?)(?:[eE][-+]?[0-9]+)?$"),
        list("-+.0123456789"),
    ),
    ("merge", re.compile(r"^<<$"), ["<"]),
)

try:
    from yaml.cyaml import CParser

    class _Parser(CParser):  # type: ignore[misc]
        def __init__(self, stream: str) -> None:
            CParser.__init__(self, stream)

except ImportError:  # PyYAML without libyaml: slower, and the same
    from yaml.composer import Composer
    from yaml.parser import Parser
    from yaml.reader import Reader
    from yaml.scanner import Scanner

    class _Parser(Reader, Scanner, Parser, Composer):  # type: ignore[misc, no-redef]
        def __init__(self, stream: str) -> None:
            Reader.__init__(self, stream)
            Scanner.__init__(self)
            Parser.__init__(self)
            Composer.__init__(self)


class _Resolver(BaseResolver):  # type: ignore[misc]
    """Which plain texts are no texts."""


class _Constructor(Merging):
    """Documents of JSON alone."""

    yaml_constructors: dict[Any, Any] = {}  # noqa: RUF012 - filled below, as PyYAML has it

    def construct_mapping(self, node: Any, deep: bool = False) -> dict[str, Any]:
        self.flatten_mapping(node)
        return {key.value: self.construct_object(value, deep=deep) for key, value in node.value}

    def decimal(self, node: Any) -> int:
        return int(self.construct_scalar(node))

    def number(self, node: Any) -> float:
        found = float(self.construct_scalar(node))
        if found in (float("inf"), float("-inf")):
            raise ConstructorError(None, None, "the number is too large", node.start_mark)
        return found


for _name, _pattern, _first in CORE:
    _Resolver.add_implicit_resolver(f"{TAG}{_name}", _pattern, _first)
for _name in ("null", "str", "seq", "map"):
    _Constructor.add_constructor(f"{TAG}{_name}", getattr(SafeConstructor, f"construct_yaml_{_name}"))
_Constructor.add_constructor(f"{TAG}bool", SafeConstructor.construct_yaml_bool)
_Constructor.add_constructor(f"{TAG}int", _Constructor.decimal)
_Constructor.add_constructor(f"{TAG}float", _Constructor.number)
_Constructor.add_constructor(None, SafeConstructor.construct_undefined)


class _Loader(_Parser, _Constructor, _Resolver):
    def __init__(self, stream: str) -> None:
        _Parser.__init__(self, stream)
        _Constructor.__init__(self)
        _Resolver.__init__(self)


def parse_yaml(text: str) -> list[Any]:
    """The documents of a text, but for empty ones; MalformedError with its line where it is no YAML."""
    try:
        found = [one for one in yaml.load_all(text, Loader=_Loader) if one is not None]
    except (yaml.YAMLError, ValueError, RecursionError) as error:
        raise MalformedError(f"not YAML: {' '.join(str(error).split())[:300]}") from None
    check_size(found)
    return found


def check_size(document: Any) -> None:
    """MalformedError for more values than MAX_VALUES, deeper than MAX_DEPTH, longer than MAX_TEXT: what is named
    again counts again."""
    level, count, written = [document], 1, 0
    for _ in range(MAX_DEPTH):
        below: list[Any] = []
        for one in level:
            held = one.values() if isinstance(one, dict) else one if isinstance(one, list) else ()
            count += len(held)
            if count > MAX_VALUES:
                raise MalformedError(f"the document has more than {MAX_VALUES} values")
            below += held
        written += sum(len(one) for one in below if isinstance(one, str))
        if written > MAX_TEXT:
            raise MalformedError(f"the texts of the document have more than {MAX_TEXT} characters together")
        level = below
        if not level:
            return
    raise MalformedError(f"the document is nested deeper than {MAX_DEPTH}")
