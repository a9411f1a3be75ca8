"""The entry point: a command line → an exit code of the contract."""

import logging
import os
import signal
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import copy_context
from io import TextIOWrapper
from pathlib import Path
from types import FrameType
from typing import NoReturn

import click

from pipeline.cli import logs
from pipeline.cli.commands import cli
from pipeline.cli.outcome import Outcome
from pipeline.errors import ConfigError

log = logging.getLogger(__name__)

_NAME = "chargeback"


def main() -> NoReturn:
    """Run a command; end in one of the contract's exit codes."""
    _open_what_is_closed()
    if isinstance(sys.stdout, TextIOWrapper):
        # A terminal that cannot show an arrow gets its code instead of an error.
        sys.stdout.reconfigure(errors="backslashreplace")
    is_json = {"json", "--log-format=json"} & {*sys.argv}
    logs.start(quiet=False, form="json" if is_json else "text")
    outcome = Outcome()
    with _terminable(outcome.signals):
        # In a copy of the context: labels of log lines end with the command.
        code = copy_context().run(_run, outcome)
    sys.exit(code)


def _run(outcome: Outcome) -> int:
    """Run a command, and log how it ended; its exit code."""
    code = _exit_code(outcome)
    if outcome.summary is not None:
        log.info("%s", outcome.summary, extra={"fields": outcome.fields})
    if outcome.page is not None:
        logs.say(outcome.page)
    return code


def _exit_code(outcome: Outcome) -> int:
    """Run a command; its exit code, that of a signal if one came."""
    try:
        cli.main(prog_name=_NAME, standalone_mode=False, obj=outcome)
    except click.exceptions.NoArgsIsHelpError as exc:
        click.echo(exc.format_message())
        return ConfigError.exit_code
    except click.ClickException as exc:
        return _wrong_usage(exc)
    except SystemExit:
        raise
    except BaseException as exc:
        code = outcome.code_of(exc)  # reported in a line, whatever it is
        is_signal = outcome.is_signal(exc)
        trace = exc if "--debug" in sys.argv and not is_signal else None
        level = logging.WARNING if is_signal else logging.ERROR
        fields = {"fields": {"exit_code": code}}
        for line in outcome.lines_of(exc):
            log.log(level, "%s", line, exc_info=trace, extra=fields)
        return code
    return 0


@contextmanager
def _terminable(signals: list[signal.Signals]) -> Iterator[None]:
    """Within it, SIGTERM ends a command as Ctrl-C does, and a second one at once.

    The first one is added to *signals*.
    """

    def interrupt(number: int, _: FrameType | None) -> None:
        signals.append(signal.Signals(number))
        signal.signal(signal.SIGTERM, signal.SIG_DFL)
        raise KeyboardInterrupt

    before = signal.signal(signal.SIGTERM, interrupt)
    try:
        yield
    finally:
        signal.signal(signal.SIGTERM, before)


def _open_what_is_closed() -> None:
    """Write to nowhere where the shell closed the output (`>&-`): Python has none."""
    for name in ("stdout", "stderr"):
        if getattr(sys, name) is None:
            nowhere = Path(os.devnull).open("w", encoding="utf-8")  # noqa: SIM115
            setattr(sys, name, nowhere)


def _wrong_usage(exc: click.ClickException) -> int:
    """Report what click does not take, as any other error; the exit code."""
    context = getattr(exc, "ctx", None)
    command = context.command_path if context else _NAME
    what = " ".join(exc.format_message().split("\n"))
    log.error(
        "%s\n%s --help says what may stand there",
        *(what, command),
        extra={"fields": {"exit_code": ConfigError.exit_code}},
    )
    return ConfigError.exit_code
