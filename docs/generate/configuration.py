"""The page of the configuration: every key with type, range, default and meaning."""

import re
from typing import Any

import msgspec

from pipeline.config.keys import File
from pipeline.config.ledger import LedgerKeys
from pipeline.resources import resource

_HEAD = """\
# Configuration

Every key of `chargeback.toml`. `make docs` writes this page from the types of the keys
and from the comments in `data/examples/chargeback.toml`: change those, not the page.

An unknown key, a wrong type and a value out of its range are exit code 2; the message
names the line, the key and what was expected. Relative paths are relative to the folder
of the file, and `~` is a home folder. `chargeback schema` prints a JSON Schema, with
which editors complete and check the file: put
`#:schema ./chargeback.schema.json` into its first line. `chargeback schema --tenants`
prints that of the files in the folder of `tenants`, `chargeback schema --ledger` that
of [`ledger.toml`](#ledgertoml).
"""
_LEDGER = """\
## `ledger.toml`

Every key of the file that `charge.ledger` names. It is read when a journal is exported
or a month is closed; a closed month keeps it.
"""

_KEY = re.compile(r"#?(?P<key>[a-z_]+) = ")
_TABLE = re.compile(r"#?\[+(?P<name>[a-z_.]+)\]+$")


def configuration() -> str:
    """The page."""
    parts = [*_page(_HEAD, File, "chargeback.toml")]
    return "\n".join([*parts, *_page(_LEDGER, LedgerKeys, "ledger.toml")])


def _page(head: str, file: type[msgspec.Struct], name: str) -> list[str]:
    """The parts of a page on a *file*, whose example has a *name*."""
    meanings = _meanings(name)
    parts = [head]
    for table, kind in _sections(file):
        title = f"`[{table}]`" if table else "At the top"
        level = "##" if file is File else "###"
        title = "`[[tenant]]`" if table == "tenant" else title
        rows = [
            f"| `{one.encode_name}` | {_type(one)} | {_default(one)} |"
            f" {meanings.get((table, one.encode_name), '')} |"
            for one in msgspec.structs.fields(kind)
            if not (not table and _struct(one.type))
        ]
        columns = "| key | type | default | meaning |\n|---|---|---|---|"
        parts.append("\n".join([f"{level} {title}\n", columns, *rows]) + "\n")
    return parts


def _sections(file: type[msgspec.Struct]) -> list[tuple[str, type[msgspec.Struct]]]:
    tables = [
        (one.encode_name, kind)
        for one in msgspec.structs.fields(file)
        if (kind := _struct(one.type))
    ]
    return [("", file), *tables]


def _struct(kind: Any) -> type[msgspec.Struct] | None:
    if isinstance(kind, type) and issubclass(kind, msgspec.Struct):
        return kind
    inner = (_struct(part) for part in getattr(kind, "__args__", ()))
    return next((one for one in inner if one), None)


def _type(one: msgspec.structs.FieldInfo) -> str:
    """The type of a key in words, with its range."""
    schema = msgspec.json.schema(one.type)
    options = [o for o in schema.get("anyOf", [schema]) if o.get("type") != "null"]
    words = [_words(option) for option in options]
    return " or ".join(dict.fromkeys(words)).replace("|", "\\|")


def _words(option: dict[str, Any]) -> str:
    if "enum" in option:
        return ", ".join(f'`"{value}"`' for value in option["enum"])
    if option.get("format") in {"date", "decimal"}:
        return "date" if option["format"] == "date" else "number"
    kind = {"string": "text", "array": "list", "object": "table", "number": "number"}
    word = kind.get(option["type"], option["type"])
    if word == "list" and isinstance(option.get("items"), dict):
        word += f" of {_words(option['items'])}"
    limits = [
        f"{sign} {_number(option[name])}"
        for name, sign in (
            ("minimum", "from"),
            ("exclusiveMinimum", "above"),
            ("maximum", "to"),
        )
        if name in option
    ]
    return " ".join([word, *limits])


def _number(limit: float) -> str:
    return f"{limit}" if isinstance(limit, int) else f"{limit:g}"


def _default(one: msgspec.structs.FieldInfo) -> str:
    if one.required:
        return "required"
    if one.default is msgspec.NODEFAULT:
        value = one.default_factory() if callable(one.default_factory) else None
    else:
        value = one.default
    if value is None or value in ([], (), {}):
        return "none"
    if isinstance(value, bool):
        return f"`{str(value).lower()}`"
    if isinstance(value, tuple | list):
        return "`[" + ", ".join(_literal(part) for part in value) + "]`"
    return f"`{_literal(value)}`"


def _literal(value: object) -> str:
    return f'"{value}"' if isinstance(value, str) else str(value)


def _meanings(name: str) -> dict[tuple[str, str], str]:
    """The comment before each key of the example, by section and key."""
    found: dict[tuple[str, str], str] = {}
    section, comment, last = "", list[str](), ""
    text = (resource("examples") / name).read_text(encoding="utf-8")
    for line in text.splitlines():
        if table := _TABLE.match(line):
            above, _, own = table["name"].rpartition(".")
            found[above, own] = " ".join(comment)
            section, comment, last = table["name"], [], ""
        elif key := _KEY.match(line):
            last = " ".join(comment) or last  # keys that share a comment
            found[section, key["key"]] = last.replace("|", "\\|")
            comment = []
        elif line.startswith("# "):
            comment.append(line.removeprefix("# "))
        else:
            comment, last = [], ""
    return found
