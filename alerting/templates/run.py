"""Works a template out over the labels and the value of an instance, within limits of output and of steps."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Any

from ...errors import InvalidError
from .comparing import truth
from .functions import PURE, WRITERS, absent, weight
from .gofmt import NO_VALUE, Nothing, Sample, text_of
from .gotime import METHODS, answer_of
from .nodes import (
    Branch,
    Command,
    Dot,
    Fields,
    Function,
    Include,
    Leave,
    Literal,
    Node,
    Operand,
    Output,
    Pipeline,
    Template,
    Text,
    Variable,
)
from .parser import parse
from .patterns import matches, replaced
from .record import Record, Struct

MAX_OUTPUT = 64 * 1024
MAX_STEPS = 20_000
MAX_HANDLED = 2**20  # characters of all that functions are given and give: each may write a text many times
MAX_QUERIES = 10
MAX_CALLS = 30  # of templates within templates
VARIABLES = ("$labels", "$externalLabels", "$externalURL", "$value")
OWN = frozenset({"and", "or", "match", "reReplaceAll", "query", "tmpl", "externalURL", "pathPrefix", "now"})
FUNCTIONS = frozenset(PURE) | OWN
Queries = Mapping[str, Sequence[Sample]]  # what queries answered, by their text
NONE: Queries = {}


@dataclass(frozen=True, slots=True)
class Data:
    """What a template is about. `now_ms`: the instant of the evaluation."""

    labels: Mapping[str, str] = field(default_factory=dict)
    value: float = 0.0
    external_labels: Mapping[str, str] = field(default_factory=dict)
    external_url: str = ""
    now_ms: int = 0

    @property
    def dot(self) -> Any:
        """What `.` is."""
        return Root(self)


class Root(Struct):
    """What the text of a rule is about."""

    __slots__ = ("_parts",)

    def __init__(self, data: Data) -> None:
        self._parts = {
            "Labels": data.labels,
            "ExternalLabels": data.external_labels,
            "ExternalURL": data.external_url,
            "Value": data.value,
        }

    @property
    def parts(self) -> Mapping[str, Any]:
        return self._parts


class NeedsQueryError(Exception):
    """The template asks what is not known yet: have it asked, and work it out again."""

    def __init__(self, query: str) -> None:
        super().__init__(query)
        self.query = query


class _Left(Exception):  # noqa: N818 - no error: the way out of a range
    def __init__(self, kind: str) -> None:
        super().__init__(kind)
        self.kind = kind


@lru_cache(4096)
def compiled(text: str) -> Template:
    """The tree of a template; ValueError."""
    return parse(text, FUNCTIONS, VARIABLES)


def check(text: str, path: str) -> None:
    """InvalidError at `path` where a text is no template."""
    try:
        compiled(text)
    except ValueError as error:
        raise InvalidError(f"the template cannot be read: {error}", path=path) from None


def expand(text: str, data: Data, queries: Queries = NONE) -> str:
    """A template's text; ValueError for what fails on the way, NeedsQueryError for what must be asked first."""
    if "{{" not in text:
        return text
    return Run(compiled(text), data, queries).text()


def expanded(text: str, data: Data, queries: Queries = NONE) -> str:
    """The same, with the error in the text's place, as people see it in a notification."""
    try:
        return expand(text, data, queries)
    except ValueError as error:
        return f"<error expanding template: {error}>"


