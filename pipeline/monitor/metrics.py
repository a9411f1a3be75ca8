"""The figures of the last run as a Prometheus textfile, for the node exporter."""

import logging
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path

from pipeline.files import replacing
from pipeline.monitor.records import RunRecord

log = logging.getLogger(__name__)

_READABLE = 0o644  # by the exporter, which is another user


def write(path: Path, last: RunRecord, good: RunRecord | None) -> None:
    """Replace *path* with the figures of the *last* run, and when one was *good*.

    A file that cannot be written is a warning.
    """
    try:
        with replacing(path) as partial:
            partial.write_text("".join(_lines(last, good)), encoding="utf-8")
            partial.chmod(_READABLE)
    except OSError as exc:
        where = exc.filename or path
        log.warning("monitor.metrics_file: %s: %s", where, exc.strerror or exc)


def _lines(last: RunRecord, good: RunRecord | None) -> Iterator[str]:
    """The exposition format: each metric with its meaning, type and samples."""
    success = _at(good.ended) if good else None
    single = {
        "started_timestamp_seconds": ("When it began.", last.started.timestamp()),
        "timestamp_seconds": ("When it ended.", _at(last.ended)),
        "success_timestamp_seconds": ("When the last good run ended.", success),
        "duration_seconds": ("How long it took.", last.seconds),
        "exit_code": ("How it ended.", last.exit_code),
        "messages": ("Messages that were accepted.", len(last.delivered)),
    }
    for name, (meaning, value) in single.items():
        if value is not None:
            yield from _metric(name, meaning, [({}, value)])
    version = {"version": last.version}
    yield from _metric("info", "The version that ran.", [(version, 1)])
    yield from _metric(
        "stage_duration_seconds",
        "How long a stage took.",
        [({"stage": one.name}, one.seconds) for one in last.stages],
    )
    yield from _metric(
        "warnings",
        "Warnings, by check or module.",
        [({"name": one.name}, one.count) for one in last.warnings],
    )
    yield from _of_tenants(last)


def _of_tenants(last: RunRecord) -> Iterator[str]:
    tenants = last.tenants
    yield from _metric(
        "tenant_failed",
        "1 if a tenant was not read whole.",
        [({"tenant": one.name}, int(one.failure is not None)) for one in tenants],
    )
    yield from _metric(
        "requests",
        "Requests to a tenant.",
        [({"tenant": one.name}, one.requests) for one in tenants],
    )
    yield from _metric(
        "rows",
        "Rows that were read.",
        [
            ({"tenant": one.name, "source": each.source}, each.rows)
            for one in tenants
            for each in one.sources
        ],
    )
    yield from _metric(
        "missing_days",
        "Days that were not read whole.",
        [
            (
                {"tenant": one.name, "source": source},
                sum(gap.days for gap in one.gaps if gap.source == source),
            )
            for one in tenants
            for source in ("usage", "runs")
        ],
    )


def _metric(
    name: str, meaning: str, samples: list[tuple[dict[str, str], float]]
) -> Iterator[str]:
    whole = f"chargeback_run_{name}"
    if samples:
        yield f"# HELP {whole} {meaning}\n# TYPE {whole} gauge\n"
    for labels, value in samples:
        named = ",".join(f'{key}="{_escaped(text)}"' for key, text in labels.items())
        yield f"{whole}{f'{{{named}}}' if named else ''} {value}\n"


def _escaped(text: str) -> str:
    return text.replace("\\", r"\\").replace('"', r"\"").replace("\n", r"\n")


def _at(moment: datetime | None) -> float | None:
    return moment.timestamp() if moment else None
