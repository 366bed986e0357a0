"""The words of a statement of the store: names, literals, units and types, as ClickHouse alone can read them.

Names are always quoted, letters outside of ASCII stand in quotes alone and escaped; units and types come from lists.
"""

from __future__ import annotations

import re
from typing import Final

from sqlglot import exp

from ...errors import SourceError
from .storegrammar import UNITS, is_bare_word

NUMBER: Final = re.compile(r"^\d*\.?\d*(e[+-]?\d+)?$", re.IGNORECASE | re.ASCII)
DOTTED: Final = re.compile(r"^\d+(\.\d+)*$", re.ASCII)
BITS: Final = re.compile(r"^[01]{1,64}$")
HEXADECIMAL: Final = re.compile(r"^[0-9A-Fa-f]{1,64}$")
TYPE_TEXT: Final = re.compile(r"^[A-Za-z0-9_(), ']{1,200}$")
UNSPOKEN: Final = re.compile(r"[\x00-\x1f\x7f\\`‘’“”]")  # in names: what another parser may read otherwise
PARTS_OF_TIME: Final = UNITS | {"DOW", "DOY", "ISODOW", "ISOYEAR", "EPOCH"}  # what EXTRACT takes
FRAMES: Final = frozenset({"CURRENT ROW", "UNBOUNDED"})
TYPE_NAMES: Final = """
TINYINT=Int8 SMALLINT=Int16 INT=Int32 BIGINT=Int64 INT128=Int128 INT256=Int256 UTINYINT=UInt8 USMALLINT=UInt16
UINT=UInt32 UBIGINT=UInt64 UINT128=UInt128 UINT256=UInt256 FLOAT=Float32 DOUBLE=Float64 DECIMAL=Decimal
DECIMAL32=Decimal32 DECIMAL64=Decimal64 DECIMAL128=Decimal128 BOOLEAN=Bool TEXT=String FIXEDSTRING=FixedString
UUID=UUID DATE=Date DATE32=Date32 DATETIME=DateTime DATETIME64=DateTime64 TIMESTAMP=TIMESTAMP IPV4=IPv4 IPV6=IPv6
ARRAY=Array STRUCT=Tuple MAP=Map LOWCARDINALITY=LowCardinality
"""
TYPES: Final = {exp.DType[one]: written for one, _, written in (pair.partition("=") for pair in TYPE_NAMES.split())}


def text_literal(text: str) -> str:
    """A string literal of ASCII alone."""
    return "'" + "".join(_escaped(char) for char in text) + "'"


def _escaped(char: str) -> str:
    if char in "'\\":
        return "\\" + char
    if " " <= char <= "~":
        return char
    return "".join(f"\\x{byte:02X}" for byte in char.encode("utf-8", "surrogatepass"))


def name(node: exp.Identifier) -> str:
    """A quoted name; SourceError where it holds what another parser may read as its end."""
    if is_bare_word(node) and not node.args.get("quoted"):
        return node.name.lower()
    if not node.name or UNSPOKEN.search(node.name):
        raise SourceError("a name may not hold quotes of the text, backslashes or control characters")
    return "`" + "".join(_escaped(char) if char != "'" else char for char in node.name) + "`"


def literal(node: exp.Literal) -> str:
    """A text or a number."""
    if node.is_string:
        return text_literal(node.name)
    if not NUMBER.match(node.name) or not any(char.isdigit() for char in node.name):
        raise SourceError(f"{node.name[:40]} is no number")
    return node.name


def digits(node: exp.Expr, form: re.Pattern[str], before: str) -> str:
    """A number of another form, with what stands before its digits."""
    if not form.match(node.name):
        raise SourceError(f"{node.name[:40]} is no number")
    return before + node.name


def unit(node: exp.Expr | None, units: frozenset[str] = UNITS) -> str:
    """A unit of time, in capitals."""
    word = node.name.upper() if isinstance(node, exp.Var) else ""
    if word not in units:
        raise SourceError(f"{node.name[:40] if node is not None else 'nothing'} is no unit of time")
    return word
