"""How Spark says what DuckDB says otherwise: a rule for each difference.

Each takes what DuckDB's SQL has, and gives what has the same rows in Spark. Figures
are whole numbers: models by month have no others.
"""

from collections.abc import Callable, Mapping

from sqlglot import exp

from pipeline.build.spark import moments
from pipeline.build.spark.nodes import Node, UnsupportedSqlError, call


def wide_integer(node: Node) -> Node:
    """A HUGEINT, which Spark has not, as a DECIMAL of as many digits."""
    if node.this in {exp.DType.INT128, exp.DType.UINT128}:
        return exp.DataType.build("decimal(38, 0)")
    return node


def total(node: Node) -> Node:
    """A sum of whole numbers: a HUGEINT in DuckDB, of 64 bits in Spark."""
    if isinstance(node.this, exp.Distinct):
        raise UnsupportedSqlError("sum(distinct)")
    return exp.Sum(this=_wide(node.this))


def whole_quotient(node: Node) -> Node:
    """`//` of up to 38 digits: Spark's div has 64 bits.

    What is divided is first made a multiple, so that nothing is to be rounded.
    """
    one, other = _wide(node.this), _wide(node.expression)
    rest = exp.Mod(this=one, expression=other)
    multiple = exp.paren(exp.Sub(this=one.copy(), expression=rest))
    return _wide(exp.Div(this=multiple, expression=other.copy()))


def quotient(node: Node) -> Node:
    """`/`, which is DOUBLE in DuckDB, also of whole numbers and of DECIMAL."""
    one, other = (
        exp.cast(part.copy(), "double") for part in (node.this, node.expression)
    )
    return exp.Div(this=one, expression=other)


def whole_number(node: Node) -> Node:
    """A cast to a whole number: DuckDB rounds what Spark cuts off."""
    is_whole = node.to.this in exp.DataType.INTEGER_TYPES
    if is_whole and next(node.this.find_all(exp.Div, exp.Avg, exp.Median), None):
        raise UnsupportedSqlError("a cast of a fraction to a whole number")
    is_written = isinstance(node.this, exp.Null | exp.Literal)
    if node.to.this in exp.DataType.TEXT_TYPES and not is_written:
        raise UnsupportedSqlError("a cast to text")
    return node


def median(node: Node) -> Node:
    """A median, which is a DECIMAL of DECIMALs in DuckDB, and never in Spark."""
    if not (isinstance(node.this, exp.Cast) and node.this.to.is_type("double")):
        raise UnsupportedSqlError("median() of what is not cast to double")
    return node


def quantile(node: Node) -> Node:
    """`quantile_disc(x, q)`: a value that there is, where Spark's is a DOUBLE."""
    ordered = call("sort_array", call("collect_list", node.this))
    count = exp.Count(this=node.this.copy())
    place = call("ceil", exp.Mul(this=count, expression=node.expression.copy()))
    first = exp.Literal.number(1)
    return call(
        "try_element_at", ordered, call("greatest", exp.cast(place, "int"), first)
    )


def ordered_list(node: Node) -> Node:
    """`list(x order by y)`: Spark collects in any order, and leaves nulls out."""
    if not isinstance(node.this, exp.Order):
        raise UnsupportedSqlError("list() without an order")
    orders = node.this.expressions
    descending = {bool(order.args.get("desc")) for order in orders}
    if len(descending) > 1:
        raise UnsupportedSqlError("list() in an order that goes up and down")
    is_descending = descending.pop()
    keys = []
    for order in orders:
        is_null = order.this.copy().is_(exp.null())
        # Nulls are last both ways.
        keys += [exp.not_(is_null) if is_descending else is_null, order.this]
    named: list[Node] = []
    for number, one in enumerate((*keys, node.this.this)):
        named += [exp.Literal.string(f"part_{number}"), one]
    items = call("collect_list", call("named_struct", *named))
    ordered = call("sort_array", items, exp.convert(not is_descending))
    last = exp.column(f"part_{len(keys)}", table="one")
    each = exp.Lambda(this=last, expressions=[exp.to_identifier("one")])
    return call("transform", ordered, each)


