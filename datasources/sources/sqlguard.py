"""The SQL guard: a person's text is parsed, judged, bound to one org and rendered again; it is never sent as typed."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Final

import sqlglot
from sqlglot import exp
from sqlglot.errors import SqlglotError

from ...errors import SourceError
from ..macros import unmarked
from ..timerange import TimeRange

MAX_SQL = 20_000
MAX_DEPTH = 200
TABLES: Final = ("samples", "series", "rollup_1m", "rollup_1h")
MACRO: Final = re.compile(
    r"\$__(?P<name>timeFilter|timeGroup|bucket)\(\s*(?P<column>[A-Za-z_][\w.]*)\s*(?:,\s*'?(?P<step>\d+[smhd])'?\s*)?\)"
)
STEP_UNITS_S: Final = {"s": 1, "m": 60, "h": 3600, "d": 86_400}

# Functions that compute from their arguments alone. Suffixes of ClickHouse's combinators are taken off before the look.
COMBINATORS: Final = re.compile(r"(if|merge|state|ornull|ordefault|distinct|array|map)$")
FUNCTION_NAMES: Final = """
abs acos and any any_value anylast anyvalue approx_distinct approxdistinct argmax argmaxmerge argmin argminmerge array
array_agg arrayall arrayany arraycompact arrayconcat arraycount arraycumsum arraydifference arraydistinct arrayelement
arrayenumerate arrayexists arrayfilter arrayfirst arrayjoin arraymap arraymax arraymin arrayreverse arrayslice
arraysort arraysum arrayuniq asin assumenotnull atan atan2 avg avgif avgweighted case cast ceil ceiling coalesce
concat concat_ws contains corr cos count count_if countif countsubstrings covarpop covarsamp cumedist currentdate
currenttimestamp date date_diff date_trunc dateadd datediff datesub datetrunc day dayofmonth dayofweek dayofyear
degrees deltasum deltasumtimestamp dense_rank divide empty endswith exists exp extract first first_value firstvalue
floor formatdatetime fromunixtimestamp fromunixtimestamp64milli greatest group_concat grouparray groupuniqarray has
hasall hasany hour if ifnull ilike intdiv interval isfinite isinfinite isnan isnotnull isnull jsonextractfloat
jsonextractint jsonextractstring lag laginframe last last_value lastvalue lead leadinframe least left length like ln
log log10 log2 lower ltrim map mapcontains mapkeys mapvalues match max median medianexact min minus minute mod modulo
month multiif multiply negate not notempty now now64 ntile nullif numbers or percentrank position positive pow power
quantile quantileexact quantiles quantilestdigest quantiletdigest quarter radians range rank replace replaceall
replaceone replaceregexpall replaceregexpone reverse right round row_number rownumber rtrim runningaccumulate
runningdifference second sign simplelinearregression sin sqrt startswith stddev stddev_pop stddev_samp stddevpop
stddevpopstable stddevsamp str_position strposition substring sum sumif summap sumwithoverflow tan timestampadd
timestampdiff timestampsub timestamptrunc timetostr todate todatetime todatetime64 todayofmonth todayofweek
todayofyear tofixedstring tofloat32 tofloat64 tofloat64ornull tohour toint16 toint32 toint64 toint8 tointervalday
tointervalhour tointervalmillisecond tointervalminute tointervalsecond tolowcardinality
tominute tomonday tomonth tonullable topk toquarter
tosecond tostartofday tostartoffifteenminutes tostartoffiveminutes tostartofhour tostartofinterval tostartofminute
tostartofmonth tostartofquarter tostartofsecond tostartoftenminutes tostartofweek tostartofyear tostring touint16
touint32 touint64 touint8 tounixtimestamp tounixtimestamp64milli toyear transform trim trunc truncate try_cast tuple
tupleelement typeof uniq uniqcombined uniqexact uniqhll12 unixtomillis upper var_pop var_samp variance variance_pop
variancepop varpop varsamp week xor year
"""
FUNCTIONS: Final = frozenset(FUNCTION_NAMES.split())


def expand_macros(sql: str, range_: TimeRange, step_s: float, *, whole_buckets: bool = False) -> str:
    """The macros of time (`$__timeFilter(col)`, `$__bucket(col)`, `$__from`, `$__interval` …) as ClickHouse has it.

    `whole_buckets`: the filter ends with the bucket that begins at the end of the range, not within it.
    """
    step_ms = max(int(step_s * 1000), 1)

    until = f"< fromUnixTimestamp64Milli({range_.to_ms + step_ms})"
    end = until if whole_buckets else f"<= fromUnixTimestamp64Milli({range_.to_ms})"

    def replaced(match: re.Match[str]) -> str:
        column = match["column"]
        if match["name"] == "timeFilter":
            return f"({column} >= fromUnixTimestamp64Milli({range_.from_ms}) AND {column} {end})"
        given = match["step"]
        wide_ms = int(given[:-1]) * STEP_UNITS_S[given[-1]] * 1000 if given else step_ms
        return f"toStartOfInterval({column}, toIntervalMillisecond({wide_ms}))"

    expanded = MACRO.sub(replaced, sql)
    words = {"$__from": range_.from_ms, "$__to": range_.to_ms, "$__interval_ms": step_ms}
    for word, value in words.items():
        expanded = re.sub(re.escape(word) + r"\b", str(value), expanded)
    return unmarked(re.sub(r"\$__interval\b", f"toIntervalMillisecond({step_ms})", expanded))


def guard(sql: str, org: int, database: str) -> str:
    """The same query, rendered again over this org's rows; SourceError saying what is not allowed.

    One SELECT or UNION over the store's tables with functions that compute from their arguments alone: no table
    functions but `numbers`, no SETTINGS, FORMAT, INTO OUTFILE, no second statement.
    """
    tree = parse(sql)
    if not isinstance(tree, (exp.Select, exp.SetOperation, exp.Subquery)):
        raise SourceError("only SELECT is allowed")
    names = {cte.alias_or_name for cte in tree.find_all(exp.CTE)}
    for node in tree.walk():
        judge(node)
    for table in list(tree.find_all(exp.Table)):
        bind(table, names, org, database)
    return tree.sql(dialect="clickhouse", comments=False)


def parse(sql: str, dialect: str = "clickhouse") -> exp.Expr:
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
    if isinstance(node, exp.In) and (node.args.get("field") is not None or node.args.get("unnest") is not None):
        raise SourceError("IN takes a list or a SELECT in parentheses")  # ClickHouse reads a bare name as a table
    if isinstance(node, exp.Func) and not isinstance(node, (exp.Connector, exp.Cast)):
        judge_function(node)


def judge_statement(node: exp.Expr) -> None:
    """SourceError where a node makes a query more than a question."""
    for kind, name in FORBIDDEN.items():
        if isinstance(node, kind) and not isinstance(node, exp.Query):
            raise SourceError(f"{name} is not allowed")
    for clause in ("settings", "format", "into", "outfile", "sample"):
        if node.args.get(clause) and isinstance(node, exp.Query):
            raise SourceError(f"{clause.upper()} is not allowed")


def judge_function(node: exp.Func) -> None:
    names = {(node.name if isinstance(node, (exp.Anonymous, exp.AnonymousAggFunc)) else node.sql_name()).lower()}
    if isinstance(node, (exp.ParameterizedAgg, exp.CombinedAggFunc)):
        names = {str(node.this).lower()}
    for name in names:
        plain = name.replace("_", "")
        base = COMBINATORS.sub("", plain)
        if not {name, plain, base} & FUNCTIONS:
            raise SourceError(f"the function {name} is not allowed")


def bind(table: exp.Table, names: set[str], org: int, database: str) -> None:
    """Let a table stand, as the rows of one org; SourceError for any other."""
    if isinstance(table.this, exp.Func):
        name = (table.this.name if isinstance(table.this, exp.Anonymous) else table.this.sql_name()).lower()
        if name != "numbers":
            raise SourceError(f"the table function {name} is not allowed")
        return
    if not isinstance(table.this, exp.Identifier):
        raise SourceError("this table is not allowed")
    if table.args.get("db") is None and table.name in names:
        return
    if table.name not in TABLES or table.db not in ("", database) or table.args.get("catalog"):
        raise SourceError(f"the table {table.sql(dialect='clickhouse')} is not allowed; there are {', '.join(TABLES)}")
    rows = exp.select("*").from_(exp.to_table(f"{database}.{table.name}")).where(f"org = {int(org)}")
    alias = table.alias or table.name
    table.replace(rows.subquery(alias))
