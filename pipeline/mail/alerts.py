"""Alerts: sent once to each recipient, and again when what was wrong is over."""

import hashlib
import logging
from collections.abc import Sequence
from datetime import datetime
from email.message import EmailMessage
from email.policy import SMTP
from email.utils import format_datetime

from pipeline.config import Alerts, Mail, Settings
from pipeline.errors import PipelineError
from pipeline.mail import alert_rows, alert_runs, alert_state, webhook
from pipeline.mail.alert_state import Alert, AlertState, Known, hashed
from pipeline.mail.failures import SendError
from pipeline.mail.headers import address_header, text_header
from pipeline.mail.plain import plain
from pipeline.mail.smtp import MailServer
from pipeline.monitor import RunRecord

log = logging.getLogger(__name__)

_WEBHOOK = "webhook"
_SIGNALS = 128  # exit codes of signals are above
_MOST = 40  # alerts in a message
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
    if "runs" in alerts.subjects:
        found = {one.key: one for one in alert_runs.of_run(last)}
        for one in alert_rows.of_delay(last, earlier, alerts.late_after):
            state.add(one)
        for one in found.values():
            state.add(one)
        state.end(
            lambda key: key not in found and alert_runs.is_over(key, last),
            alert_runs.over(last),
        )
    for one in _figures(settings, alerts, last, now):
        state.add(one)
    state.forget_old(now)
    alert_state.write(path, state)  # before anything is sent, so that nothing is lost
    if (last.exit_code or 0) > _SIGNALS:
        return  # who ends a process does not wait; the next run sends it
    _send(settings, alerts, state, now)
    has_mail = settings.mail is not None
    state.finish(
        [
            *(alerts.recipients if has_mail else ()),
            *([_WEBHOOK] if alerts.webhook else []),
        ]
    )
    alert_state.write(path, state)


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


def _send(settings: Settings, alerts: Alerts, state: AlertState, now: datetime) -> None:
    """Send each recipient one message of all that is pending for it."""
    if alerts.webhook and (pending := state.pending(_WEBHOOK)):
        content = webhook.payload(alerts.webhook_format, _lines(pending))
        proxy = alerts.webhook_proxy
        try:
            webhook.post(alerts.webhook, content, alerts.timeout_seconds, proxy)
        except (SendError, PipelineError) as exc:
            log.warning("alerts: webhook: %s; the next run sends it", _reason(exc))
        else:
            _tell(pending, _WEBHOOK)
    if settings.mail is not None and alerts.recipients:
        _send_mails(settings.mail, alerts.recipients, state, now)


def _send_mails(
    mail: Mail, recipients: Sequence[str], state: AlertState, now: datetime
) -> None:
    with MailServer(mail) as server:
        for recipient in recipients:
            if not (pending := state.pending(recipient)):
                continue
            try:
                server.send(_message(mail, recipient, pending, now), recipient)
            except PipelineError as exc:
                log.warning(
                    "alerts: mail to %s: %s; the next run sends it",
                    *(recipient, _reason(exc)),
                )
            else:
                _tell(pending, recipient)


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
