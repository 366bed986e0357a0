"""What there is at an SQL server, for who writes a query: `tables()`, `columns(orders)`, `columns(shop."Odd name")`.

They stand where the query of a variable stands; the text of a column is its type. Names are given, and answered, as a
query writes them.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Final

from ...errors import SourceError
from ..sqltokens import BLANK, NAMES, plain_name, tokens
from .base import VariableOption

MOST: Final = 5000  # tables
LOOKUP: Final = re.compile(r"\s*(?:(?P<tables>tables)\(\s*\)|columns\((?P<table>.*)\))\s*", re.DOTALL)
TABLES: Final = {
    "postgres": (
        "SELECT c.relname AS value, CASE WHEN pg_table_is_visible(c.oid) THEN '' ELSE n.nspname END AS text "
        "FROM pg_catalog.pg_class c JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace "
        "WHERE c.relkind IN ('r', 'p', 'v', 'm', 'f') AND n.nspname NOT IN ('pg_catalog', 'information_schema') "
        "AND n.nspname NOT LIKE 'pg\\_toast%' AND has_any_column_privilege(c.oid, 'SELECT')"
    ),
    "mysql": (
        "SELECT table_name AS value, CASE WHEN table_schema = DATABASE() THEN '' ELSE table_schema END AS text "
        "FROM information_schema.tables "
        "WHERE table_schema NOT IN ('information_schema', 'mysql', 'performance_schema', 'sys')"
    ),
    "clickhouse": (
        "SELECT name AS value, if(database = currentDatabase(), '', database) AS text FROM system.tables "
        "WHERE database NOT IN ('system', 'information_schema', 'INFORMATION_SCHEMA') AND NOT is_temporary"
    ),
    "sqlite": (
        "SELECT name AS value, '' AS text FROM sqlite_master "
        "WHERE type IN ('table', 'view') AND name NOT LIKE 'sqlite\\_%' ESCAPE '\\'"
    ),
}
COLUMNS: Final = {
    "postgres": (
        "SELECT a.attname AS value, format_type(a.atttypid, a.atttypmod) AS text FROM pg_catalog.pg_attribute a "
        "JOIN pg_catalog.pg_class c ON c.oid = a.attrelid JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace "
        "WHERE c.relname = {table} AND {of_schema} AND a.attnum > 0 AND NOT a.attisdropped ORDER BY a.attnum"
    ),
    "mysql": (
        "SELECT column_name AS value, data_type AS text FROM information_schema.columns "
        "WHERE table_name = {table} AND {of_schema} ORDER BY ordinal_position"
    ),
    "clickhouse": (
        "SELECT name AS value, type AS text FROM system.columns WHERE table = {table} AND {of_schema} ORDER BY position"
    ),
    "sqlite": "PRAGMA table_info({table})",  # as a table it would ask to write: its columns are `name` and `type`
}
OF_SCHEMA: Final = {  # with a schema, and without one
    "postgres": ("n.nspname = {schema}", "pg_table_is_visible(c.oid)"),
    "mysql": ("table_schema = {schema}", "table_schema = DATABASE()"),
    "clickhouse": ("database = {schema}", "database = currentDatabase()"),
    "sqlite": ("", ""),
}
PLAIN: Final = {
    "postgres": re.compile(r"[a-z_][a-z0-9_]*", re.ASCII),
    "mysql": re.compile(r"[A-Za-z_][A-Za-z0-9_]*", re.ASCII),
    "clickhouse": re.compile(r"[A-Za-z_][A-Za-z0-9_]*", re.ASCII),
    "sqlite": re.compile(r"[A-Za-z_][A-Za-z0-9_]*", re.ASCII),
}
RESERVED_WORDS: Final = """
all alter analyse analyze and any array as asc asof asymmetric authorization between both by case cast check collate
column columns concurrently condition constraint create cross current_catalog current_date current_role
current_schema current_time current_timestamp current_user database databases default deferrable delete desc
describe distinct div do drop else end escape except exists explain fetch final for force foreign format freeze from
full function grant group groups having if ignore ilike in index initially inner insert intersect interval into is
isnull join key keys kill lateral leading left like limit localtime localtimestamp lock match maxvalue mod natural
not notnull null of offset on only optimize option or order out outer over overlaps partition placing prewhere
primary procedure range rank read references regexp rename replace returning right rlike row rows sample schema
select semi set settings show similar some symmetric system table tablesample then to trailing trigger true union
unique update usage use user using values variadic verbose view when where window with write xor
"""
RESERVED: Final = frozenset(RESERVED_WORDS.split())


def asked(query: str, dialect: str) -> str:
    """The SQL of a look-up, with columns `value` and `text`; any other text as it is. SourceError where no table is
    named."""
    match = LOOKUP.fullmatch(query)
    if match is None:
        return query
    if match["tables"]:
        return f"{TABLES[dialect]} ORDER BY 2, 1 LIMIT {MOST}"
    *schemas, table = _names(match["table"], dialect)
    where = OF_SCHEMA[dialect][0 if schemas else 1]
    if schemas and not where:
        raise SourceError(f"{match['table'][:100]} has a schema, which this server does not know")
    of_schema = where.format(schema=_literal(schemas[0], dialect)) if schemas else where
    return COLUMNS[dialect].format(table=_literal(table, dialect), of_schema=of_schema)


def named(query: str, options: Sequence[VariableOption], dialect: str) -> Sequence[VariableOption]:
    """The answer to a look-up with its names as a query writes them; of any other text as it is."""
    match = LOOKUP.fullmatch(query)
    if match is None:
        return options
    if match["tables"]:
        return [VariableOption(name, name) for name in (_table(one, dialect) for one in options)]
    return [VariableOption(quoted(one.value, dialect), one.text) for one in options]


def quoted(name: str, dialect: str) -> str:
    """A name as a query writes it: in quotes only where it needs them."""
    if PLAIN[dialect].fullmatch(name) and name.lower() not in RESERVED:
        return name
    if dialect == "clickhouse":
        name = name.replace("\\", "\\\\")
    mark = "`" if dialect in ("mysql", "clickhouse") else '"'
    return f"{mark}{name.replace(mark, mark * 2)}{mark}"


def _table(one: VariableOption, dialect: str) -> str:
    name = quoted(one.value, dialect)
    return f"{quoted(one.text, dialect)}.{name}" if one.text else name


def _names(text: str, dialect: str) -> list[str]:
    """The names of `schema.table` or `table`, out of their quotes; SourceError for anything else."""
    found = [token for token in tokens(text, dialect) if token.kind not in BLANK]
    names, dots = found[::2], found[1::2]
    good = len(found) in (1, 3) and all(one.kind in NAMES for one in names)
    if not good or any(text[one.start : one.end] != "." for one in dots):
        raise SourceError("columns() takes a table: columns(orders) or columns(shop.orders)")
    return [_read(text[one.start : one.end], one.kind, dialect) for one in names]


def _read(token: str, kind: str, dialect: str) -> str:
    if kind == "name_escaped":
        return re.sub(r"\\(.)", r"\1", plain_name(token), flags=re.DOTALL)
    return token.lower() if kind == "word" and dialect == "postgres" else plain_name(token)


def _literal(text: str, dialect: str) -> str:
    if dialect in ("mysql", "clickhouse"):
        text = text.replace("\\", "\\\\")
    doubled = text.replace("'", "''")
    return f"'{doubled}'"
