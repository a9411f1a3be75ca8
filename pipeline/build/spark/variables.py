"""Values of variables, as Spark writes them."""

from collections.abc import Mapping, Sequence
from typing import Any

import duckdb
from sqlglot import exp

from pipeline.build.spark.nodes import Node, UnsupportedSqlError, call


def read(connection: duckdb.DuckDBPyConnection) -> dict[str, Node]:
    """Each variable of *connection* as an expression of its type."""
    names = [
        name
        for (name,) in connection.execute(
            "select name from duckdb_variables()"
        ).fetchall()
    ]
    found: dict[str, Node] = {}
    for name in names:
        row = connection.execute(
            "select getvariable($1), typeof(getvariable($1))", [name]
        ).fetchone()
        if row:
            value, dtype = row
            found[name] = literal(value, exp.DataType.build(dtype, dialect="duckdb"))
    return found


def replace(node: Node, variables: Mapping[str, Node]) -> None:
    """Put its value where `getvariable()` asks for it, anywhere in *node*.

    A map that lacks a key has null for it, in Spark only if it is asked so.
    """
    for asked in list(node.find_all(exp.Anonymous)):
        if asked.name.lower() != "getvariable":
            continue
        value = variables.get(asked.expressions[0].name, exp.null()).copy()
        within = asked.parent
        if isinstance(within, exp.Bracket) and asked.arg_key == "this":
            if not value.is_type("map"):
                raise UnsupportedSqlError("an element of a variable that is no map")
            within.replace(call("try_element_at", value, within.expressions[0]))
        else:
            asked.replace(value)


def literal(value: Any, dtype: Node) -> Node:
    """*value*, of that type, as an expression."""
    if value is None:
        return exp.cast(exp.null(), dtype.copy())
    if isinstance(value, Mapping):
        return exp.cast(_map_or_struct(value, dtype), dtype.copy())
    if isinstance(value, Sequence) and not isinstance(value, str):
        (inner,) = dtype.expressions
        items = call("array", *(literal(one, inner) for one in value))
        return exp.cast(items, dtype.copy())
    if isinstance(value, bool):
        return exp.convert(value)
    return exp.cast(exp.Literal.string(str(value)), dtype.copy())


def _map_or_struct(value: Mapping[Any, Any], dtype: Node) -> Node:
    if dtype.is_type("map"):
        types = dtype.expressions
        pairs = [
            literal(one, kind)
            for pair in value.items()
            for one, kind in zip(pair, types, strict=True)
        ]
        return call("map", *pairs)
    fields = {field.name: field.args["kind"] for field in dtype.expressions}
    named = [
        part
        for name, one in value.items()
        for part in (exp.Literal.string(name), literal(one, fields[name]))
    ]
    return call("named_struct", *named)
