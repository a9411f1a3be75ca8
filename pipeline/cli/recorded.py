"""A command that changes data, with its record: from its first line to its last."""

import logging
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, date, datetime
from importlib.metadata import version
from secrets import token_hex

from pipeline import monitor
from pipeline.cli import clock
from pipeline.cli.outcome import outcome
from pipeline.config import Settings
from pipeline.errors import PipelineError
from pipeline.formats.plurals import counted
from pipeline.monitor import Recorder, RunRecord, read, recorder, records

log = logging.getLogger(__name__)

_NIGHTLY = "run"
_BEFORE = 200  # records to look for the last runs in
_READING = {"run", "extract"}


@contextmanager
def recorded(command: str, as_of: date, now: datetime) -> Iterator[Recorder]:
    """Collect the record of a *command* that begins *now*, and make its last line.

    `kept` writes it, as soon as there is a lock and a folder for it.
    """
    run_id = f"{now.astimezone(UTC):%Y%m%dT%H%M%SZ}-{token_hex(3)}"
    monitor.label(run=run_id, day=f"{as_of}")
    revision = version("chargeback")
    begun = RunRecord(records.FORMAT, run_id, revision, command, as_of, now)
    one = Recorder(begun)
    token, handler = recorder.start(one), _Warnings(one)
    logging.getLogger().addHandler(handler)
    try:
        yield one
    except BaseException as exc:
        _summarize(one.ended(outcome().code_of(exc)))
        raise
    else:
        _summarize(one.ended(0))
    finally:
        logging.getLogger().removeHandler(handler)
        recorder.stop(token)


@contextmanager
def kept(
    one: Recorder, settings: Settings, *, is_silent: bool = False
) -> Iterator[None]:
    """Write the record beside the data, when the block begins and when it ends.

    Whoever watches is told then, too; if it *is_silent*, nobody gets alerts.
    """
    one.begin(settings.run_records)
    if one.begun.command == _NIGHTLY:
        _tell_begun(settings)
    error: BaseException | None = None
    try:
        yield
    except BaseException as exc:
        error = exc
        raise
    finally:
        if one.begun.command in _READING:
            _record_gaps(one, settings)
        code = outcome().code_of(error)
        if error is not None:
            one.fail(outcome().causes_of(error))
        line = outcome().line_of(error) if error else None
        record = one.ended(code, line)
        one.end(record)
        if one.begun.command == _NIGHTLY:
            _tell(settings, one, record, is_silent=is_silent)


class _Warnings(logging.Handler):
    """Hands warnings to the record, by the name of their check or module."""

    def __init__(self, one: Recorder) -> None:
        super().__init__(logging.WARNING)
        self._recorder = one

    def emit(self, record: logging.LogRecord) -> None:
        """Note *record*; an error is what the run ends with, and is noted as that."""
        if record.levelno == logging.WARNING:
            fields = getattr(record, "fields", {})
            name = fields.get("check") or record.name.removeprefix("pipeline.")
            self._recorder.warn(str(name), record.getMessage())


def _summarize(record: RunRecord) -> None:
    """Leave the last line of the command to where its end is reported."""
    if len(record.failed_tenants) == 1:
        monitor.label(tenant=record.failed_tenants[0])
    counts = {
        "tenant": len(record.tenants),
        "request": record.requests,
        "row": record.rows,
        "warning": record.warning_count,
    }
    ended = outcome()
    ended.summary = (
        f"{record.command} {record.id}: exit {record.exit_code}, {record.seconds:,.1f}"
        f" s, {', '.join(counted(count, name) for name, count in counts.items())}"
    )
    ended.fields = {
        "command": record.command,
        "exit_code": record.exit_code,
        "seconds": record.seconds,
        **{f"{name}s": count for name, count in counts.items()},
        "gap_days": record.gap_days,
    }


def _tell_begun(settings: Settings) -> None:
    if settings.monitor.ping_url:
        from pipeline.monitor import ping

        ping.begun(settings.monitor)


def _tell(
    settings: Settings, one: Recorder, record: RunRecord, *, is_silent: bool
) -> None:
    """Tell watchers and people how the run ended; what fails here is a warning."""
    try:
        _tell_ended(settings, record)
        if settings.alerts and not is_silent:
            _alert(settings, one, record)
    except Exception as exc:  # noqa: BLE001 (the run's own end is what counts)
        log.warning("nobody was told how the run ended: %s", outcome().line_of(exc))


def _tell_ended(settings: Settings, record: RunRecord) -> None:
    """Say how the run ended to whoever watches; a failure of that is a warning."""
    if settings.monitor.ping_url:
        from pipeline.monitor import ping

        ping.ended(settings.monitor, record.exit_code or 0)
    if path := settings.monitor.metrics_file:
        from pipeline.monitor import metrics

        before = [one for one in read(settings.run_records).runs if one.is_good]
        runs = [one for one in before if one.command == record.command]
        good = record if record.is_good else next(reversed(runs), None)
        metrics.write(path, record, good)


def _alert(settings: Settings, one: Recorder, record: RunRecord) -> None:
    """Send alerts, and note what they warn of."""
    from pipeline.mail import alerts

    runs = read(settings.run_records, _BEFORE).runs
    earlier = [each for each in runs if each.command == record.command]
    warned = one.warning_count
    alerts.send(settings, record, earlier, clock.now())
    if one.warning_count != warned:
        one.end(one.ended(record.exit_code or 0, record.error))


def _record_gaps(one: Recorder, settings: Settings) -> None:
    """Note the days that were not read; what cannot be known is an error elsewhere."""
    from pipeline.monitor.gaps import gaps

    for name in settings.tenant_names:
        try:
            one.gaps(name, gaps(settings, name, one.begun.as_of))
        except (PipelineError, OSError) as exc:
            log.debug("%s: coverage cannot be read: %s", name, exc)
