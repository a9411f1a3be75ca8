"""The tables that a select reads, by DuckDB's own parser."""

import json
from collections.abc import Iterator
from functools import cache
from typing import Any

import duckdb

from pipeline.errors import PipelineError


@cache
def tables_of(sql: str) -> frozenset[str]:
    """Names of the tables that the select *sql* reads, without their schemas.

    Raises:
        PipelineError: *sql* is not one select.
    """
    with _parser().cursor() as parser:
        answer = parser.execute("select json_serialize_sql($1)", [sql]).fetchone()
    tree = json.loads(answer[0] if answer else "{}")
    if tree.get("error", True):
        raise PipelineError(tree.get("error_message", "not a select"))
    if len(tree["statements"]) != 1:
        raise PipelineError("not one select")
    return frozenset(_tables(tree["statements"][0]["node"], frozenset()))


@cache
def _parser() -> duckdb.DuckDBPyConnection:
    """One database for all that is parsed: to open one takes 10 ms."""
    return duckdb.connect()


def _tables(node: Any, hidden: frozenset[str]) -> Iterator[str]:
    """Tables named in *node*; a CTE hides one of its name from what comes after it."""
    if isinstance(node, list):
        for part in node:
            yield from _tables(part, hidden)
        return
    if not isinstance(node, dict):
        return
    if node.get("type") == "RECURSIVE_CTE_NODE":
        hidden |= {node["cte_name"]}
    for cte in node.get("cte_map", {}).get("map", []):
        yield from _tables(cte["value"], hidden)
        hidden |= {cte["key"]}
    if node.get("type") == "BASE_TABLE" and node["table_name"] not in hidden:
        yield node["table_name"]
    for name, part in node.items():
        if name != "cte_map":
            yield from _tables(part, hidden)
