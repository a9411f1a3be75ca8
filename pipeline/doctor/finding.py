"""A finding: ok, a warning or a failure, and the remedy."""

from dataclasses import dataclass
from typing import Literal


@dataclass(frozen=True, slots=True)
class Finding:
    """A line of the doctor's; a failure has the exit code that a run would end in."""

    state: Literal["ok", "warn", "fail"]
    subject: str
    found: str
    remedy: str = ""
    exit_code: int = 0


def ok(subject: str, found: str) -> Finding:
    """A finding without anything to do."""
    return Finding("ok", subject, found)


def warn(subject: str, found: str, remedy: str) -> Finding:
    """A finding that a run would not stop at, but that somebody should look at."""
    return Finding("warn", subject, found, remedy)


def fail(subject: str, error: Exception | str, remedy: str, exit_code: int) -> Finding:
    """A finding that a run would end at, with *exit_code*.

    If *error* has a second line, that is the remedy.
    """
    found, _, own = str(error).partition("\n")
    return Finding("fail", subject, found, own or remedy, exit_code)
