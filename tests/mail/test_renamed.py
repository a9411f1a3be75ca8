"""A tenant that was renamed: nothing that was mailed before is mailed again."""

from datetime import date
from pathlib import Path

import pytest

from servers.mail import Inbox
from worlds.closing import Company

pytestmark = pytest.mark.slow

DAYS = ("2026-02-15", "2026-02-25")


def test_a_renamed_tenant_is_mailed_nothing_again(tmp_path: Path, inbox: Inbox) -> None:
    company = Company(tmp_path, ("acme", "beta"))
    company.start(date(2026, 2, 15))
    mail = (
        f'[mail]\nhost = "localhost"\nport = {inbox.port}\nsecurity = "none"\n'
        'from = "chargeback@acme.example"\nopen_month = "weekly"\nattach = ["html"]\n'
        'recipients = ["finance@acme.example"]\n'
        '[mail.cost_centers]\nSales = ["sales@acme.example"]\n'
    )

    def mailed(day: str) -> list[str]:
        before = len(inbox.mails)
        result = company.chargeback("deliver", "--as-of", day, "--quiet")
        assert (result.returncode, result.stderr) == (0, "")
        return [str(one["Subject"]) for one in inbox.mails[before:]]

    def rename(old: str, new: str) -> None:
        company.tenants = (new, "beta")
        company.configure(mail)
        path = tmp_path / "chargeback.toml"
        own = f'name = "{new}"\nformerly = ["{old}"]'
        path.write_text(path.read_text().replace(f'name = "{new}"', own))
        company.build("2026-02-15")

    company.configure(mail)
    assert company.close("2026-01", "2026-02-15").returncode == 0
    assert len(mailed(DAYS[0])) == 4  # January, FINAL, and February up to now

    rename("acme", "zeta")

    assert [mailed(day) for day in DAYS] == [[], []]
    assert company.chargeback("report", "--as-of", "2026-02-15").returncode == 0
    path = tmp_path / "data/state/delivered/2026-01"
    path.rename(tmp_path / "elsewhere")
    assert len(mailed(DAYS[0])) == 2
    (last,) = (one for one in inbox.mails[-2:] if "sales@" in str(one["To"]))
    assert len(list(last.iter_attachments())) == 3  # of acme, as then, beta and both
