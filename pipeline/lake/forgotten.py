"""Who was forgotten: the ids, so that a tenant's listing does not bring names back.

A name is not kept here, nor anything that it could be made of: an id is the tenant's
own word for a person, and a pseudonym is made of it.
"""

from collections.abc import Iterable
from hashlib import sha256
from pathlib import Path

import msgspec
import polars as pl

from pipeline.errors import CheckError
from pipeline.files import replacing

FILE = Path("state") / "forgotten.json"

_LENGTH = 10

_NAMES = {"name", "email", "subject"}
_LEFT_OUT = "(left out)"


class Forgotten(msgspec.Struct, frozen=True, order=True):
    """A user of a tenant whose name is not kept."""

    tenant: str
    user_id: str


def pseudonym(tenant: str, user_id: str) -> str:
    """What stands in place of a person's name, the same wherever it stood."""
    digest = sha256(f"{tenant}/{user_id}".encode()).hexdigest()
    return f"Person {digest[:_LENGTH]}"


def address(pseudonym: str, domain: str) -> str:
    """What stands in place of an address; its domain is the company's, and stays."""
    return f"{pseudonym.lower().replace(' ', '-')}@{domain}"


def read(data_dir: Path) -> tuple[Forgotten, ...]:
    """Who was forgotten; nobody if there is no file.

    Raises:
        CheckError: The file is not as it was written.
    """
    path = data_dir / FILE
    try:
        return msgspec.json.decode(path.read_bytes(), type=tuple[Forgotten, ...])
    except FileNotFoundError:
        return ()
    except (msgspec.DecodeError, UnicodeDecodeError, IsADirectoryError) as exc:
        raise CheckError(
            f"{path}: is not as it was written\nrestore it from a backup: without it"
            " the next run would read the names of those who were forgotten"
        ) from exc


def add(data_dir: Path, more: Iterable[Forgotten]) -> None:
    """Note *more* people; those who are noted already stay."""
    before = read(data_dir)
    after = tuple(sorted({*before, *more}))
    if after != before:
        with replacing(data_dir / FILE) as partial:
            partial.write_bytes(msgspec.json.format(msgspec.json.encode(after)))


def without_names(users: pl.DataFrame, known: Iterable[Forgotten]) -> pl.DataFrame:
    """A listing of *users* in which the *known* have pseudonyms.

    All are of one tenant, whatever its name was then. What is missing stays missing.
    """
    names = {one.user_id: pseudonym(one.tenant, one.user_id) for one in known}
    if users.filter(pl.col("user_id").is_in([*names])).is_empty():
        return users
    rows = [
        {**row, **_without_name(row, names[row["user_id"]])}
        if row["user_id"] in names
        else row
        for row in users.iter_rows(named=True)
    ]
    return pl.DataFrame(rows, schema=users.schema)


def without_names_in(page: bytes, known: Iterable[Forgotten]) -> bytes:
    """A *page* of users in quarantine, without the names of the *known*.

    Where somebody is forgotten, users whose ids cannot be read have no names either.
    """
    ids = {one.user_id for one in known}
    kept = msgspec.json.decode(page)
    records = kept.get("data") if isinstance(kept, dict) else None
    if not ids or not isinstance(records, list):
        return page
    for record in records:
        if not isinstance(record, dict):
            continue
        user_id = record.get("id")
        if not isinstance(user_id, str) or user_id in ids:
            record.update(dict.fromkeys(record.keys() & _NAMES, _LEFT_OUT))
    return msgspec.json.encode(kept)


def _without_name(row: dict[str, str | None], name: str) -> dict[str, str | None]:
    domain = (row["email"] or "").rpartition("@")[2]
    return {
        "name": row["name"] and name,
        "email": row["email"] and address(name, domain),
        "subject": row["subject"] and name,
    }
