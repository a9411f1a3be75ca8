"""What a ledger takes, and what it does not: codes, texts, amounts, documents."""

import re
from collections import Counter
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal

from pipeline.config.ledger import LedgerKeys
from pipeline.errors import ConfigError
from pipeline.export.formulas import inert
from pipeline.export.ledgers.postings import Posting

_BLANKS = re.compile(r"\s+")
_SHOWN = 60  # signs of a text in a message


@dataclass(slots=True)
class Problems:
    """What a ledger does not take, each once."""

    found: dict[str, ConfigError] = field(default_factory=dict)

    def add(self, what: str, remedy: str) -> None:
        """Note *what* is not taken, and what to do about it."""
        self.found[what] = ConfigError(f"{what}\n{remedy}")

    def check(self) -> None:
        """Raise them as one error, if there are any.

        Raises:
            ConfigError: There are some.
        """
        if not self.found:
            return
        first, *others = self.found.values()
        what, _, remedy = str(first).partition("\n")
        more = f"; and {len(others)} more" if others else ""
        raise ConfigError(f"{what}{more}\n{remedy}")


@dataclass(frozen=True, slots=True)
class Book:
    """All postings of a *month*, and by what they are written in a *layout*."""

    ledger: LedgerKeys
    month: date
    digits: int  # of the currency's minor unit
    layout: str
    postings: tuple[Posting, ...]
    problems: Problems = field(default_factory=Problems)

    def code(self, posting: Posting, pattern: str, words: str) -> str:
        """The code of what is posted to, if it is as the ledger wants it: *words*."""
        if not posting.code:
            self.problems.add(*self._without_code(posting))
            return ""
        if not re.fullmatch(pattern, posting.code):
            self.problems.add(
                f"--layout {self.layout}: the code {posting.code!r} of"
                f" {self._who(posting)}: expected {words}",
                "write another code of it into [cost_centers] of ledger.toml",
            )
        return posting.code

    def account(self, posting: Posting, pattern: str, words: str) -> str:
        """The account that is posted to, if it is as the ledger wants it: *words*."""
        return self.setting("account", posting.account, pattern, words)

    def setting(self, key: str, value: str | None, pattern: str, words: str) -> str:
        """A *value* of the ledger's file, if it is as the ledger wants it: *words*."""
        if not re.fullmatch(pattern, value or ""):
            found = f"found {value!r}" if value else "there is none"
            self.problems.add(
                f"--layout {self.layout}: {key}: expected {words}, {found}",
                f"set {key} in ledger.toml",
            )
        return value or ""

    def document(self, number: str, most: int, pattern: str = ".*") -> str:
        """The *number* of a document, of *most* signs at most, as the *pattern* has."""
        odd = next((one for one in number if not re.fullmatch(pattern, one)), None)
        if len(number) > most or odd:
            takes = f"no {odd!r} in numbers" if odd else f"numbers of {most} signs"
            self.problems.add(
                f"--layout {self.layout}: document {number}: the ledger takes {takes}",
                "name a beginning for its tenant in [tenants] of ledger.toml",
            )
        return number

    def head(self, posting: Posting, most: int) -> str:
        """What the posting's document is, in *most* signs."""
        reversal = f"Reverses {posting.reverses}" if posting.reverses else ""
        return (reversal or f"Chargeback {self.month:%Y-%m}")[:most]

    def text(
        self,
        posting: Posting,
        most: int,
        encoding: str = "utf-8",
        not_first: str = "\0",
    ) -> str:
        """What a posting is for, of *most* signs at most, which is never a formula."""
        if posting.is_sum:
            return self.head(posting, most)
        subject = posting.subject or ""
        name = self.ledger.descriptions.get(subject, posting.name or subject)
        words = _BLANKS.sub(" ", name).strip()
        tier = f", tier {posting.tier}" if posting.tier else ""
        corrects = f", corrects {posting.corrects}" if posting.corrects else ""
        text = str(inert(f"{words}{tier}{corrects}"))
        remedy = f"name a text for {subject!r} in [descriptions] of ledger.toml"
        where = f"--layout {self.layout}: the text {text[:_SHOWN]!r}"
        if len(text) > most:
            self.problems.add(
                f"{where} has {len(text)} signs, the ledger takes {most}", remedy
            )
        if text.startswith(not_first):
            self.problems.add(f"{where} begins with {not_first!r}", remedy)
        if odd := next((c for c in text if not _is_taken(c, encoding)), None):
            self.problems.add(f"{where} has {odd!r}, which the ledger refuses", remedy)
            return ""
        return text

    def money(self, value: Decimal, whole: int, decimals: int) -> Decimal:
        """An amount, if it has so many digits at most before and after its point."""
        rounded = round(value, self.digits)
        if self.digits > decimals:
            self.problems.add(
                f"--layout {self.layout}: amounts of {self.digits} decimals: the"
                f" ledger takes {decimals}",
                "take --layout generic; no setting changes the digits of a currency",
            )
        if rounded != value or rounded >= 10**whole:
            self.problems.add(
                f"--layout {self.layout}: the amount {value:f}: the ledger takes"
                f" {whole} digits before the point",
                "take --layout generic, and book this document by hand",
            )
        return rounded

    def lines_at_most(self, most: int) -> None:
        """Refuse a document of more postings than the ledger takes."""
        counts = Counter(one.document for one in self.postings)
        for number, count in counts.items():
            if count > most:
                self.problems.add(
                    f"--layout {self.layout}: document {number}: {count} lines, the"
                    f" ledger takes {most}",
                    "take --layout generic, and divide the document",
                )

    def _without_code(self, posting: Posting) -> tuple[str, str]:
        where = f"--layout {self.layout}: {self._who(posting)}"
        if posting.is_sum:
            return f"{where}: there is none", "set sending_cost_center in ledger.toml"
        if posting.is_unallocated:
            return (
                f"{where}: has no account and cost centre",
                "name both in [unallocated] of ledger.toml, or add rules for it",
            )
        return (
            f"{where}: has no code",
            "write one into [cost_centers] of ledger.toml, or into cost_centers.csv",
        )

    @staticmethod
    def _who(posting: Posting) -> str:
        if posting.is_sum:
            return "the cost centre that is credited"
        return f"cost centre {posting.cost_center[:_SHOWN]!r}"


def _is_taken(sign: str, encoding: str) -> bool:
    """Whether an encoding has *sign*, which is none that controls a printer."""
    try:
        sign.encode(encoding)
    except UnicodeEncodeError:
        return False
    return sign.isprintable()
