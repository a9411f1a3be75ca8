"""Log lines on standard error: text for people and cron, JSON for collectors."""

import json
import logging
import sys
from datetime import UTC, datetime

from pipeline.formats.terminal import shown


class _Json(logging.Formatter):
    def format(self, record: logging.LogRecord) -> str:
        moment = datetime.fromtimestamp(record.created, UTC)
        line = {
            "time": moment.isoformat(timespec="milliseconds"),
            "level": record.levelname.lower(),
            "logger": record.name,
            "message": record.getMessage(),
        }
        if record.exc_info:
            line["trace"] = self.formatException(record.exc_info)
        return json.dumps(line)


class _Text(logging.Formatter):
    def format(self, record: logging.LogRecord) -> str:
        message = shown(super().format(record))
        is_news = record.levelno < logging.WARNING
        return message if is_news else f"{record.levelname.lower()}: {message}"


def start(*, quiet: bool, form: str) -> None:
    """Send log lines of the pipeline to standard error, as *form* text or json."""
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(_Json() if form == "json" else _Text())
    logging.basicConfig(
        level=logging.WARNING if quiet else logging.INFO, handlers=[handler], force=True
    )
