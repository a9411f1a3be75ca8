"""Alerts: sent once to each recipient, and again when what was wrong is over."""

import logging
from collections.abc import Callable, Iterator, Sequence
from datetime import datetime
from functools import partial
from pathlib import Path

from pipeline import monitor
from pipeline.config import Alerts, Settings
from pipeline.errors import PipelineError
from pipeline.formats.language import Language, language
from pipeline.formats.plurals import counted
from pipeline.mail import (
    alert_found,
    alert_message,
    alert_runs,
    alert_state,
    webhook,
)
from pipeline.mail.alert_state import Alert, AlertState, Known, hashed
from pipeline.mail.audience import WEBHOOK, Audience, audience
from pipeline.mail.failures import SendError
from pipeline.mail.smtp import MailServer
from pipeline.monitor import RunRecord

log = logging.getLogger(__name__)

_SIGNALS = 128  # exit codes of signals are above
_FIGURES = {"closing", "budgets", "forecasts", "quota", "anomalies"}


def send(
    settings: Settings, last: RunRecord, earlier: Sequence[RunRecord], now: datetime
) -> None:
    """Tell of how the *last* run ended, and of what it found.

    What cannot be sent is a warning, and is sent by the next run.
    """
    alerts = settings.alerts
    if alerts is None:
        return
    state = alert_state.read(_path(settings))
    alert_found.add(state, settings, last, earlier, now)
    state.forget_old(now)
    # Before anything is sent, so that nothing is lost.
    alert_state.write(_path(settings), state)
    if (last.exit_code or 0) > _SIGNALS:
        return  # who ends a process does not wait; the next run sends it
    _send(settings, alerts, state, now)


def send_pending(settings: Settings, now: datetime) -> None:
    """Send what no run has sent, as it was not to be sent then or could not be.

    That no run has begun for too long is added to it.
    """
    if settings.alerts is None:
        return
    state = _with_missing(settings, settings.alerts, now)
    _send(settings, settings.alerts, state, now)


def shown(settings: Settings, now: datetime) -> Iterator[str]:
    """What `send_pending` would send, a message after the other; nothing is sent."""
    alerts = settings.alerts
    if alerts is None:
        yield "no alerts are configured: [alerts]"
        return
    state = _with_missing(settings, alerts, now)
    reached = audience(settings, alerts)
    is_due = _due(alerts, state, now)
    for one in (
        *reached.by_mail,
        *([WEBHOOK] if WEBHOOK in reached.everything else []),
    ):
        pending = state.pending(one, reached.of)
        due = [each for each in pending if is_due(each.alert)]
        if due:
            words = [each.alert for each in due]
            said = language(settings.report.language)
            title = alert_message.title(words, said)
            yield f"to {one}: {title}\n\n{alert_message.text(words, said)}"
        if waiting := len(pending) - len(due):
            yield f"to {one}: {counted(waiting, 'alert')} later"
        if not pending:
            yield f"to {one}: nothing"


def _with_missing(settings: Settings, alerts: Alerts, now: datetime) -> AlertState:
    """The state of *settings*, which has that a run is missing, if one is."""
    state = alert_state.read(_path(settings))
    if "runs" in alerts.subjects:
        runs = monitor.read(settings.run_records).runs
        nightly = [one for one in runs if one.command == "run"]
        said = language(settings.report.language)
        for one in alert_runs.of_missing(nightly[-1:], alerts.late_after, now, said):
            state.add(one)
    return state


def _path(settings: Settings) -> Path:
    return settings.state / "alerts.json"


def _due(alerts: Alerts, state: AlertState, now: datetime) -> Callable[[Alert], bool]:
    """Whether an alert is sent now: not in quiet hours, figures once a week if so."""
    here = now.astimezone(alerts.zone)
    if alerts.quiet and alerts.quiet.includes(here):
        return lambda _: False
    if alerts.is_weekly and state.week == f"{here:%G-W%V}":
        return lambda alert: alert.subject not in _FIGURES
    return lambda _: True


def _send(settings: Settings, alerts: Alerts, state: AlertState, now: datetime) -> None:
    """Send each recipient one message of all that is pending for it, and due.

    Each is noted at once, so that a run that is killed repeats one message at most.
    """
    note = partial(alert_state.write, _path(settings), state)
    said = language(settings.report.language)
    reached = audience(settings, alerts)
    is_due = _due(alerts, state, now)

    def pending(recipient: str) -> list[Known]:
        found = state.pending(recipient, reached.of)
        return [one for one in found if is_due(one.alert)]

    if alerts.webhook and (of_chat := pending(WEBHOOK)):
        content = _for_chat(alerts, [one.alert for one in of_chat], said)
        proxy = alerts.webhook_proxy
        try:
            webhook.post(alerts.webhook, content, alerts.timeout_seconds, proxy)
        except (SendError, PipelineError) as exc:
            log.warning("alerts: webhook: %s; the next run sends it", _reason(exc))
        else:
            _note(of_chat, WEBHOOK, note)
    if settings.mail is not None:
        write = partial(alert_message.message, settings.mail, settings, now)
        with MailServer(settings.mail) as server:
            for recipient in reached.by_mail:
                if of_one := pending(recipient):
                    message = write(recipient, [one.alert for one in of_one])
                    if _mail(server, recipient, message):
                        _note(of_one, recipient, note)
    _finish(alerts, state, reached, now)
    note()


def _finish(
    alerts: Alerts, state: AlertState, reached: Audience, now: datetime
) -> None:
    """Note what everybody has got, and the week whose figures were sent."""
    state.finish(lambda alert: reached.of(alert) if reached.is_known(alert) else None)
    is_due = _due(alerts, state, now)
    waiting = [one for one in state.alerts.values() if not one.is_done]
    figures = [one for one in waiting if one.alert.subject in _FIGURES]
    if alerts.is_weekly and not any(is_due(one.alert) for one in figures):
        here = now.astimezone(alerts.zone)
        if not (alerts.quiet and alerts.quiet.includes(here)):
            state.week = f"{here:%G-W%V}"


def _for_chat(alerts: Alerts, due: Sequence[Alert], said: Language) -> bytes:
    words = alert_message.paragraphs(due, said)
    parts = alert_message.parts(due, said)
    return webhook.payload(alerts.webhook_format, words, parts)


def _mail(server: MailServer, recipient: str, message: bytes) -> bool:
    """Whether the server took the *message*; a warning if it did not."""
    try:
        server.send(message, recipient)
    except PipelineError as exc:
        log.warning(
            "alerts: mail to %s: %s; the next run sends it", recipient, _reason(exc)
        )
        return False
    return True


def _note(due: Sequence[Known], recipient: str, note: Callable[[], None]) -> None:
    for one in due:
        one.reached.add(hashed(recipient))
    note()
    log.info("alerts: %d sent", len(due))


def _reason(exc: PipelineError) -> str:
    return str(exc).partition("\n")[0]
