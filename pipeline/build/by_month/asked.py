"""What a model asks for, in its SQL, its claims and their macros: variables, macros."""

import re
from functools import cache

from pipeline.resources import resource
from pipeline.warehouse import Model

_ASKED = re.compile(r"getvariable\('(\w+)'\)")
_MACRO = re.compile(r"create temp macro (\w+).*?;\n", re.DOTALL)
_CALLED = re.compile(r"\b(\w+)\(")


def asked_directly(model: Model) -> set[str]:
    """The variables that *model* names itself."""
    return {*_ASKED.findall(_text(model))}


def asked(model: Model) -> set[str]:
    """All variables that the rows of *model* depend on."""
    return asked_directly(model).union(*_of_macros(_text(model)))


def macros_of(model: Model) -> list[str]:
    """The macros that *model* calls, and those that these call: how each is written."""
    bodies, found = _bodies(), set[str]()
    called = {*_CALLED.findall(_text(model))} & bodies.keys()
    while called - found:
        found |= called
        within = (_CALLED.findall(bodies[name]) for name in found)
        called = {name for names in within for name in names} & bodies.keys()
    return [bodies[name] for name in sorted(found)]


def _text(model: Model) -> str:
    return f"{model.sql} {model.claims}"


def _of_macros(text: str) -> list[frozenset[str]]:
    variables = _variables()
    return [variables[name] for name in {*_CALLED.findall(text)} & variables.keys()]


@cache
def _bodies() -> dict[str, str]:
    """Each macro as it is written, all of its forms."""
    bodies: dict[str, str] = {}
    for path in sorted((resource("sql") / "macros").glob("*.sql")):
        for found in _MACRO.finditer(path.read_text(encoding="utf-8")):
            bodies[found[1]] = bodies.get(found[1], "") + found[0]
    return bodies


@cache
def _variables() -> dict[str, frozenset[str]]:
    """The variables that each macro asks for, also in the macros that it calls."""
    bodies = _bodies()

    def of(name: str, within: frozenset[str]) -> set[str]:
        called = {*_CALLED.findall(bodies[name])} & bodies.keys() - within
        own = {*_ASKED.findall(bodies[name])}
        return own.union(*(of(one, within | called) for one in called))

    return {name: frozenset(of(name, frozenset({name}))) for name in bodies}
