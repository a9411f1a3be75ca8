"""The postings of a month, as every layout takes them."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any

from pipeline.config.ledger import LedgerKeys
from pipeline.export.ledgers.numbers import Numbers
from pipeline.export.scope import Scope


@dataclass(frozen=True, slots=True)
class Posting:
    """A row of `exports/postings`; *document* is its number in the ledger."""

    document: str
    reverses: str | None  # the number of the document that a credit note takes back
    line: int
    day: date
    account: str
    cost_center: str
    code: str | None
    is_unallocated: bool
    debit: Decimal
    credit: Decimal
    currency: str
    subject: str | None
    name: str | None
    tier: int | None
    corrects: str | None

    @property
    def amount(self) -> Decimal:
        """What is debited or credited, above zero."""
        return self.debit or self.credit

    @property
    def is_sum(self) -> bool:
        """Whether it is the document's other side: its sum, which is the sender's."""
        return self.line == 0


def postings_of(scope: Scope, ledger: LedgerKeys) -> tuple[Posting, ...]:
    """The postings of the documents in *scope*, with the numbers of the ledger.

    Drafts are counted, since they have no number yet.
    """
    found = scope.ask("postings")
    rows = [dict(zip(found.columns, row, strict=True)) for row in found.rows]
    drafts: dict[tuple[str, str], int] = {}
    for row in rows:
        if row["status"] == "PROVISIONAL":
            drafts.setdefault((row["tenant"], row["cost_center"]), len(drafts) + 1)
    numbered = Numbers(ledger.tenants, scope.month, drafts)
    return tuple(_posting(row, numbered) for row in rows)


def _posting(row: Mapping[str, Any], numbers: Numbers) -> Posting:
    tenant = row["tenant"]
    return Posting(
        document=numbers.of(row),
        reverses=numbers.named(tenant, row["reverses"]),
        line=row["statement_line"],
        day=row["posting_date"],
        account=row["ledger_account"],
        cost_center=row["cost_center"],
        code=row["cost_center_code"],
        is_unallocated=row["is_unallocated"],
        debit=row["debit"],
        credit=row["credit"],
        currency=row["currency"],
        subject=row["subject"],
        name=row["subject_name"],
        tier=row["tier"],
        corrects=numbers.named(tenant, row["corrects_statement"]),
    )
