"""What one look found: ok, a warning or a failure, and the remedy."""

from dataclasses import dataclass
from typing import Literal


@dataclass(frozen=True, slots=True)
class Finding:
    """A line of the doctor's; a failure has the exit code that a night would end in."""

    state: Literal["ok", "warn", "fail"]
    subject: str
    found: str
    remedy: str = ""
    exit_code: int = 0


def ok(subject: str, found: str) -> Finding:
    """Nothing to do."""
    return Finding("ok", subject, found)


def warn(subject: str, found: str, remedy: str) -> Finding:
    """A night would go on, but somebody should look."""
    return Finding("warn", subject, found, remedy)


def fail(subject: str, error: Exception | str, remedy: str, exit_code: int) -> Finding:
    """A night would end in *exit_code*; an error's own second line is the remedy."""
    found, _, own = str(error).partition("\n")
    return Finding("fail", subject, found, own or remedy, exit_code)
