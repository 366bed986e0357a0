"""What the engine's own parser sees in a statement of a person, judged before it runs.

The guard of the data source judges by another parser, and two parsers never agree. So the engine writes the statement
anew by itself, shows the tree of what it wrote, and only that text runs: one SELECT, of nodes, functions and tables
that are on the lists.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import Final

from .literals import quoted
from .schema import DATABASE
from .vocabulary import HIGHER_ORDER, MEMBERSHIP, TABLE_FUNCTIONS, TABLES, is_function

Ask = Callable[[str], str]
QUOTED: Final = re.compile(r"'(?:[^'\\]|\\.)*'|`((?:[^`\\]|\\.)*)`", re.DOTALL)
# ` Function sum (alias s) (children 1)`: what it is, what it is called, what it holds.
LINE: Final = re.compile(
    r"^( *)(\w+(?:::\w+)?)(?: (?!\((?:alias|children) )(.*?))?(?: \(alias .*?\))?(?: \(children (\d+)\))?$"
)
# Functions that only operators and clauses make.
OPERATORS: Final = MEMBERSHIP | {"lambda", "exists", "casewithexpression", "grouping", "nullif"}
KINDS_TEXT: Final = """
SelectWithUnionQuery SelectIntersectExceptQuery SelectQuery ExpressionList Asterisk QualifiedAsterisk Subquery
TablesInSelectQuery TablesInSelectQueryElement TableExpression TableJoin ArrayJoin TableIdentifier Identifier Literal
Function OrderByElement WithElement WindowDefinition WindowListElement ColumnsExceptTransformer
ColumnsTransformerList InterpolateElement ColumnsReplaceTransformer ColumnsReplaceTransformer::Replacement
"""
KINDS: Final = frozenset(KINDS_TEXT.split())
# How the columns of a statement are asked for, which does not run it: what stands within is judged like any other.
DESCRIBED: Final = re.compile(r"DESCRIBE TABLE \(\n(.*)\n\)", re.DOTALL)
OWN_TABLES: Final = frozenset(f"{DATABASE}.{table}" for table in TABLES)
# What stands on the right of IN and is no table.
MEMBERS: Final = frozenset({"Literal", "Function", "Subquery"})


class Forbidden(Exception):  # noqa: N818 - reads as what it says: the statement is forbidden
    """A statement holds what no person may ask; the message names it."""


@dataclass(slots=True)
class Node:
    """One node of the engine's tree: its kind, its name where it has one, and what is beneath it."""

    kind: str
    name: str = ""
    children: list[Node] = field(default_factory=list)

    def walk(self) -> Iterator[Node]:
        """The node and all below it, parents first."""
        yield self
        for child in self.children:
            yield from child.walk()


def judged(statement: str, ask: Ask) -> str:
    """The statement as the engine writes it, which may run. Forbidden, or the engine's error where it cannot read it.

    `ask(statement)` answers a statement of ours as text.
    """
    described = DESCRIBED.fullmatch(statement.strip())
    if described is not None:
        return f"DESCRIBE TABLE ({judged(described[1], ask)})"
    written = ask(f"SELECT formatQuerySingleLine({quoted(statement.strip())})").strip()
    judge_text(written)
    # Within parentheses there is no INTO OUTFILE and no FORMAT, and what would close them was an error before.
    judge_tree(read_tree(ask(f"EXPLAIN AST SELECT * FROM ({written})").splitlines()))
    return written


def judge_text(written: str) -> None:
    """Forbidden where the engine's own text holds a letter outside of ASCII beside quotes, or an odd name."""
    for match in QUOTED.finditer(written):
        if match[1] is not None and ("\\" in match[1] or not match[1].isprintable()):
            raise Forbidden("a name with backslashes or control characters")  # could forge lines of the tree
    if not QUOTED.sub("", written).isascii():
        raise Forbidden("letters outside of ASCII beside quotes")


def read_tree(lines: Sequence[str]) -> Node:
    """The tree that the lines show, each as deep as it is indented. Forbidden where they make none."""
    root = Node("")
    above = [root]
    counted: list[tuple[Node, int]] = []
    for line in lines:
        match = LINE.match(line)
        depth = len(match[1]) if match else -1
        if match is None or not 0 <= depth < len(above):
            raise Forbidden("what cannot be read")
        node = Node(match[2], match[3] or "")
        counted.append((node, int(match[4] or 0)))
        above[depth].children.append(node)
        del above[depth + 1 :]
        above.append(node)
    if len(root.children) != 1 or any(len(node.children) != count for node, count in counted):
        raise Forbidden("what cannot be read")
    return root.children[0]


def judge_tree(tree: Node) -> None:
    """Forbidden naming the first node that may not be there."""
    named = any(node.kind == "WithElement" for node in tree.walk())
    for node in tree.walk():
        if node.kind not in KINDS:
            raise Forbidden(node.kind)
        if node.kind == "TableExpression":
            judge_source(node, named)
        elif node.kind == "Function":
            judge_function(node)


def judge_source(node: Node, named: bool) -> None:
    """What a query reads: a table of the store, a query, one that it named itself, or `numbers`."""
    for child in node.children:
        is_known = child.name in OWN_TABLES or (
            named and "." not in child.name
        )  # its own: nothing else is in reach without a dot
        if child.kind == "TableIdentifier" and not is_known:
            raise Forbidden(f"the table {child.name}")
        if child.kind == "Function":
            if child.name.lower() not in TABLE_FUNCTIONS:
                raise Forbidden(f"the table function {child.name}")
            child.kind = "ExpressionList"  # judged: what it holds are expressions
        if child.kind not in ("TableIdentifier", "Subquery", "ExpressionList"):
            raise Forbidden(child.kind)


def judge_function(node: Node) -> None:
    """Forbidden for a function that is not on the list, or is given a table or a function by its name."""
    called = node.name.lower()
    arguments = node.children[0].children if node.children else []
    if called not in OPERATORS and not is_function(called):
        raise Forbidden(f"the function {node.name}")
    if called in MEMBERSHIP and (len(arguments) != 2 or arguments[1].kind not in MEMBERS):
        raise Forbidden(f"a table behind {node.name}")
    if called in HIGHER_ORDER and len(arguments) > 1 and arguments[0].name != "lambda":
        raise Forbidden(f"a function by its name in {node.name}")
