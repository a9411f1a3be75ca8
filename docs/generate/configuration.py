"""The page of the configuration: every key with type, range, default and meaning."""

import re
from typing import Any

import msgspec

from pipeline.config.keys import File
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
prints that of the files in the folder of `tenants`.
"""

_KEY = re.compile(r"#?(?P<key>[a-z_]+) = ")
_TABLE = re.compile(r"#?\[+(?P<name>[a-z_.]+)\]+$")


def configuration() -> str:
    """The page."""
    meanings = _meanings()
    parts = [_HEAD]
    for name, kind in _sections():
        title = f"`[{name}]`" if name else "At the top"
        title = "`[[tenant]]`" if name == "tenant" else title
        rows = [
            f"| `{one.encode_name}` | {_type(one)} | {_default(one)} |"
            f" {meanings.get((name, one.encode_name), '')} |"
            for one in msgspec.structs.fields(kind)
            if not (not name and _struct(one.type))
        ]
        head = "| key | type | default | meaning |\n|---|---|---|---|"
        parts.append("\n".join([f"## {title}\n", head, *rows]) + "\n")
    return "\n".join(parts)


def _sections() -> list[tuple[str, type[msgspec.Struct]]]:
    tables = [
        (one.encode_name, kind)
        for one in msgspec.structs.fields(File)
        if (kind := _struct(one.type))
    ]
    return [("", File), *tables]


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
        f"{sign} {option[name]:g}"
        for name, sign in (
            ("minimum", "from"),
            ("exclusiveMinimum", "above"),
            ("maximum", "to"),
        )
        if name in option
    ]
    return " ".join([word, *limits])


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


def _meanings() -> dict[tuple[str, str], str]:
    """The comment before each key of the example, by section and key."""
    found: dict[tuple[str, str], str] = {}
    section, comment, last = "", list[str](), ""
    text = (resource("examples") / "chargeback.toml").read_text(encoding="utf-8")
    for line in text.splitlines():
        if table := _TABLE.match(line):
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
