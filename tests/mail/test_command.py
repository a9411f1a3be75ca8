"""`chargeback deliver`, month after month: a process, its exit code, its mail."""

import os
import signal
import subprocess
import sys
from datetime import date
from pathlib import Path

import pytest

from servers.mail import Inbox
from tools.modes import OWN, modes
from worlds.closing import JANUARY, Company
from worlds.mail_office import body

pytestmark = pytest.mark.slow

SCRIPT = Path(__file__).parents[1] / "tools" / "killed_at.py"
FINANCE, ANNA = "finance@acme.example", "anna@acme.example"
MAIL = """
[mail]
host = "localhost"
port = {port}
security = "none"
from = "chargeback@acme.example"
recipients = ["finance@acme.example"]
attach = ["csv", "html"]
[mail.cost_centers]
Finance = ["anna@acme.example"]
"""


def posting(path: Path, inbox: Inbox, until: date) -> Company:
    """A company that mails what it built on the first of February."""
    company = Company(path)
    company.start(until)
    company.configure(MAIL.format(port=inbox.port))
    company.build("2026-02-01")
    return company


def deliver(company: Company, as_of: str, *more: str) -> tuple[int, str]:
    result = company.chargeback("deliver", "--as-of", as_of, *more)
    return result.returncode, result.stderr


def test_a_month_goes_out_provisional_final_and_corrected(
    tmp_path: Path, inbox: Inbox
) -> None:
    company = posting(tmp_path, inbox, date(2026, 3, 1))

    shown = deliver(company, "2026-02-01", "--dry-run", "shown")
    assert shown[0] == 0
    assert len(list((tmp_path / "shown").glob("*.eml"))) == 2
    assert inbox.taken == []

    assert deliver(company, "2026-02-01")[0] == 0
    assert deliver(company, "2026-02-02")[0] == 0
    assert subjects(inbox) == [
        "January 2026 is provisional",
        "Finance, January 2026 is provisional",
    ]

    assert company.close("2026-01", "2026-02-03").returncode == 0
    assert deliver(company, "2026-02-03")[0] == 0
    assert subjects(inbox)[2:] == [
        "January 2026 is final",
        "Finance, January 2026 is final",
    ]

    company.use(JANUARY, {"a1": 13, "a2": 2})
    company.build("2026-03-01")
    assert deliver(company, "2026-03-01")[0] == 0
    assert subjects(inbox)[4:] == [
        "February 2026 is provisional",
        "Finance, February 2026 is provisional",
    ]
    corrected = inbox.mails[-1]
    assert corrected["To"] == ANNA
    for kind in ("plain", "html"):
        assert "Correction of January 2026: Runs" in body(corrected, kind)
        assert "€5.00" in body(corrected, kind)
    exported = ("export", "2026-01", "--format", "csv", "--out", str(tmp_path / "out"))
    assert company.chargeback(*exported).returncode == 0
    assert company.chargeback("report", "--as-of", "2026-03-01").returncode == 0
    data = tmp_path / "data"  # whose lake this test writes
    assert all(modes(data / name) == OWN for name in ("closed", "state", "reports"))
    assert modes(data / "warehouse.duckdb") == {"file 0600"}


def subjects(inbox: Inbox) -> list[str]:
    return [str(mail["Subject"]).partition(":")[0] for mail in inbox.mails]


def test_a_server_that_is_down_ends_in_6_and_is_made_good(
    tmp_path: Path, inbox: Inbox
) -> None:
    company = posting(tmp_path, inbox, date(2026, 2, 1))
    assert company.chargeback("report", "--as-of", "2026-02-01").returncode == 0
    inbox.refuses[ANNA] = "550 5.1.1 no such user"

    code, told = deliver(company, "2026-02-01", "--quiet")
    inbox.refuses.clear()
    later = deliver(company, "2026-02-05", "--quiet")

    assert code == 6
    assert ANNA in told
    assert len(told.splitlines()) <= 3
    assert later == (0, "")
    assert inbox.recipients == [FINANCE, ANNA]
    names = [part.get_filename() or "" for part in inbox.mails[1].iter_attachments()]
    assert any(name.endswith(".html") for name in names)
    assert (tmp_path / "data" / "reports" / "index.html").is_file()


def test_a_kill_before_the_note_repeats_that_mail_alone(
    tmp_path: Path, inbox: Inbox
) -> None:
    """The server has said yes: the same mail again, rather than none."""
    company = posting(tmp_path, inbox, date(2026, 2, 1))
    args = ["deliver", "--as-of", "2026-02-01", "--quiet"]

    killed = subprocess.run(
        [sys.executable, str(SCRIPT), "os.rename", "2026-01", "2", *args],
        cwd=company.path,
        env={**os.environ, **company.env, "PYTHONPATH": str(SCRIPT.parents[2])},
        check=False,
    )
    later = deliver(company, "2026-02-02", "--quiet")

    assert killed.returncode == -signal.SIGKILL
    assert later == (0, "")
    assert inbox.recipients == [FINANCE, ANNA, ANNA]
    _, first, second = (mail["Message-ID"] for mail in inbox.mails)
    assert first == second


def test_without_mail_nothing_is_sent_and_said_so(tmp_path: Path) -> None:
    company = Company(tmp_path)
    company.start(date(2026, 2, 1))
    company.build("2026-02-01")

    code, told = deliver(company, "2026-02-01")

    assert code == 0
    assert "no [mail] is configured: nothing is sent" in told