def trimmed(node: Node) -> Node:
    """`trim(x)`: DuckDB takes off all spaces of Unicode, Spark that of ASCII."""
    if node.expression or node.args.get("position"):
        raise UnsupportedSqlError("trim() of other signs, or of one side")
    # The backslashes of a pattern: those of a literal are doubled when it is written.
    pattern = exp.Literal.string(r"\A\p{Zs}+|\p{Zs}+\z")
    return call("regexp_replace", node.this, pattern, exp.Literal.string(""))


def least_or_most(node: Node) -> Node:
    """`min_by(x, y)`: of rows that have an x; Spark takes those without one, too."""
    known = exp.not_(node.this.copy().is_(exp.null()))
    return exp.Filter(this=node.copy(), expression=exp.Where(this=known))


def sign(node: Node) -> Node:
    """`sign(x)`: a whole number in DuckDB, a DOUBLE in Spark."""
    case = exp.Case()
    zero = exp.Literal.number(0)
    for kind, value in ((exp.GT, 1), (exp.LT, -1), (exp.EQ, 0)):
        holds = kind(this=node.this.copy(), expression=zero.copy())
        case = case.when(holds, exp.Literal.number(value))
    return case


def named_window(node: Node) -> Node:
    """`over (w order by …)`: what *w* names is written where it is used."""
    name = node.args.get("alias") or node.args.get("first")
    select = node.find_ancestor(exp.Select)
    named = {one.name: one for one in (select and select.args.get("windows")) or []}
    found = named.get(getattr(name, "name", ""))
    if found is None:
        return node
    window = node.copy()
    window.set("alias", None)
    for part in ("partition_by", "order", "spec"):
        if not window.args.get(part) and (given := found.args.get(part)):
            copied = [one.copy() for one in given] if part == "partition_by" else None
            window.set(part, copied or given.copy())
    return window


def by_name(node: Node) -> Node:
    """`union by name`: columns in the order of the first select, which Spark needs."""
    if not node.args.get("by_name"):
        return node
    sides = [node.this, node.expression]
    if any(not isinstance(one, exp.Select) or one.is_star for one in sides):
        raise UnsupportedSqlError("union by name of selects that do not name columns")
    names = list(dict.fromkeys(name for one in sides for name in one.named_selects))
    for one in sides:
        own = dict(zip(one.named_selects, one.selects, strict=True))
        lacking = {name: exp.alias_(exp.null(), name) for name in names}
        one.set("expressions", [own.get(name, lacking[name]) for name in names])
    node.set("by_name", None)
    return node


def _wide(node: Node) -> Node:
    return exp.cast(node.copy(), "decimal(38, 0)")


RULES: Mapping[type, Callable[[Node], Node]] = {
    exp.DataType: wide_integer,
    exp.Sum: total,
    exp.IntDiv: whole_quotient,
    exp.Div: quotient,
    exp.Cast: whole_number,
    exp.DayOfWeek: moments.weekday,
    exp.DayOfWeekIso: moments.iso_weekday,
    exp.Median: median,
    exp.PercentileDisc: quantile,
    exp.ArrayAgg: ordered_list,
    exp.DateDiff: moments.boundaries,
    exp.AtTimeZone: moments.utc_time,
    exp.UnixToTime: moments.time_of_micros,
    exp.Trim: trimmed,
    exp.ArgMin: least_or_most,
    exp.ArgMax: least_or_most,
    exp.Sign: sign,
    exp.Window: named_window,
    exp.Union: by_name,
}

# Functions that the library has no class for.
NAMED: Mapping[str, Callable[[Node], Node]] = {
    "date_sub": moments.elapsed,
    "epoch_us": moments.micros,
}
