"""Alerts: sent once to each recipient, and again when what was wrong is over."""

import hashlib
import logging
from collections.abc import Callable, Iterator, Sequence
from datetime import datetime
from email.message import EmailMessage
from email.policy import SMTP
from email.utils import format_datetime

from pipeline.config import Alerts, Mail, Settings
from pipeline.errors import PipelineError
from pipeline.formats.plurals import counted
from pipeline.mail import alert_found, alert_state, webhook
from pipeline.mail.alert_state import Alert, AlertState, Known, hashed
from pipeline.mail.audience import WEBHOOK, Audience, audience
from pipeline.mail.failures import SendError
from pipeline.mail.headers import address_header, text_header
from pipeline.mail.plain import plain
from pipeline.mail.smtp import MailServer
from pipeline.monitor import RunRecord

log = logging.getLogger(__name__)

_SIGNALS = 128  # exit codes of signals are above
_MOST = 40  # alerts in a message
_FIGURES = {"closing", "budgets", "forecasts", "quota", "anomalies"}
_POLICY = SMTP.clone(cte_type="7bit")


def send(
    settings: Settings, last: RunRecord, earlier: Sequence[RunRecord], now: datetime
) -> None:
    """Tell of how the *last* run ended, and of what it found.

    What cannot be sent is a warning, and is sent by the next run.
    """
    alerts = settings.alerts
    if alerts is None:
        return
    path = settings.state / "alerts.json"
    state = alert_state.read(path)
    alert_found.add(state, settings, last, earlier, now)
    state.forget_old(now)
    alert_state.write(path, state)  # before anything is sent, so that nothing is lost
    if (last.exit_code or 0) > _SIGNALS:
        return  # who ends a process does not wait; the next run sends it
    _send(settings, alerts, state, now)
    alert_state.write(path, state)


def send_pending(settings: Settings, now: datetime) -> None:
    """Send what no run has sent, as it was not to be sent then or could not be."""
    if settings.alerts is None:
        return
    path = settings.state / "alerts.json"
    state = alert_state.read(path)
    _send(settings, settings.alerts, state, now)
    alert_state.write(path, state)


def shown(settings: Settings, now: datetime) -> Iterator[str]:
    """What `send_pending` would send, a message after the other; nothing is sent."""
    alerts = settings.alerts
    if alerts is None:
        yield "no alerts are configured: [alerts]"
        return
    state = alert_state.read(settings.state / "alerts.json")
    reached = audience(settings, alerts)
    is_due = _due(alerts, state, now)
    for one in (
        *reached.by_mail,
        *([WEBHOOK] if WEBHOOK in reached.everything else []),
    ):
        pending = state.pending(one, reached.of)
        due = [each for each in pending if is_due(each.alert)]
        if due:
            yield f"to {one}: {_lines(due)[0]}\n\n{_text(due)}"
        if waiting := len(pending) - len(due):
            yield f"to {one}: {counted(waiting, 'alert')} later"
        if not pending:
            yield f"to {one}: nothing"


def _due(alerts: Alerts, state: AlertState, now: datetime) -> Callable[[Alert], bool]:
    """Whether an alert is sent now: not in quiet hours, figures once a week if so."""
    here = now.astimezone(alerts.zone)
    if alerts.quiet and alerts.quiet.includes(here):
        return lambda _: False
    if alerts.is_weekly and state.week == f"{here:%G-W%V}":
        return lambda alert: alert.subject not in _FIGURES
    return lambda _: True


def _send(settings: Settings, alerts: Alerts, state: AlertState, now: datetime) -> None:
    """Send each recipient one message of all that is pending for it, and due."""
    reached = audience(settings, alerts)
    is_due = _due(alerts, state, now)

    def pending(recipient: str) -> list[Known]:
        found = state.pending(recipient, reached.of)
        return [one for one in found if is_due(one.alert)]

    if alerts.webhook and (of_chat := pending(WEBHOOK)):
        content = webhook.payload(alerts.webhook_format, _lines(of_chat))
        proxy = alerts.webhook_proxy
        try:
            webhook.post(alerts.webhook, content, alerts.timeout_seconds, proxy)
        except (SendError, PipelineError) as exc:
            log.warning("alerts: webhook: %s; the next run sends it", _reason(exc))
        else:
            _tell(of_chat, WEBHOOK)
    if settings.mail is not None:
        _send_mails(settings.mail, reached.by_mail, pending, now)
    _finish(alerts, state, reached, now)


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


def _send_mails(
    mail: Mail,
    recipients: Sequence[str],
    pending: Callable[[str], list[Known]],
    now: datetime,
) -> None:
    with MailServer(mail) as server:
        for recipient in recipients:
            if not (due := pending(recipient)):
                continue
            try:
                server.send(_message(mail, recipient, due, now), recipient)
            except PipelineError as exc:
                log.warning(
                    "alerts: mail to %s: %s; the next run sends it",
                    *(recipient, _reason(exc)),
                )
            else:
                _tell(due, recipient)


def _tell(pending: Sequence[Known], recipient: str) -> None:
    for one in pending:
        one.reached.add(hashed(recipient))
    log.info("alerts: %d sent", len(pending))


def _lines(pending: Sequence[Known]) -> list[str]:
    """A title, then each alert; of very many, so many."""
    first, *others = pending
    title = f"Chargeback: {first.alert.lines[0]}"
    if others:
        title += f", and {len(others)} more"
    lines = [title]
    for one in pending[:_MOST]:
        lines += one.alert.lines if others else one.alert.lines[1:]
    if len(pending) > _MOST:
        lines.append(f"and {len(pending) - _MOST} more")
    return [plain(line, 500) for line in lines]


def _text(pending: Sequence[Known]) -> str:
    """A paragraph for each alert: its title, and below it the rest, indented."""
    shown = [one.alert.lines for one in pending[:_MOST]]
    if len(pending) > _MOST:
        shown.append((f"and {len(pending) - _MOST} more",))
    cleaned = [[plain(line, 500) for line in lines] for lines in shown]
    return "\n\n".join("\n  ".join(lines) for lines in cleaned) + "\n"


def _message(
    mail: Mail, recipient: str, pending: Sequence[Known], now: datetime
) -> bytes:
    """The mail about what is *pending*; a repeat has the same Message-ID."""
    title = _lines(pending)[0]
    keys = "\n".join([recipient, *(f"{x.alert.key} {x.alert.since}" for x in pending)])
    digest = hashlib.sha256(keys.encode()).hexdigest()[:32]
    message = EmailMessage(policy=_POLICY)
    message["Date"] = format_datetime(now)
    message["Message-ID"] = (
        f"<alert.{digest}.chargeback@{mail.sender.rpartition('@')[2]}>"
    )
    message["Auto-Submitted"] = "auto-generated"
    message.set_content(_text(pending))
    head = (
        text_header("Subject", plain(title, 160))
        + address_header("From", mail.sender_name, mail.sender)
        + address_header("To", "", recipient)
    )
    return head + message.as_bytes()


def _reason(exc: PipelineError) -> str:
    return str(exc).partition("\n")[0]
