"""What rules take and give: expressions of the library, and calls of Spark's own."""

from typing import Any

from sqlglot import exp

# An expression of the library, which has no types that are checked here.
Node = Any


class UnsupportedSqlError(Exception):
    """What no rule knows to be the same on both."""


def call(name: str, *arguments: Node) -> Node:
    """A call of a function of Spark."""
    called = exp.Anonymous(this=name, expressions=[one.copy() for one in arguments])
    called.meta["is_of_spark"] = True
    return called
