"""SQL of DuckDB as SQL of Spark: macros and variables written out, rules applied.

A function that neither a rule nor the list below knows is unsupported: what both
engines have under one name may still be two things.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Self

import duckdb
import sqlglot
from sqlglot import exp

from pipeline.build.spark import variables
from pipeline.build.spark.nodes import Node, UnsupportedSqlError
from pipeline.build.spark.rules import NAMED, RULES

# The same on both, for whole numbers, text, days and times of UTC.
_SAME: tuple[type, ...] = (
    *(exp.Abs, exp.And, exp.Or, exp.Xor, exp.Case, exp.If, exp.Coalesce, exp.Nullif),
    *(exp.Cast, exp.Greatest, exp.Least, exp.Count, exp.Max, exp.Min, exp.CountIf),
    *(exp.LogicalOr, exp.LogicalAnd, exp.RowNumber, exp.Rank, exp.DenseRank),
    *(exp.Lag, exp.Lead, exp.FirstValue, exp.LastValue, exp.Left, exp.LastDay),
    *(exp.TimestampTrunc, exp.Year, exp.Month, exp.Day, exp.Exists),
)


@dataclass(frozen=True, slots=True)
class Dialect:
    """What the SQL of models may name: macros with their arguments, and variables."""

    macros: Mapping[str, tuple[list[str], str]]
    variables: Mapping[str, Node]

    @classmethod
    def of(cls, connection: duckdb.DuckDBPyConnection) -> Self:
        """The macros and variables of *connection*."""
        found = connection.execute(
            "select function_name, parameters, macro_definition from duckdb_functions()"
            " where function_type = 'macro' and not internal"
        ).fetchall()
        macros = {name: (parameters, body) for name, parameters, body in found}
        return cls(macros, variables.read(connection))

    def spark(self, sql: str) -> str:
        """The select *sql* as Spark writes it.

        Raises:
            UnsupportedSqlError: It has something that no rule knows.
        """
        try:
            tree = sqlglot.parse_one(sql, read="duckdb")
            self._expand(tree)
            variables.replace(tree, self.variables)
            _apply_rules(tree)
            return str(
                tree.sql(
                    "spark",
                    comments=False,
                    unsupported_level=sqlglot.ErrorLevel.RAISE,
                )
            )
        except sqlglot.errors.SqlglotError as exc:
            raise UnsupportedSqlError(str(exc).partition("\n")[0]) from exc

    def _expand(self, tree: Node) -> None:
        """Put the bodies of macros where they are called, until none is."""
        while called := [
            one for one in tree.find_all(exp.Anonymous) if one.name in self.macros
        ]:
            # From within: the arguments of a macro may call one, too.
            one = called[-1]
            parameters, body = self.macros[one.name]
            given = dict(zip(parameters, one.expressions, strict=True))
            written = exp.paren(sqlglot.parse_one(body, read="duckdb"))
            for column in list(written.find_all(exp.Column)):
                if not column.table and column.name in given:
                    column.replace(exp.paren(given[column.name].copy()))
            one.replace(written)


def _apply_rules(tree: Node) -> None:
    """Let the rules change *tree*, what is within a node before the node."""
    for node in reversed(list(tree.walk())):
        rule = NAMED.get(node.name.lower()) if isinstance(node, exp.Anonymous) else None
        rule = rule or RULES.get(type(node))
        if rule:
            if (changed := rule(node)) is not node:
                node.replace(changed)
        elif isinstance(node, exp.Func) and not _is_same(node):
            raise UnsupportedSqlError(f"{node.sql('duckdb').partition('(')[0]}()")
    for select in tree.find_all(exp.Select):
        select.set("windows", None)


def _is_same(node: Node) -> bool:
    """Whether a function is of both, or is what put a variable into its place."""
    if isinstance(node, exp.Anonymous):
        return bool(node.meta.get("is_of_spark"))
    return isinstance(node, _SAME)
