"""One record, where an endpoint answers with just that and not with a listing."""

from typing import TypeVar
from urllib.parse import quote

import msgspec

from pipeline.tenant import Tenant
from pipeline.tenant.answers import decode

_R = TypeVar("_R")


def one(tenant: Tenant, path: str, record: type[_R], **ids: str) -> _R:
    """The record at *path*, with *ids* in it encoded.

    Raises:
        TenantError: The tenant refused, kept failing, or answered what it may not.
    """
    encoded = {name: quote(value, safe="") for name, value in ids.items()}
    target = path.format(**encoded)
    decoder = msgspec.json.Decoder(record, strict=False)
    try:
        return tenant.get(target, lambda body: decode(body, decoder))
    except msgspec.ValidationError as exc:
        what = "the answer is not what is documented; nothing of it was kept"
        raise tenant.error(f"GET {target}", exc, what) from exc
