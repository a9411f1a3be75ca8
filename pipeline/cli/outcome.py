"""How a command ends: the exit code of an error, its line, and the last line."""

import signal
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path

import click

from pipeline.errors import ChecksError, FinanceFilesError, PipelineError
from pipeline.files import disk, owners

_MOST_ERRORS = 20


@dataclass(slots=True)
class Outcome:
    """What a command leaves for its end: signals, its last log line, the page to open.

    Whose the files in its *data_dir* are, is said where a right is missing.
    """

    signals: list[signal.Signals] = field(default_factory=list)
    data_dir: Path | None = None
    summary: str | None = None
    fields: Mapping[str, object] = field(default_factory=dict)
    page: Path | None = None

    def code_of(self, exc: BaseException | None) -> int:
        """The exit code of *exc*, that of a signal as shells have it; 0 for None."""
        if exc is None:
            return 0
        if self.is_signal(exc):
            return 128 + (self.signals[0] if self.signals else signal.SIGINT)
        if isinstance(exc, SystemExit):
            return exc.code if isinstance(exc.code, int) else int(bool(exc.code))
        return getattr(exc, "exit_code", PipelineError.exit_code)

    def lines_of(self, exc: BaseException) -> list[str]:
        """What is said of *exc*: a line for each error, and its remedy in a second."""
        if isinstance(exc, FinanceFilesError | ChecksError):
            said = [self.line_of(one) for one in exc.each[:_MOST_ERRORS]]
            others = len(exc.each) - len(said)
            rest = [f"and {others} more"] if others else []
            return [*_without_repeats(said), *rest]
        return [self.line_of(exc)]

    def causes_of(self, exc: BaseException) -> list[str]:
        """The same as `lines_of`, of all and without a count: for the run record."""
        each = exc.each if isinstance(exc, PipelineError) else ()
        return [self.line_of(one) for one in each or [exc]]

    def line_of(self, exc: BaseException) -> str:
        """The same of all of *exc*: one line, and the remedy in a second one."""
        if self.is_signal(exc):
            return f"{'terminated' if self.signals else 'interrupted'}; {disk.SAVED}"
        if isinstance(exc, PipelineError):
            what = str(exc)
            if type(exc) is PipelineError and "\n" not in what:
                what = f"{what}\n{disk.remedy(exc) or ''}"
        elif isinstance(exc, OSError):
            what = disk.described(exc)
        elif remedy := disk.remedy(exc):  # DuckDB and Polars have errors of their own
            what = f"{str(exc).splitlines()[0]}\n{remedy}"
        else:
            name = type(exc).__name__
            what = f"unexpected {name}: {exc}\n--debug shows where; please report it"
        if self.data_dir and disk.is_denied(exc):
            first, _, own = what.partition("\n")
            what = f"{first}\n{owners.remedy(self.data_dir) or own}"
        return _two_lines(what)

    @staticmethod
    def is_signal(exc: BaseException) -> bool:
        """Whether *exc* is a signal; DuckDB raises an error of its own for one."""
        if isinstance(exc, click.Abort | KeyboardInterrupt):
            return True
        return isinstance(exc, RuntimeError) and str(exc) == "Query interrupted"


def outcome() -> Outcome:
    """The outcome of the command that is run; a new one where there is no command."""
    context = click.get_current_context(silent=True)
    return (context and context.find_object(Outcome)) or Outcome()


def _without_repeats(lines: list[str]) -> Iterator[str]:
    """*lines* without a remedy that the line before has too."""
    before = ""
    for line in lines:
        what, _, remedy = line.partition("\n")
        yield what if remedy == before else line
        before = remedy


def _two_lines(message: str) -> str:
    """*message* with the remedy in the second line, whatever the first one quotes."""
    *quoted, remedy = message.splitlines() or [""]
    return "\n".join(filter(None, (" ".join(quoted), remedy)))
