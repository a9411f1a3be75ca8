"""The entry point: a command line → an exit code of the contract."""

import logging
import os
import signal
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from io import TextIOWrapper
from pathlib import Path
from types import FrameType
from typing import NoReturn

import click

from pipeline.cli import logs
from pipeline.cli.commands import cli
from pipeline.errors import ConfigError, FinanceFilesError, PipelineError
from pipeline.files import disk

log = logging.getLogger(__name__)

_NAME = "chargeback"
_MOST_ERRORS = 20


def main() -> NoReturn:
    """Run a command; end in one of the contract's exit codes."""
    _open_what_is_closed()
    if isinstance(sys.stdout, TextIOWrapper):
        # A terminal that cannot show an arrow gets its code instead of an error.
        sys.stdout.reconfigure(errors="backslashreplace")
    is_json = {"json", "--log-format=json"} & {*sys.argv}
    logs.start(quiet=False, form="json" if is_json else "text")
    with _terminable() as signals:
        code = _run(signals)
    sys.exit(code)


def _run(signals: Sequence[signal.Signals]) -> int:
    """Run a command; its exit code, that of a signal if one of *signals* came."""
    try:
        cli.main(prog_name=_NAME, standalone_mode=False)
    except click.exceptions.NoArgsIsHelpError as exc:
        click.echo(exc.format_message())
        return ConfigError.exit_code
    except click.ClickException as exc:
        return _wrong_usage(exc)
    except (click.Abort, KeyboardInterrupt):
        return _interrupted(signals)
    except Exception as exc:  # noqa: BLE001 (reported in a line, whatever it is)
        # DuckDB's error for a signal.
        is_signal = isinstance(exc, RuntimeError) and str(exc) == "Query interrupted"
        return _interrupted(signals) if is_signal else _exit_code(exc)
    return 0


@contextmanager
def _terminable() -> Iterator[list[signal.Signals]]:
    """Within it, SIGTERM ends a command as Ctrl-C does, and a second one at once."""
    signals: list[signal.Signals] = []

    def interrupt(number: int, _: FrameType | None) -> None:
        signals.append(signal.Signals(number))
        signal.signal(signal.SIGTERM, signal.SIG_DFL)
        raise KeyboardInterrupt

    before = signal.signal(signal.SIGTERM, interrupt)
    try:
        yield signals
    finally:
        signal.signal(signal.SIGTERM, before)


def _open_what_is_closed() -> None:
    """Write to nowhere where the shell closed the output (`>&-`): Python has none."""
    for name in ("stdout", "stderr"):
        if getattr(sys, name) is None:
            nowhere = Path(os.devnull).open("w", encoding="utf-8")  # noqa: SIM115
            setattr(sys, name, nowhere)


def _interrupted(signals: Sequence[signal.Signals]) -> int:
    """Say that it was ended; the exit code of the signal, as shells have it."""
    word = "terminated" if signals else "interrupted"
    log.warning("%s; what was saved before is as it was", word)
    return 128 + (signals[0] if signals else signal.SIGINT)


def _wrong_usage(exc: click.ClickException) -> int:
    """Report what click does not take, as any other error; the exit code."""
    context = getattr(exc, "ctx", None)
    command = context.command_path if context else _NAME
    what = " ".join(exc.format_message().split("\n"))
    log.error("%s\n%s --help says what may stand there", what, command)
    return ConfigError.exit_code


def _exit_code(exc: Exception) -> int:
    """Report *exc*, with its stack trace if `--debug` asks for it; the exit code."""
    if isinstance(exc, FinanceFilesError):
        for one in exc.each[:_MOST_ERRORS]:
            _exit_code(one)
        if (others := len(exc.each) - _MOST_ERRORS) > 0:
            log.error("and %d more", others)
        return exc.exit_code
    trace = exc if "--debug" in sys.argv else None
    code = PipelineError.exit_code
    if isinstance(exc, PipelineError):
        what, code = str(exc), exc.exit_code
        if type(exc) is PipelineError and "\n" not in what:
            what = f"{what}\n{disk.remedy(exc) or ''}"
    elif isinstance(exc, OSError):
        what = disk.described(exc)
    elif remedy := disk.remedy(exc):  # DuckDB and Polars have errors of their own
        what = f"{str(exc).splitlines()[0]}\n{remedy}"
    else:
        name = type(exc).__name__
        what = f"unexpected {name}: {exc}\n--debug shows where; please report it"
    log.error("%s", _two_lines(what), exc_info=trace)
    return code


def _two_lines(message: str) -> str:
    """*message* with the remedy in the second line, whatever the first one quotes."""
    *quoted, remedy = message.splitlines() or [""]
    return "\n".join(filter(None, (" ".join(quoted), remedy)))
