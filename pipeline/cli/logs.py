"""Log lines on standard error: text for people and cron, JSON for collectors."""

import json
import logging
import sys
from datetime import UTC, datetime
from logging.handlers import MemoryHandler

import click

from pipeline.formats.terminal import shown
from pipeline.monitor import fields

# Warnings of these are shown with --quiet too: a message was not sent, an answer is not
# whole.
_NEED_SOMEBODY = (
    "pipeline.cli.recorded",
    "pipeline.export.query",
    "pipeline.mail.alert",
    "pipeline.monitor.",
)
_STEPS = ("pipeline.warehouse.", "pipeline.build.")
_SIGNALLED = "pipeline.cli.entry"  # how a command ended

# Characters of a line: some quote what somebody typed or sent.
_LONGEST_LINE = 2000


class _Json(logging.Formatter):
    def format(self, record: logging.LogRecord) -> str:
        line = {
            "time": _moment(record).isoformat(timespec="milliseconds"),
            "level": record.levelname.lower(),
            "logger": record.name,
            "message": _cut(record.getMessage()),
            **getattr(record, "labels", fields()),
            **getattr(record, "fields", {}),
        }
        if record.exc_info:
            line["trace"] = self.formatException(record.exc_info)
        return json.dumps(line)


class _Text(logging.Formatter):
    """A time, the run, the tenant and the level before each line of a message.

    A second line is indented. On a terminal, time and level are enough.
    """

    def __init__(self, *, is_terminal: bool) -> None:
        super().__init__()
        self._is_terminal = is_terminal

    def format(self, record: logging.LogRecord) -> str:
        message = _cut(shown(super().format(record)))
        level = record.levelname.lower()
        if self._is_terminal:
            is_news = record.levelno < logging.WARNING
            begin = f"{_moment(record):%H:%M:%SZ} {'' if is_news else f'{level}: '}"
            return begin + message.replace("\n", "\n          ")
        labels = getattr(record, "labels", fields())
        place = [labels[name] for name in ("run", "tenant") if name in labels]
        moment = f"{_moment(record):%Y-%m-%dT%H:%M:%SZ}"
        begin = " ".join([moment, *place, f"{level}: "])
        return begin + message.replace("\n", f"\n{begin}  ")


class _Quiet(MemoryHandler):
    """Holds warnings until the command fails: where all is well, nothing is shown."""

    def __init__(self, target: logging.Handler) -> None:
        super().__init__(0, target=target, flushOnClose=False)
        self._shown = target

    def emit(self, record: logging.LogRecord) -> None:
        record.labels = fields()  # as they are now
        if record.name.startswith(_NEED_SOMEBODY) and record.levelno < logging.ERROR:
            self._shown.handle(record)
        else:
            super().emit(record)

    def shouldFlush(self, record: logging.LogRecord) -> bool:  # noqa: N802
        """Whether the command fails."""
        return record.levelno >= logging.ERROR or record.name == _SIGNALLED

    def flush(self) -> None:
        """Show what is held if the command fails; Python 3.11 asks at its end too."""
        if any(map(self.shouldFlush, self.buffer)):
            super().flush()


def _is_shown(record: logging.LogRecord) -> bool:
    """Whether it is no line of a model or a check of a closing, which has hundreds."""
    is_step = record.name.startswith(_STEPS) and record.levelno < logging.WARNING
    return not (is_step and fields().get("stage") in {"close", "reverse"})


def _moment(record: logging.LogRecord) -> datetime:
    return datetime.fromtimestamp(record.created, UTC)


def _cut(message: str) -> str:
    """*message* with lines of `_LONGEST_LINE` characters at most."""
    lines = message.split("\n")
    return "\n".join(
        line if len(line) <= _LONGEST_LINE else f"{line[:_LONGEST_LINE]}…"
        for line in lines
    )


def start(*, quiet: bool, form: str) -> None:
    """Send log lines of the pipeline to standard error, as *form* text or json.

    If *quiet*, none where all is well.
    """
    handler: logging.Handler = logging.StreamHandler(sys.stderr)
    is_terminal = sys.stderr.isatty()
    handler.setFormatter(_Json() if form == "json" else _Text(is_terminal=is_terminal))
    handler.addFilter(_is_shown)
    if quiet:
        handler = _Quiet(handler)
    logging.basicConfig(
        level=logging.WARNING if quiet else logging.INFO, handlers=[handler], force=True
    )


def say(text: object) -> None:
    """Write *text* to standard output: a file's name may hold what a terminal obeys."""
    click.echo(shown(str(text)))
