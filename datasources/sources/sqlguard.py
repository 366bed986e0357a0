"""The SQL guard: a person's text is parsed, judged, bound to one org and rendered again; it is never sent as typed."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Final

import sqlglot
from sqlglot import exp
from sqlglot.errors import SqlglotError

from ...errors import SourceError
from ...storage.metrics.schema import DATABASE
from ...storage.metrics.vocabulary import HIGHER_ORDER, TABLE_FUNCTIONS, TABLES, is_function
from .storegrammar import StoreDialect, normal
from .storewriter import FORMS, described, write

MAX_SQL = 20_000
MAX_DEPTH = 200
NAMES: Final = (exp.Column, exp.Identifier, exp.Dot, exp.Star)
# Nodes that are written with the one that holds them.
PARTS: Final = frozenset({exp.From, exp.Var, exp.If, exp.LimitOptions})


def guard(sql: str, org: int, database: str) -> str:
    """The same query, written anew over this org's rows; SourceError saying what is not allowed.

    One SELECT or UNION over the store's tables with functions that compute from their arguments alone: no table
    functions but `numbers`, no SETTINGS, FORMAT, INTO OUTFILE, no second statement. What was written is read and
    judged again, and must be the same tree: nothing that only one of two readers sees gets through.
    """
    try:
        tree = statement(sql)
        for table in list(tree.find_all(exp.Table)):
            bind(table, org, database)
        written = write(normal(tree))
        again = normal(statement(written, bound_to=(org, database)))
        if not written.isascii() or again != tree or write(again) != written:
            raise SourceError("the query can be read in two ways: write it more plainly")
    except RecursionError:
        raise SourceError("the query is nested too deeply") from None
    return written


def statement(sql: str, bound_to: tuple[int, str] | None = None) -> exp.Expr:
    """The tree of a text, judged: as a person wrote it, or as it is bound to the rows of an org of a database."""
    tree = parse(sql, StoreDialect())
    if not isinstance(tree, (exp.Select, exp.SetOperation, exp.Subquery)):
        raise SourceError("only SELECT is allowed")
    for node in tree.walk():
        judge(node)
    for table in tree.find_all(exp.Table):
        judge_table(table, bound_to)
    return tree


def parse(sql: str, dialect: str | StoreDialect = "clickhouse") -> exp.Expr:
    """The one statement of a text; SourceError where it cannot be read, or is more than one."""
    if len(sql) > MAX_SQL:
        raise SourceError(f"the query is longer than {MAX_SQL} characters")
    if nesting(sql) > MAX_DEPTH:
        raise SourceError("the query is nested too deeply")
    try:
        trees = [tree for tree in sqlglot.parse(sql, dialect=dialect) if tree is not None]
    except (SqlglotError, RecursionError, ValueError) as error:
        message = str(error).splitlines()[0] if str(error) else "too deep"
        raise SourceError(f"the query cannot be read: {message[:300]}") from None
    if len(trees) != 1:
        raise SourceError("exactly one statement is allowed")
    tree = trees[0]
    assert isinstance(tree, exp.Expr)
    return tree


def nesting(sql: str) -> int:
    """How deep brackets stand within each other."""
    depth = deepest = 0
    for char in sql:
        depth += (char in "([{") - (char in ")]}")
        deepest = max(deepest, depth)
    return deepest


FORBIDDEN: Final[Mapping[type[exp.Expr], str]] = {
    exp.Into: "INTO",
    exp.Command: "this statement",
    exp.DML: "INSERT",
    exp.DDL: "CREATE",
    exp.Drop: "DROP",
    exp.Set: "SET",
    exp.Use: "USE",
    exp.Values: "VALUES",
    exp.Parameter: "a parameter",
    exp.Placeholder: "a parameter",
    exp.Lock: "FOR UPDATE",
    exp.SessionParameter: "a parameter",
}


def judge(node: exp.Expr) -> None:
    """SourceError where a node may not stand in a query of the store."""
    judge_statement(node)
    if type(node) not in FORMS and type(node) not in PARTS:
        raise SourceError(f"{described(node)} is not allowed")
    if isinstance(node, exp.In):
        judge_in(node)
    if isinstance(node, exp.Lambda) and not _is_where_lambdas_belong(node):
        raise SourceError("a lambda stands where a function takes one")
    if isinstance(node, exp.Func) and isinstance(node.this, str):
        judge_function(node, node.this)


def judge_statement(node: exp.Expr) -> None:
    """SourceError where a node makes a query more than a question."""
    for kind, name in FORBIDDEN.items():
        if isinstance(node, kind) and not isinstance(node, exp.Query):
            raise SourceError(f"{name} is not allowed")
    for clause in ("settings", "format", "into", "outfile", "sample"):
        if node.args.get(clause) and isinstance(node, exp.Query):
            raise SourceError(f"{clause.upper()} is not allowed")


def judge_in(node: exp.In) -> None:
    """IN takes a list or a SELECT: ClickHouse reads a name, in parentheses or not, as a table."""
    members = node.expressions
    if node.args.get("query") is None and (node.args.get("field") is not None or not members):
        raise SourceError("IN takes a list or a SELECT in parentheses")
    if len(members) == 1 and isinstance(members[0].unnest(), NAMES):
        raise SourceError(f"IN takes a list or a SELECT in parentheses, and ({members[0].unnest().name}) is a name")


def _is_where_lambdas_belong(node: exp.Lambda) -> bool:
    call = node.parent
    return isinstance(call, exp.Anonymous) and call.name.lower() in HIGHER_ORDER and call.expressions[0] is node


def judge_function(node: exp.Func, called: str) -> None:
    """SourceError where a function is not on the list, or takes one that is no lambda."""
    if isinstance(node.parent, exp.Table):
        return  # a table function: judged as a table
    if not is_function(called):
        raise SourceError(f"the function {called[:100]} is not allowed")
    if called.lower() in HIGHER_ORDER and len(node.expressions) > 1 and not isinstance(node.expressions[0], exp.Lambda):
        raise SourceError(f"{called} takes a lambda such as x -> x + 1 first")


def judge_table(table: exp.Table, bound_to: tuple[int, str] | None) -> None:
    """SourceError where a table is none of the store's, one that the query itself names, or `numbers`."""
    if isinstance(table.this, exp.Func):
        if table.this.name.lower() not in TABLE_FUNCTIONS:
            raise SourceError(f"the table function {table.this.name[:100]} is not allowed")
        return
    if not isinstance(table.this, exp.Identifier):
        raise SourceError("this table is not allowed")
    if table.args.get("db") is None and table.name in named_before(table):
        return
    database = bound_to[1] if bound_to else None
    is_known = table.name in TABLES and not table.args.get("catalog")
    if not is_known or (table.db != database if database else table.db not in ("", DATABASE)):
        called = f"{table.db}.{table.name}" if table.db else table.name
        raise SourceError(f"the table {called[:100]} is not allowed; there are {', '.join(TABLES)}")
    if bound_to and not is_bound(table, bound_to[0]):
        raise SourceError(f"the table {table.name} is read without its org")


