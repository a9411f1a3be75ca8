"""Log lines on standard error: text for people and cron, JSON for collectors."""

import json
import logging
import sys
from datetime import UTC, datetime

import click

from pipeline.formats.terminal import shown

# Characters of a line: some quote what somebody typed or sent.
_LONGEST_LINE = 2000


class _Json(logging.Formatter):
    def format(self, record: logging.LogRecord) -> str:
        moment = datetime.fromtimestamp(record.created, UTC)
        line = {
            "time": moment.isoformat(timespec="milliseconds"),
            "level": record.levelname.lower(),
            "logger": record.name,
            "message": _cut(record.getMessage()),
        }
        if record.exc_info:
            line["trace"] = self.formatException(record.exc_info)
        return json.dumps(line)


class _Text(logging.Formatter):
    def format(self, record: logging.LogRecord) -> str:
        message = _cut(shown(super().format(record)))
        is_news = record.levelno < logging.WARNING
        return message if is_news else f"{record.levelname.lower()}: {message}"


def _cut(message: str) -> str:
    """*message* with lines of `_LONGEST_LINE` characters at most."""
    lines = message.split("\n")
    return "\n".join(
        line if len(line) <= _LONGEST_LINE else f"{line[:_LONGEST_LINE]}…"
        for line in lines
    )


def start(*, quiet: bool, form: str) -> None:
    """Send log lines of the pipeline to standard error, as *form* text or json."""
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(_Json() if form == "json" else _Text())
    logging.basicConfig(
        level=logging.WARNING if quiet else logging.INFO, handlers=[handler], force=True
    )


def say(text: object) -> None:
    """Write *text* to standard output: a file's name may hold what a terminal obeys."""
    click.echo(shown(str(text)))
