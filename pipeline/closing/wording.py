"""What is said of a file that was issued: of which documents it is."""

from collections.abc import Iterable, Mapping
from pathlib import PurePosixPath

from pipeline.closing.issued import ISSUED, key_of
from pipeline.closing.register import Entry, Register
from pipeline.report import consolidated_page, statement_page
from pipeline.seeds import minor_digits


def issued(register: Register, event: Entry, name: str) -> str:
    """The documents that the file *name* of a closing or reversal shows."""
    if event.kind == "reversal":
        own = [one for one in register.issued_by(event) if _is_of(name, one)]
        return _together(register, own)
    together = [
        one
        for one in register.documents
        if one.kind == "statement"
        and (one.month, one.issued_at) == (event.month, event.issued_at)
    ]
    own = [one for one in together if _is_of(name, one)]
    if not own and not name.startswith(f"{ISSUED}/all/"):
        own = [  # of a cost centre that has none any more: what it had
            one
            for one in register.documents
            if (one.month, one.kind) == (event.month, "credit note")
            and one.issued_at <= event.issued_at
            and _is_of(name, one)
        ]
    if own:
        return _together(register, own)
    total = sum(one.amount for one in together)
    first = together[0].name if together else "no statement"
    reversed_by = _credits(register)
    taken_back = sum(one.name in reversed_by for one in together)
    since = f"; {taken_back} were reversed since" if taken_back else ""
    digits = minor_digits(event.currency)
    return (
        f"issued: all of {event.month}, {len(together)} statements from {first}"
        f" on, {total:.{digits}f} {event.currency}, on {event.day}{since}"
    )


def _together(register: Register, documents: Iterable[Entry]) -> str:
    reversed_by = _credits(register)
    return "issued: " + "; ".join(_described(one, reversed_by) for one in documents)


def _described(one: Entry, reversed_by: Mapping[str, Entry]) -> str:
    digits = minor_digits(one.currency)
    text = (
        f"{one.name}, {one.cost_center}, {one.month}, {one.amount:.{digits}f}"
        f" {one.currency}, on {one.day}, seal {one.seal[:12]}"
    )
    if one.reverses:
        return f"{text}; a credit note of {one.reverses}: {one.reason}"
    credit = reversed_by.get(one.name)
    if credit is None:
        return text
    return f"{text}; reversed on {credit.day} by {credit.number}: {credit.reason}"


def _credits(register: Register) -> dict[str, Entry]:
    """The credit notes by what they reverse."""
    return {one.reverses: one for one in register.documents if one.reverses}


def _is_of(name: str, statement: Entry) -> bool:
    """Whether the file *name* of a closing or reversal is of that *statement*."""
    parts = PurePosixPath(name).parts
    if statement.number == parts[0]:
        return True
    if parts[0] == ISSUED:
        return parts[1] == key_of(statement.cost_center)
    facts = {
        "tenant": statement.tenant,
        "month": statement.first_day,
        "cost_center": statement.cost_center,
    }
    return parts[-1] in {statement_page(facts), consolidated_page(facts)}
