"""JSON Patch (RFC 6902) over the document of a dashboard, and the patch that takes it back."""

from __future__ import annotations

import copy
import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

import jsonpatch
from jsonpointer import EndOfList, JsonPointer, JsonPointerException

from ...errors import InvalidError, naming

MAX_OPERATIONS: Final = 500
MAX_COPIED_BYTES: Final = 4 * 2**20  # of all `copy` and `move` of a patch: each may double what is there
VALUE_BYTES: Final = 40
MAX_POINTER: Final = 1000
MAX_DEPTH: Final = 200  # of lists and objects: far less than what Python can copy, and twice what a body may have
WITH_VALUE: Final = frozenset({"add", "replace", "test"})
WITH_FROM: Final = frozenset({"move", "copy"})
Operation = Mapping[str, Any]
Patch = Sequence[Operation]


@dataclass(frozen=True, slots=True)
class Step:
    """One change: what made it, of `add`, `remove`, `replace` and `test` alone, and what takes it back."""

    forward: Patch
    inverse: Patch

    @property
    def nbytes(self) -> int:
        """What it takes as JSON, in bytes."""
        return len(json.dumps([self.forward, self.inverse]))


def patched(document: Mapping[str, Any], patch: Patch) -> tuple[dict[str, Any], Step]:
    """The document after a patch, and the step that it was; the document itself stays as it is.

    InvalidError naming the operation that cannot be done.
    """
    if len(patch) > MAX_OPERATIONS:
        raise InvalidError(f"a patch has at most {MAX_OPERATIONS} operations", path="$.patch")
    found: Any = copy.deepcopy(document)
    forward: list[Operation] = []
    inverse: list[Operation] = []
    copied = 0
    for index, operation in enumerate(patch):
        with naming(f"$.patch[{index}]"):
            plain, nbytes = _plain(found, operation)
            copied += nbytes
            if copied > MAX_COPIED_BYTES:
                raise InvalidError("this patch copies more than a dashboard may have")
            for one in plain:
                back = _back(found, one)
                found = _done(found, one)
                forward.append(one)
                inverse = [*back, *inverse]
            if not isinstance(found, dict):
                raise InvalidError("the document stays a JSON object")
    return found, Step(forward, inverse)


def joined(before: Step, after: Step) -> Step | None:
    """Two steps as one, where the second only writes anew what the first wrote; None for any others."""
    if len(before.forward) != 1 or len(after.forward) != 1:
        return None
    first, second = before.forward[0], after.forward[0]
    written = {first["op"], second["op"]} <= {"add", "replace"} and first["path"] == second["path"]
    last = first["path"].rpartition("/")[2]
    if not written or last == "-" or (last.isdigit() and second["op"] == "add"):
        return None  # an item that is added to a list is another one each time
    return Step([{**first, "value": second["value"]}], before.inverse)


def _plain(document: Any, operation: Any) -> tuple[list[Operation], int]:
    """An operation without `move` and `copy`, and how many bytes it copies."""
    if not isinstance(operation, Mapping):
        raise InvalidError("an operation is a JSON object with op and path")
    kind, path, origin = operation.get("op"), operation.get("path"), operation.get("from")
    if kind not in WITH_VALUE | WITH_FROM | {"remove"}:
        raise InvalidError("op is add, remove, replace, move, copy or test")
    for text in (path, origin) if kind in WITH_FROM else (path,):
        if not isinstance(text, str) or len(text) > MAX_POINTER:
            raise InvalidError("path and from are JSON pointers such as /panels/0/title")
    if kind in WITH_VALUE and "value" not in operation:
        raise InvalidError(f"{kind} has a value")
    if kind == "remove":
        return [{"op": kind, "path": path}], 0
    if kind in WITH_VALUE:
        return [{"op": kind, "path": path, "value": _shallow(operation["value"], str(path))}], 0
    if kind == "move" and f"{path}/".startswith(f"{origin}/") and path != origin:
        raise InvalidError("nothing can be moved into itself")
    value = copy.deepcopy(_shallow(_at(document, str(origin)), str(path)))
    added = {"op": "add", "path": path, "value": value}
    return [{"op": "remove", "path": origin}, added] if kind == "move" else [added], _weight(json.dumps(value))


def _weight(text: str) -> int:
    """What copying JSON costs, in bytes: each list, object and value is more than its signs."""
    return len(text) + VALUE_BYTES * sum(map(text.count, "[{,"))


def _shallow(value: Any, path: str) -> Any:
    """The same value; InvalidError where a document that has it there is nested too deep."""
    depth, level = path.count("/"), [value]
    while level:
        if depth > MAX_DEPTH:
            raise InvalidError(f"the document would be nested deeper than {MAX_DEPTH}")
        depth, level = depth + 1, [one for inner in level for one in _within(inner)]
    return value


def _within(value: Any) -> Iterable[Any]:
    """What stands in a list or object."""
    return value.values() if isinstance(value, dict) else value if isinstance(value, list) else ()


def _at(document: Any, path: str) -> Any:
    try:
        found = JsonPointer(path).resolve(document)
    except (JsonPointerException, TypeError, ValueError):
        raise InvalidError(f"there is nothing at {path}") from None
    if isinstance(found, EndOfList):
        raise InvalidError(f"there is nothing at {path}")
    return found


def _back(document: Any, operation: Operation) -> list[Operation]:
    """What takes a plain operation back, done on this document."""
    kind, path = operation["op"], operation["path"]
    if kind == "test":
        return []
    if not path:
        return [{"op": "replace", "path": "", "value": copy.deepcopy(document)}]
    if kind in ("remove", "replace"):
        op = "add" if kind == "remove" else "replace"
        return [{"op": op, "path": path, "value": copy.deepcopy(_at(document, path))}]
    parent_path, _, last = path.rpartition("/")
    parent = _at(document, parent_path)
    if isinstance(parent, list):
        return [{"op": "remove", "path": f"{parent_path}/{len(parent) if last == '-' else last}"}]
    name = last.replace("~1", "/").replace("~0", "~")
    if isinstance(parent, dict) and name in parent:
        return [{"op": "replace", "path": path, "value": copy.deepcopy(parent[name])}]
    return [{"op": "remove", "path": path}]


def _done(document: Any, operation: Operation) -> Any:
    """The document after a plain operation, which it may be changed by."""
    if operation["op"] == "remove" and not operation["path"]:
        raise InvalidError("the document itself cannot be removed")
    try:
        one: Any = copy.deepcopy(dict(operation))
        return jsonpatch.JsonPatch([one]).apply(document, in_place=True)
    except (jsonpatch.JsonPatchException, JsonPointerException, TypeError, ValueError, LookupError) as error:
        said = "is not what the test says" if operation["op"] == "test" else f"cannot be done: {str(error)[:200]}"
        raise InvalidError(f"{operation['op']} {operation['path']} {said}") from None
