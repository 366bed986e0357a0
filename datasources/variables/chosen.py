"""What is chosen of a variable, as queries get it: the values, and what formats want to know beside them."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import Any, Self

Values = str | Sequence[str]


class Verbatim(str):
    """A value that is written as it stands: the custom text of All, which the dashboard's author wrote."""

    __slots__ = ()


class Macro(Verbatim):
    """A value that the server computes (`$__from`, `$__interval`): as it stands, unless a format is asked for."""

    __slots__ = ()


class Chosen(tuple[str, ...]):
    """The chosen values of one variable; a plain tuple is what is chosen of a variable of several values.

    `single`: the variable takes one value, so that formats write `a`, not a list of one. `everything`: All is chosen,
    and the values are all options. `texts` are what a person sees, one a value; `properties` (one mapping a value) are
    what `${x.field}` finds. `missing`: why it can name no data source; empty where that is not known.
    """

    single: bool
    everything: bool
    texts: tuple[str, ...]
    properties: tuple[Mapping[str, Any], ...]
    missing: str

    def __new__(
        cls,
        values: Sequence[str],
        *,
        single: bool = False,
        everything: bool = False,
        texts: Sequence[str] = (),
        properties: Sequence[Mapping[str, Any]] = (),
        missing: str = "",
    ) -> Self:
        made = super().__new__(cls, values)
        made.single = single and len(made) == 1
        made.everything = everything
        made.texts = tuple(texts)
        made.properties = tuple(properties)
        made.missing = missing
        return made

    def field(self, path: str) -> Values:
        """What `${x.path}` means: an option by its index, a property of each option, else the values themselves."""
        index = path[1:] if path.startswith(".") else ""
        if index.isdecimal() and int(index) < len(self) and not self.single:
            at = int(index)
            return Chosen((self[at],), single=True, texts=self.texts[at : at + 1])
        if not self.properties:
            return self
        found = [property_text(properties, path) for properties in self.properties]
        return Chosen(found, single=self.single)


def field_of(values: Values, path: str) -> Values:
    """`Chosen.field` for values of any shape."""
    if isinstance(values, Chosen):
        return values.field(path)
    return values if isinstance(values, str) else Chosen(values).field(path)


def property_text(properties: Mapping[str, Any], path: str) -> str:
    """The property at `.a.b`, `["a"]` or `[a]`, as text (an object as JSON); empty where there is none."""
    found: Any = properties
    for part in path.replace("[", ".").replace("]", "").strip(".").split("."):
        name = part.strip("'\"")
        if isinstance(found, Mapping):
            found = found.get(name)
        elif isinstance(found, (list, tuple)) and name.isdecimal() and int(name) < len(found):
            found = found[int(name)]
        else:
            found = None
    if isinstance(found, str):
        return found
    return "" if found is None else json.dumps(found, ensure_ascii=False)


def as_list(values: Values) -> list[str]:
    """The values as a list, whether one was given or many."""
    return [values] if isinstance(values, str) else list(values)


def is_single(values: Values) -> bool:
    """Whether the values are one value, not a list of one."""
    return isinstance(values, str) or (isinstance(values, Chosen) and values.single)
