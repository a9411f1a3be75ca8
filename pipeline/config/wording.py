"""Errors of the configuration in its own terms: the line, the tenant, the nearest key.

A message begins with the file and the key, as `chargeback.toml: tenant[0].url: …`;
here it gets the line on which the key stands, and the tenant's name for its number.
"""

import difflib
import re
import tomllib
from ast import literal_eval
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

import msgspec

from pipeline.config.keys import File, TenantsFile
from pipeline.config.ledger_keys import LedgerKeys
from pipeline.config.section import FORMS

Kind = type[File] | type[TenantsFile] | type[LedgerKeys]

_AT_KEY = re.compile(r" - at `\$\.?(?P<key>[^`]*)`$")
_UNKNOWN = re.compile(r"Object contains unknown field `(?P<name>[^`]*)`")
_MISSING = re.compile(r"Object missing required field `(?P<name>[^`]*)`")
_PATTERN = re.compile(r"Expected str matching regex (?P<pattern>.*)", re.DOTALL)
_KEY = re.compile(r"[\w.\[\]-]+")
_TENANT = re.compile(r"^tenant\[(?P<number>\d+)\]")
_HEADER = re.compile(r"\s*\[(?P<list>\[?)(?P<key>[^\]]+)\]")
_ASSIGNED = re.compile(r"""\s*(?P<key>(?:[\w-]+|"[^"]*"|'[^']*'|\s*\.\s*)+)\s*=""")
_NAME = re.compile("[A-Za-z0-9_-]{1,64}")
_QUOTES = ('"""', "'" * 3)
_MOST_ALIKE = 0.6


def explained(message: str, kind: Kind) -> str:
    """A decoder's message in the terms of a *kind* of file, with the key first."""
    found = _AT_KEY.search(message)
    key = found["key"] if found else ""
    what = message[: found.start()] if found else message
    what = what.replace("Object", "table").replace("`", "")
    if unknown := _UNKNOWN.match(message):
        whole = ".".join(filter(None, (key, unknown["name"])))
        return f"{whole}: unknown key{_meant(kind, key, unknown['name'])}"
    if missing := _MISSING.match(message):
        return f"{'.'.join(filter(None, (key, missing['name'])))}: required, not set"
    if pattern := _PATTERN.search(what):
        what = f"expected {FORMS[literal_eval(pattern['pattern'])]}"
    return f"{key}: {what[:1].lower()}{what[1:]}" if key else what


def placed(message: str, content: Mapping[str, Any], text: str) -> str:
    """*message*, which begins with a key, with its line and its tenant's name.

    *content* is what the *text* of the file holds.
    """
    found = _KEY.match(message)
    key = found[0].rstrip(".") if found else ""
    line = _line_of(key, text)
    where = f", line {line}" if line else ""
    return f"{where}: {_with_tenant(key, content)}{message[len(key) :]}"


def nearest(name: str, known: Iterable[str]) -> str:
    """The one of *known* that was probably meant by *name*; empty if none is alike."""
    folded = {one.lower().replace("-", "_"): one for one in known}
    written = name.lower().replace("-", "_").strip()
    found = difflib.get_close_matches(written, folded, 1, _MOST_ALIKE)
    return folded[found[0]] if found else ""


def _with_tenant(key: str, content: Mapping[str, Any]) -> str:
    """*key* with the name of its tenant, if it has one that can be shown."""
    if not (found := _TENANT.match(key)):
        return key
    try:
        name = content["tenant"][int(found["number"])]["name"]
    except (LookupError, TypeError):
        return key
    if not (isinstance(name, str) and _NAME.fullmatch(name)):
        return key
    rest = key[found.end() :].lstrip(".")
    return f"tenant {name}" + (f": {rest}" if rest else "")


def _meant(kind: Kind, section: str, name: str) -> str:
    """What to write in place of an unknown *name*: a key of its section, or another."""
    tables = dict(_tables(kind, ""))
    here = re.sub(r"\[\d+\]", "", section)
    if best := nearest(name, tables.get(here, ())):
        return f"; did you mean {best}?"
    known = [_place(other) for other, keys in tables.items() if name in keys]
    *most, last = known or [""]
    listed = f"{', '.join(most)} or {last}" if most else last
    return f" here; it belongs {listed}" if known else ""


def _place(table: str) -> str:
    """Where a key of a *table* is written."""
    if not table:
        return "to the top"
    return f"into [[{table}]]" if table == "tenant" else f"into [{table}]"


def _tables(kind: type[msgspec.Struct], path: str) -> Iterator[tuple[str, list[str]]]:
    """Each table of the file, by its path, with its keys."""
    fields = msgspec.structs.fields(kind)
    yield path, [one.encode_name for one in fields]
    for one in fields:
        for inner in _structs(one.type):
            yield from _tables(inner, f"{path}.{one.encode_name}".strip("."))


def _structs(kind: Any) -> Iterator[type[msgspec.Struct]]:
    """The tables in the type of a key."""
    if isinstance(kind, type) and issubclass(kind, msgspec.Struct):
        yield kind
    for part in getattr(kind, "__args__", ()):
        yield from _structs(part)


def _line_of(key: str, text: str) -> int:
    """The line on which *key* is set, or the table that it is missing from; or 0."""
    parts = key.split(".")
    lines: dict[str, int] = {}
    for path, line in _keys(text):
        lines.setdefault(path, line)
    for length in range(len(parts), 0, -1):
        path = ".".join(parts[:length])
        found = lines.get(path, 0) or lines.get(re.sub(r"\[\d+\]$", "", path), 0)
        if found:
            return found
    return 0


def _keys(text: str) -> Iterator[tuple[str, int]]:
    """The path of each table and key, and its line; those of inline tables are not."""
    table, counts, closing = "", dict[str, int](), ""
    for number, line in enumerate(text.split("\n"), start=1):
        if closing:
            closing = "" if closing in line else closing
            continue
        closing = next((one for one in _QUOTES if line.count(one) % 2), "")
        if header := _HEADER.match(line):
            table = _path(header["key"])
            if header["list"]:
                counts[table] = counts.get(table, -1) + 1
                table = f"{table}[{counts[table]}]"
            yield table, number
        elif assigned := _ASSIGNED.match(line):
            path = f"{table}.{_path(assigned['key'])}".strip(".")
            while path:  # a dotted key makes the tables that it names
                yield path, number
                path = path.rpartition(".")[0]


def _path(key: str) -> str:
    """A key as it is in a message, without quotes and spaces."""
    try:
        tree = tomllib.loads(f"{key} = 0")
    except tomllib.TOMLDecodeError:
        return key.strip()
    parts = []
    while isinstance(tree, dict):
        ((name, tree),) = tree.items()
        parts.append(name)
    return ".".join(parts)
