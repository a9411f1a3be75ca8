"""Who got a statement that is reversed gets its credit note once, then version 2."""

from email.message import EmailMessage
from pathlib import Path

import pytest

from servers.mail import Inbox
from worlds.closing import MARCH, RATES, Company

pytestmark = pytest.mark.slow

TODAY = "2026-02-15"


def plain(message: EmailMessage) -> str:
    body = message.get_body(("plain",))
    assert body is not None
    return str(body.get_content())


def files_of(message: EmailMessage) -> dict[str, bytes]:
    found: dict[str, bytes] = {}
    for part in message.iter_attachments():
        content = part.get_payload(decode=True)
        assert isinstance(content, bytes)
        found[str(part.get_filename())] = content
    return found


def test_a_credit_note_is_mailed_once_to_who_got_version_1(
    tmp_path: Path, inbox: Inbox
) -> None:
    company = Company(tmp_path)
    company.start(MARCH)
    company.configure(
        f'[mail]\nhost = "localhost"\nport = {inbox.port}\nsecurity = "none"\n'
        'from = "chargeback@acme.example"\nopen_month = "never"\n'
        'recipients = ["finance@acme.example"]\n'
        '[mail.cost_centers]\nSales = ["sales@acme.example"]\n'
    )

    attached: list[dict[str, bytes]] = []

    def mailed() -> list[tuple[str, str]]:
        before = len(inbox.mails)
        result = company.chargeback("deliver", "--as-of", TODAY, "--quiet")
        assert (result.returncode, result.stderr) == (0, "")
        new = [one for one in inbox.mails[before:] if "sales@" in str(one["To"])]
        attached[:] = map(files_of, new)
        return [(str(one["Subject"]), plain(one)) for one in new]

    assert company.close("2026-01", TODAY).returncode == 0
    ((subject, text),) = mailed()
    assert "2026 is final: " in subject
    assert "acme-2026-01-002, version 1, seal " in text
    company.write("rates", RATES.replace("0.5", "0.4"))
    assert company.close("2026-01", TODAY, "--reverse", "Too high.").returncode == 0
    ((subject, text),) = mailed()
    assert "2026 is provisional: " in subject
    assert "acme-2026-01-C002, seal " in text
    reversal = "reverses acme-2026-01-002 v1 on Feb 15, 2026"
    assert f"{reversal}: \N{MINUS SIGN}€81.00, Too high." in text
    notes = {name for name in attached[0] if name.startswith("acme-2026-01-c002")}
    assert {"acme-2026-01-c002.xlsx", "acme-2026-01-c002-lines.csv"} <= notes
    for name in sorted(notes):
        (tmp_path / name).write_bytes(attached[0][name])
    assert company.chargeback("verify", *sorted(notes)).returncode == 0
    assert not any("c001" in name for name in attached[0])
    assert mailed() == []
    assert company.close("2026-01", TODAY).returncode == 0
    ((subject, text),) = mailed()
    assert "2026 is final: " in subject
    assert "acme-2026-01-002, version 2, seal " in text
    assert "acme-2026-01-C002" in text
    assert not any(name.startswith("acme-2026-01-c002") for name in attached[0])
    assert mailed() == []