def named_before(table: exp.Table) -> frozenset[str]:
    """The names that a WITH around a table gives to queries. A table of the store cannot be named anew."""
    names = set()
    for around in (table.find_ancestor(exp.Query), *_queries_around(table)):
        with_ = around.args.get("with_") if around is not None else None
        names |= {one.alias_or_name for one in with_.expressions if not one.args.get("scalar")} if with_ else set()
    return frozenset(names) - set(TABLES)


def _queries_around(table: exp.Table) -> Iterator[exp.Query]:
    around = table.find_ancestor(exp.Query)
    while around is not None:
        yield around
        around = around.find_ancestor(exp.Query)


def is_bound(table: exp.Table, org: int) -> bool:
    """Whether a table stands in the subquery that `bind` puts round it."""
    around = table.find_ancestor(exp.Select)
    return around is not None and around == normal(rows_of(table, org)) and isinstance(around.parent, exp.Subquery)


def rows_of(table: exp.Table, org: int) -> exp.Select:
    """All rows of one org of a table, FINAL where that is asked for."""
    own: exp.Expr = exp.Table(this=table.this.copy(), db=exp.to_identifier(table.db))
    if isinstance(table.parent, exp.Final):
        own = exp.Final(this=own)
    condition = exp.EQ(this=exp.column("org"), expression=exp.Literal.number(int(org)))
    return exp.Select(expressions=[exp.Star()], from_=exp.From(this=own), where=exp.Where(this=condition))


def bind(table: exp.Table, org: int, database: str) -> None:
    """Let a table of the store stand as the rows of one org."""
    if isinstance(table.this, exp.Func) or (not table.db and table.name not in TABLES):
        return
    alias = table.args.get("alias") or exp.TableAlias(this=exp.to_identifier(table.name))
    table.set("db", exp.to_identifier(database))
    place = table.parent if isinstance(table.parent, exp.Final) else table
    place.replace(exp.Subquery(this=rows_of(table, org), alias=alias.copy()))