class Run:
    """One working out of a template."""

    def __init__(self, template: Template, data: Data, queries: Queries) -> None:
        self._template = template
        self._data = data
        self._queries = queries
        self._out: list[str] = []
        self._size = self._steps = self._calls = self._handled = 0
        values = (data.labels, data.external_labels, data.external_url, data.value)
        self._scopes: list[dict[str, Any]] = [{"$": data.dot, **dict(zip(VARIABLES, values, strict=True))}]
        self._own: Mapping[str, Callable[..., Any]] = {
            "match": matches,
            "reReplaceAll": replaced,
            "query": self._query,
            "tmpl": self._tmpl,
            "externalURL": lambda: data.external_url,
            "pathPrefix": lambda: _path_of(data.external_url),
            "now": lambda: data.now_ms / 1000,
        }

    def text(self) -> str:
        """What the template writes; ValueError, and NeedsQueryError for a query whose answer is not there."""
        self._write_all(self._template.body, self._data.dot)
        return "".join(self._out)

    # -- nodes -------------------------------------------------------------------------------------------------------

    def _write_all(self, nodes: Sequence[Node], dot: Any) -> None:
        for node in nodes:
            self._step()
            if isinstance(node, Text):
                self._write(node.text)
            elif isinstance(node, Output):
                value = self._pipeline(node.pipeline, dot)
                if not node.pipeline.names:
                    self._write(text_of(value))
            elif isinstance(node, Branch):
                self._branch(node, dot)
            elif isinstance(node, Leave):
                raise _Left(node.kind)
            else:
                self._include(node, dot)

    def _write(self, text: str) -> None:
        self._size += len(text)
        if self._size > MAX_OUTPUT:
            raise ValueError(f"more than {MAX_OUTPUT} characters come of it")
        self._out.append(text)

    def _step(self) -> None:
        self._steps += 1
        if self._steps > MAX_STEPS:
            raise ValueError(f"more than {MAX_STEPS} steps")

    def _branch(self, node: Branch, dot: Any) -> None:
        self._scopes.append({})
        value = self._pipeline(node.pipeline, dot, assign=node.kind != "range")
        if node.kind == "range":
            self._range(node, value, dot)
        elif truth(value):
            self._scoped(node.body, value if node.kind == "with" else dot)
        else:
            self._scoped(node.otherwise, dot)
        self._scopes.pop()

    def _range(self, node: Branch, value: Any, dot: Any) -> None:
        items = _items(value)
        if not items:
            self._scoped(node.otherwise, dot)
            return
        depth = len(self._scopes)
        for key, item in items:
            self._step()
            self._assign(node.pipeline, (key, item) if len(node.pipeline.names) == 2 else (item,))
            try:
                self._scoped(node.body, item)
            except _Left as left:
                del self._scopes[depth:]
                if left.kind == "break":
                    return

    def _scoped(self, nodes: Sequence[Node], dot: Any) -> None:
        self._scopes.append({})
        self._write_all(nodes, dot)
        self._scopes.pop()

    def _include(self, node: Include, dot: Any) -> None:
        body = self._template.defined.get(node.name)
        if body is None:
            raise ValueError(f"template {node.name[:40]!r} not defined")
        self._calls += 1
        if self._calls > MAX_CALLS:
            raise ValueError(f"more than {MAX_CALLS} templates within each other")
        value = self._pipeline(node.pipeline, dot) if node.pipeline is not None else None
        scopes, self._scopes = self._scopes, [{"$": value}]
        self._write_all(body, value)
        self._scopes = scopes
        self._calls -= 1

    # -- values ------------------------------------------------------------------------------------------------------

    def _pipeline(self, pipeline: Pipeline, dot: Any, *, assign: bool = True) -> Any:
        value: Any = None
        for place, command in enumerate(pipeline.commands):
            value = self._command(command, dot, (value,) if place else ())
        if assign:
            self._assign(pipeline, (value,))
        return value

    def _assign(self, pipeline: Pipeline, values: Sequence[Any]) -> None:
        for name, value in zip(pipeline.names, values, strict=False):
            if pipeline.declares:
                self._scopes[-1][name] = value
            else:
                next(scope for scope in reversed(self._scopes) if name in scope)[name] = value

    def _command(self, command: Command, dot: Any, last: Sequence[Any]) -> Any:
        self._step()
        called = command.operands[0]
        if not isinstance(called, Function):
            if last or len(command.operands) > 1:
                return self._method(called, [*(self._operand(one, dot) for one in command.operands[1:]), *last], dot)
            return self._operand(called, dot)
        if called.name in ("and", "or"):
            return self._short_circuit(called.name, command.operands[1:], dot, last)
        arguments = [*(self._operand(one, dot) for one in command.operands[1:]), *last]
        function = PURE.get(called.name) or self._own[called.name]
        self._handle(called.name, *arguments)
        try:
            value = function(*arguments)
        except TypeError:
            raise ValueError(f"wrong number of args for {called.name}: {len(arguments)}") from None
        except ValueError as error:
            raise ValueError(f"error calling {called.name}: {error}") from None
        self._handle(called.name, value)
        return value

    def _method(self, named: Operand, given: Sequence[Any], dot: Any) -> Any:
        if not isinstance(named, Fields):
            raise ValueError("can't give argument to non-function")
        name = named.names[-1]
        self._handle(name, *given)
        value = _answer(_fields(self._operand(named.of, dot), named.names[:-1]), name, given)
        self._handle(name, value)
        return value

    def _handle(self, name: str, *values: Any) -> None:
        writes = name in WRITERS
        self._handled += sum(weight(one) for one in values if writes or isinstance(one, str))
        if self._handled > MAX_HANDLED:
            raise ValueError(f"more than {MAX_HANDLED} characters are handled on the way")

    def _short_circuit(self, name: str, operands: Sequence[Operand], dot: Any, last: Sequence[Any]) -> Any:
        value: Any = None
        if not operands and not last:
            raise ValueError(f"wrong number of args for {name}: 0")
        for operand in operands:
            value = self._operand(operand, dot)
            if truth(value) is (name == "or"):
                return value
        return last[0] if last else value

    def _operand(self, operand: Operand, dot: Any) -> Any:
        if isinstance(operand, Literal):
            return operand.value
        if isinstance(operand, Dot):
            return dot
        if isinstance(operand, Variable):
            return next(scope[operand.name] for scope in reversed(self._scopes) if operand.name in scope)
        if isinstance(operand, Fields):
            return _fields(self._operand(operand.of, dot), operand.names)
        if isinstance(operand, Function):
            return self._command(Command((operand,)), dot, ())
        return self._pipeline(operand, dot)

    # -- functions that need more than their arguments ---------------------------------------------------------------

    def _query(self, text: str) -> Sequence[Sample]:
        if text not in self._queries:
            if len(self._queries) >= MAX_QUERIES:
                raise ValueError(f"more than {MAX_QUERIES} queries")
            raise NeedsQueryError(text)
        return self._queries[text]

    def _tmpl(self, name: str, value: Any) -> str:
        out, self._out = self._out, []
        self._include(Include(name, Pipeline((Command((Literal(None),)),))), value)
        text, self._out = "".join(self._out), out
        self._size -= len(text)
        return text


def _fields(value: Any, names: Sequence[str]) -> Any:
    for name in names:
        if isinstance(value, Record):
            value = value.field(name)
        elif isinstance(value, Mapping):  # a label that is not there is an empty text
            value = value.get(name, absent(value))
        else:
            value = _answer(value, name, ())
    return value


def _answer(value: Any, name: str, given: Sequence[Any]) -> Any:
    """What a method answers; of a time that there is none of, the words for that."""
    if isinstance(value, Nothing) and any(name in methods for methods in METHODS.values()):
        return NO_VALUE
    return answer_of(value, name, given)


def _items(value: Any) -> list[tuple[Any, Any]]:
    if isinstance(value, Mapping):
        return [(key, value[key]) for key in sorted(value)]
    if isinstance(value, Sequence) and not isinstance(value, str):
        return list(enumerate(value))
    if isinstance(value, int) and not isinstance(value, bool):
        return [(count, count) for count in range(min(value, MAX_STEPS + 1))]
    raise ValueError(f"range can't iterate over {text_of(value)[:40]}")


def _path_of(url: str) -> str:
    rest = url.partition("://")[2]
    return "/" + rest.partition("/")[2].rstrip("/") if "/" in rest else ""
