"""Modules and style sheets of a page as one file: a browser that asks for each by itself waits for sixty answers.

It takes the forms that ours are written in, and refuses a file that is written otherwise, by its name and line.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence
from posixpath import dirname, join, normpath

Read = Callable[[str], str]
# `import { a, b as c } from "./x.js";`, `import * as x from "./x.js";`, `import "./x.js";`
_IMPORT = re.compile(r'^import (?:(?:\{([^}]*)\}|\* as (\w+)) from )?"(\.{1,2}/[\w./-]+)";$', re.MULTILINE)
# `export { a, b };`, `export { a } from "./x.js";`
_LIST = re.compile(r'^export \{([^}]*)\}(?: from "(\.{1,2}/[\w./-]+)")?;$', re.MULTILINE)
# `export` before what is declared; a variable that changes would be another one in each module that took it.
_DECLARED = re.compile(r"^export ((?:async )?function|class|const) (\w+)", re.MULTILINE)
_OTHER = re.compile(r"^(?:import|export)\b.*", re.MULTILINE)
_SHEET = re.compile(r'^@import "(\.{0,2}/?[\w./-]+)";$', re.MULTILINE)


def script(entry: str, read: Read) -> str:
    """A module with all that it imports, each once and before those that need it; `read` gives a file by its path.

    It exports what its entry does, for pages that load it later than themselves: `await import(…)`. ValueError where a
    file has a form that is not taken, or modules import each other in a circle.
    """
    bundle = _Bundle(read)
    text = "".join(bundle.modules(entry, ()))
    names = bundle.exported
    return f"{text}export const {{ {', '.join(names)} }} = {_name(entry)};\n" if names else text


def sheet(entry: str, read: Read) -> str:
    """A style sheet with those that it imports in their places."""
    return _SHEET.sub(lambda found: sheet(_beside(entry, found[1]), read).rstrip("\n"), read(entry))


class _Bundle:
    def __init__(self, read: Read) -> None:
        self._read = read
        self._seen: set[str] = set()
        self.exported: Sequence[str] = ()  # by the module that came last, which is the entry

    def modules(self, path: str, above: tuple[str, ...]) -> Iterator[str]:
        if path in above:
            raise ValueError(f"modules import each other: {' > '.join([*above, path])}")
        if path in self._seen:
            return
        self._seen.add(path)
        text = self._read(path)
        for needed in [found[3] for found in _IMPORT.finditer(text)] + [found[2] for found in _LIST.finditer(text)]:
            if needed:
                yield from self.modules(_beside(path, needed), (*above, path))
        body, self.exported = _body(path, text)
        # What nobody takes anything from has no name: pages of other sites may load the same script twice.
        named = f"const {_name(path)} = " if above or self.exported else ""
        yield f"{named}(() => {{\n{body}}})();\n"


def _body(path: str, text: str) -> tuple[str, Sequence[str]]:
    """A module as what stands in a function that returns its exports, and their names."""
    exports: dict[str, str] = {}

    def imported(found: re.Match[str]) -> str:
        names, whole, needed = found[1], found[2], _name(_beside(path, found[3]))
        if names is not None:
            return f"const {{{names.replace(' as ', ': ')}}} = {needed};"
        return f"const {whole} = {needed};" if whole else ""

    def listed(found: re.Match[str]) -> str:
        source = f"{_name(_beside(path, found[2]))}." if found[2] else ""
        for one in filter(None, map(str.strip, found[1].split(","))):
            inside, _, outside = one.partition(" as ")
            exports[outside or inside] = source + inside
        return ""

    def declared(found: re.Match[str]) -> str:
        exports[found[2]] = found[2]
        return f"{found[1]} {found[2]}"

    body = _DECLARED.sub(declared, _LIST.sub(listed, _IMPORT.sub(imported, text)))
    if other := _OTHER.search(body):
        line = body.count("\n", 0, other.start()) + 1
        raise ValueError(f"{path}, line {line}: a bundle does not take {other[0]!r}")
    returned = ", ".join(f"{outside}: {inside}" for outside, inside in exports.items())
    return f"{body}return {{ {returned} }};\n", [*exports]


def _beside(path: str, relative: str) -> str:
    return normpath(join(dirname(path), relative))


def _name(path: str) -> str:
    return "$" + re.sub(r"\W", "_", path.removesuffix(".js"))
