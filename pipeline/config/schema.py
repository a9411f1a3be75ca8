"""The JSON Schema of `chargeback.toml`, for editors that complete and check TOML."""

from typing import Any

import msgspec

from pipeline.config.keys import File, TenantsFile
from pipeline.config.ledger_keys import LedgerKeys

_DECIMAL = {"type": "string", "format": "decimal"}


_ANY_TENANTS = [{"required": [key]} for key in ("tenant", "tenants")]


def schema() -> bytes:
    """The schema as JSON that a person can read; made of the types of the keys."""
    made = _with_numbers(msgspec.json.schema(File))
    made["$defs"]["File"]["anyOf"] = _ANY_TENANTS
    return _text("The configuration of chargeback", made)


def schema_of_tenants() -> bytes:
    """As `schema`, of a file in the folder that `tenants` names."""
    return _text("Tenants of chargeback", msgspec.json.schema(TenantsFile))


def schema_of_ledger() -> bytes:
    """As `schema`, of the file that `charge.ledger` names."""
    return _text("The ledger of chargeback", msgspec.json.schema(LedgerKeys))


def _text(title: str, made: dict[str, Any]) -> bytes:
    head = {"$schema": "https://json-schema.org/draft/2020-12/schema", "title": title}
    text = msgspec.json.encode({**head, **made}, order="deterministic")
    return msgspec.json.format(text, indent=2) + b"\n"


def _with_numbers(value: Any) -> Any:
    """A decimal may be written as a number, too."""
    if isinstance(value, dict):
        given = {key: _with_numbers(one) for key, one in value.items()}
        if _DECIMAL.items() <= given.items():
            others = {k: v for k, v in given.items() if k not in _DECIMAL}
            return {"anyOf": [{"type": "number"}, _DECIMAL], **others}
        return given
    if isinstance(value, list):
        return [_with_numbers(one) for one in value]
    return value
