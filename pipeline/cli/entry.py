"""The entry point: a command line → an exit code of the contract."""

import logging
import os
import sys
from io import TextIOWrapper
from pathlib import Path
from typing import NoReturn

import click

from pipeline.cli.commands import cli
from pipeline.errors import ConfigError, PipelineError

log = logging.getLogger(__name__)


def main() -> NoReturn:
    """Run a command; end in one of the contract's exit codes."""
    _open_what_is_closed()
    if isinstance(sys.stdout, TextIOWrapper):
        # A terminal that cannot show an arrow gets its code instead of an error.
        sys.stdout.reconfigure(errors="backslashreplace")
    try:
        cli.main(standalone_mode=False)
    except click.ClickException as exc:
        exc.show()
        sys.exit(ConfigError.exit_code)
    except click.Abort:
        sys.exit(_interrupted())
    except Exception as exc:  # noqa: BLE001 (reported in a line, whatever it is)
        # DuckDB's error for Ctrl-C.
        by_hand = isinstance(exc, RuntimeError) and str(exc) == "Query interrupted"
        sys.exit(_interrupted() if by_hand else _exit_code(exc))
    sys.exit(0)


def _open_what_is_closed() -> None:
    """Write to nowhere where the shell closed the output (`>&-`): Python has none."""
    for name in ("stdout", "stderr"):
        if getattr(sys, name) is None:
            nowhere = Path(os.devnull).open("w", encoding="utf-8")  # noqa: SIM115
            setattr(sys, name, nowhere)


def _interrupted() -> int:
    log.warning("interrupted; what was saved before is as it was")
    return 130


def _exit_code(exc: Exception) -> int:
    """Report *exc*, with its stack trace if `--debug` asks for it; the exit code."""
    trace = exc if "--debug" in sys.argv else None
    if isinstance(exc, PipelineError):
        log.error("%s", exc, exc_info=trace)
        return exc.exit_code
    if isinstance(exc, OSError):
        what = f"{exc.filename or 'a file'}: {exc.strerror or exc}"
        log.error("%s\nwhat was saved before is as it was", what, exc_info=trace)
    else:
        what = f"unexpected {type(exc).__name__}: {exc}"
        log.error("%s\n--debug shows where; please report it", what, exc_info=trace)
    return PipelineError.exit_code
