"""What a run found that people should learn of, and what of it is over."""

import logging
from collections.abc import Sequence
from datetime import datetime

from pipeline.config import Alerts, Settings
from pipeline.errors import PipelineError
from pipeline.formats.language import Language, language
from pipeline.mail import alert_notices, alert_rows, alert_runs
from pipeline.mail.alert_state import Alert, AlertState
from pipeline.monitor import RunRecord

log = logging.getLogger(__name__)


def add(
    state: AlertState,
    settings: Settings,
    last: RunRecord,
    earlier: Sequence[RunRecord],
    now: datetime,
) -> None:
    """Add to *state* what the *last* run found, and end what is over by it."""
    alerts = settings.alerts or Alerts()
    said = language(settings.report.language)
    if "runs" in alerts.subjects:
        _add_runs(state, alerts, last, earlier, said)
    for one in alert_notices.of_notices(last, said):
        if one.subject in alerts.subjects:
            state.add(one)
    state.end(
        lambda key: alert_notices.is_read_again(key, last),
        alert_notices.read_again(last, said),
    )
    for one in _figures(settings, alerts, last, now):
        state.add(one)


def _add_runs(
    state: AlertState,
    alerts: Alerts,
    last: RunRecord,
    earlier: Sequence[RunRecord],
    said: Language,
) -> None:
    found = {one.key: one for one in alert_runs.of_run(last, said)}
    for one in alert_rows.of_delay(last, earlier, alerts.late_after, said):
        former = one.key.partition("/")[2]
        if alert_runs.missing_key(former) not in state.alerts:
            state.add(one)
    for one in found.values():
        state.add(one)
    state.end(
        lambda key: (
            key.startswith("runs/")
            and key not in found
            and alert_runs.is_over(key, last)
        ),
        alert_runs.over(last, said),
    )


def _figures(
    settings: Settings, alerts: Alerts, last: RunRecord, now: datetime
) -> list[Alert]:
    """Alerts of a run that built a warehouse, as of today."""
    is_built = any(one.name == "build" and one.outcome == "ok" for one in last.stages)
    if not is_built or last.as_of < last.started.date():
        return []
    try:
        return alert_rows.of_figures(settings, alerts, last.as_of, now)
    except PipelineError as exc:
        log.warning("alerts: %s", str(exc).partition("\n")[0])
        return []
