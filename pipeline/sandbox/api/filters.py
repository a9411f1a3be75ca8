"""The subset of SCIM filter expressions that the tenant understands."""

import re
from collections.abc import Collection
from typing import NamedTuple

from pipeline.sandbox.api.errors import bad_request

_CLAUSE = re.compile(
    r"\s*(?P<field>[\w.]+) (?P<operator>[a-z]+) "
    r'(?:"(?P<text>(?:[^"\\]|\\.)*)"|(?P<truth>true|false))'
)
_AND = re.compile(r" and ")
_ESCAPE = re.compile(r"\\(.)")


class Clause(NamedTuple):
    """One condition: `status eq "failed"`, `billable eq true`."""

    field: str
    operator: str
    value: str | bool


def clauses(
    expression: str,
    fields: Collection[str],
    operators: Collection[str] = ("eq",),
) -> list[Clause]:
    """Conditions joined by `and`, perhaps in parentheses; anything else is a 400."""
    inner = expression.strip()
    if inner.startswith("(") and inner.endswith(")"):
        inner = inner[1:-1]
    found = []
    position = 0
    while match := _CLAUSE.match(inner, position):
        found.append(_clause(match, fields, operators))
        position = match.end()
        joint = _AND.match(inner, position)
        if joint is None:
            break
        position = joint.end()
    if not found or inner[position:].strip():
        raise bad_request(f"cannot parse filter: {expression}")
    return found


def _clause(
    match: re.Match[str], fields: Collection[str], operators: Collection[str]
) -> Clause:
    name, operator, text = match["field"], match["operator"], match["text"]
    if name not in fields:
        raise bad_request(f"unknown filter field: {name}")
    if operator not in operators:
        raise bad_request(f"unsupported operator for {name}: {operator}")
    value = match["truth"] == "true" if text is None else _ESCAPE.sub(r"\1", text)
    return Clause(name, operator, value)
