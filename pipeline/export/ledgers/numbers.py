"""The numbers that documents have in a ledger, which takes but short ones."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

_OF_YEAR = 2  # digits of a year


@dataclass(frozen=True, slots=True)
class Numbers:
    """The numbers that documents have in the ledger.

    `acme-2026-10-002` is `AC2610-002` where *prefixes* have `AC` for the tenant, and
    `AC2610-002v2` in its second version.
    """

    prefixes: Mapping[str, str]
    month: date
    drafts: Mapping[tuple[str, str], int]

    def of(self, row: Mapping[str, Any]) -> str:
        """The number of the document of *row*."""
        draft = self.drafts.get((row["tenant"], row["cost_center"]))
        if draft is not None:
            return f"DRAFT{self.month:%y%m}-{draft:03}"
        is_credit = row["status"] == "CREDIT NOTE"
        version = 1 if is_credit else row["statement_version"]
        return self.short(row["tenant"], row["document_number"], version)

    def short(self, tenant: str, number: str, version: int) -> str:
        """The *number* of a document of *tenant*, and of its version, unless first."""
        if prefix := self.prefixes.get(tenant):
            *_, year, month, last = number.rsplit("-", 3)
            number = f"{prefix}{year[-_OF_YEAR:]}{month}-{last}"
        return number if version == 1 else f"{number}v{version}"

    def named(self, tenant: str, called: str | None) -> str | None:
        """What another document is *called*, like `acme-2026-10-002 v1`."""
        if called is None:
            return None
        number, _, version = called.partition(" v")
        return self.short(tenant, number, int(version or 1))
