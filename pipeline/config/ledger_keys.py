"""The keys of `ledger.toml`: what a general ledger calls what is booked."""

from typing import Annotated, Literal

import msgspec

from pipeline.config.section import Section, Words, form

_CODE = form(
    r"\A[A-Za-z0-9]([A-Za-z0-9 ._/-]{0,28}[A-Za-z0-9])?\Z",
    'a code like "IT-900": letters, digits, blanks and ._/- within, 30 at most',
)
_PREFIX = form(
    r"\A[A-Z][A-Z0-9]{0,4}\Z",
    'a beginning of document numbers like "AC": capitals and digits, 5 at most',
)
_KEY = form(r"\A[A-Za-z0-9]{2}\Z", 'two letters or digits like "40"')
_DIGITS = form(r"\A[0-9]{3,8}\Z", 'an account of 3 to 8 digits like "1590"')
_ACCOUNT = form(
    r"\A[^{}]*\{account\}[^{}]*\{cost_center\}[^{}]*\Z",
    'the places of both values, like "{account}-{cost_center}"',
)

Code = Annotated[str, _CODE]


class UnallocatedKeys(Section, frozen=True):
    """`[unallocated]`: where is booked what no rule gives to a cost centre."""

    account: Code
    cost_center: Code


class SapKeys(Section, frozen=True):
    """`[sap]`: the type of documents, and the keys of the two sides."""

    document_type: Annotated[str, _KEY] = "SA"
    debit_key: Annotated[str, _KEY] = "40"
    credit_key: Annotated[str, _KEY] = "50"


class DatevKeys(Section, frozen=True):
    """`[datev]`: whose books these are, and the account between two rows."""

    consultant: Annotated[int, msgspec.Meta(ge=1001, le=9_999_999)]
    client: Annotated[int, msgspec.Meta(ge=1, le=99_999)]
    transfer_account: Annotated[str, _DIGITS]
    account_length: Annotated[int, msgspec.Meta(ge=4, le=8)] = 4
    year_begins_in_month: Annotated[int, msgspec.Meta(ge=1, le=12)] = 1


class DynamicsKeys(Section, frozen=True):
    """`[dynamics]`: the journal, and how an account and a cost centre are one value."""

    journal_name: Annotated[str, msgspec.Meta(min_length=1, max_length=10)]
    account: Annotated[str, _ACCOUNT] = "{account}-{cost_center}"
    sales_tax_group: Annotated[str, msgspec.Meta(max_length=10)] = ""


class NetsuiteKeys(Section, frozen=True):
    """`[netsuite]`: what a cost centre is there, and how the account writes days."""

    cost_center_is: Literal["Department", "Class", "Location"] = "Department"
    date_format: Literal["MM/DD/YYYY", "DD/MM/YYYY", "DD.MM.YYYY", "YYYY-MM-DD"] = (
        "MM/DD/YYYY"
    )


class LedgerKeys(Section, frozen=True):
    """The whole file; of a layout that is named, closing a month keeps the file."""

    expense_account: Code | None = None
    clearing_account: Code | None = None
    sending_cost_center: Code | None = None
    company_code: Code | None = None
    tax_code: Code | None = None
    expense_accounts: dict[str, Code] = {}
    cost_centers: dict[str, Code] = {}
    descriptions: dict[str, Words] = {}
    tenants: dict[str, Annotated[str, _PREFIX]] = {}
    unallocated: UnallocatedKeys | None = None
    sap: SapKeys | None = None
    datev: DatevKeys | None = None
    dynamics: DynamicsKeys | None = None
    netsuite: NetsuiteKeys | None = None

    @property
    def layouts(self) -> tuple[str, ...]:
        """The layouts that have a section."""
        return tuple(name for name in LAYOUTS if getattr(self, name) is not None)


LAYOUTS = ("sap", "datev", "dynamics", "netsuite")
