"""Texts that nobody can keep or send on: NUL, which PostgreSQL refuses, and halves of surrogate pairs, no Unicode."""

from __future__ import annotations

import re
from typing import Any

from ...errors import InvalidError
from ...jsonpath import json_path

UNKEPT = re.compile("[\x00\ud800-\udfff]")


def check_texts(document: Any) -> None:
    """InvalidError with the path of the first text, or the object of the first name, that has such a character."""
    todo: list[tuple[Any, tuple[int | str, ...]]] = [(document, ())]
    while todo:
        value, place = todo.pop()
        if isinstance(value, str):
            _check(value, place)
        elif isinstance(value, dict):
            for name in value:
                _check(name, place)
            todo.extend((inner, (*place, name)) for name, inner in reversed(value.items()))
        elif isinstance(value, list):
            todo.extend((inner, (*place, index)) for index, inner in reversed(list(enumerate(value))))


def _check(text: str, place: tuple[int | str, ...]) -> None:
    found = UNKEPT.search(text)
    if found is not None:
        path = json_path(place)
        raise InvalidError(f"{path}: a text cannot hold the character U+{ord(found[0]):04X}", path=path)
