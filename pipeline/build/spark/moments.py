"""How Spark says what DuckDB says otherwise of days and times."""

from sqlglot import exp

from pipeline.build.spark.nodes import Node, UnsupportedSqlError, call


def weekday(node: Node) -> Node:
    """Days of a week: from 0, a Sunday, in DuckDB; from 1 in Spark."""
    return exp.paren(exp.DayOfWeek(this=node.this.copy()) - 1)


def iso_weekday(node: Node) -> Node:
    """Days of a week from 1, a Monday, on; Spark's weekday has 0 for it."""
    return exp.paren(call("weekday", node.this) + 1)


def elapsed(node: Node) -> Node:
    """`date_sub(unit, a, b)`: whole units that went by from *a* to *b*."""
    unit, begin, end = _three(node)
    if unit not in {"microsecond", "millisecond", "second", "minute", "hour", "day"}:
        raise UnsupportedSqlError(f"date_sub() of {unit}s")
    return call("timestampdiff", exp.Var(this=unit.upper()), begin, end)


def boundaries(node: Node) -> Node:
    """`date_diff(unit, a, b)`: how often a unit begins after *a*, up to *b*."""
    unit = (node.text("unit") or "day").lower()
    begin, end = node.expression, node.this
    if unit == "day":
        days = [exp.cast(part.copy(), "date") for part in (end, begin)]
        return call("date_diff", *days)
    if unit in {"year", "month"}:
        years = call("year", end) - call("year", begin)
        if unit == "year":
            return exp.paren(years)
        months = call("month", end) - call("month", begin)
        return exp.paren(exp.paren(years) * 12 + months)
    if unit not in {"hour", "minute", "second"}:
        raise UnsupportedSqlError(f"date_diff() of {unit}s")
    starts = [call("date_trunc", exp.Literal.string(unit), it) for it in (begin, end)]
    return call("timestampdiff", exp.Var(this=unit.upper()), *starts)


def utc_time(node: Node) -> Node:
    """`at time zone 'UTC'`: a moment as a time without zone; the session is in UTC."""
    if node.text("zone") != "UTC":
        raise UnsupportedSqlError("a time zone that is not UTC")
    return exp.cast(node.this.copy(), "timestamp_ntz")


def time_of_micros(node: Node) -> Node:
    """`make_timestamp(x)`: a time without zone, from microseconds of UTC."""
    if node.text("scale") != "6":
        raise UnsupportedSqlError("a time that is not from microseconds")
    return exp.cast(call("timestamp_micros", node.this), "timestamp_ntz")


def micros(node: Node) -> Node:
    """`epoch_us(x)`: the microseconds of a moment."""
    return call("unix_micros", *node.expressions)


def _three(node: Node) -> tuple[str, Node, Node]:
    try:
        unit, begin, end = node.expressions
    except ValueError as exc:
        raise UnsupportedSqlError(f"{node.name}() without a unit") from exc
    return unit.name.lower(), begin, end
