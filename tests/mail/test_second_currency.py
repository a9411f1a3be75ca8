"""Mails with a second currency: both amounts, the rate, and what is not known."""

import io
import re
from decimal import Decimal
from email.message import EmailMessage
from pathlib import Path

import pytest
from openpyxl import load_workbook

from servers import mail as mail_server
from tools.printed import figure, page_of, wrong_lines
from worlds.mail_office import ANNA, FINANCE, Office, body
from worlds.report import make_warehouse

pytestmark = pytest.mark.slow

RATE = (
    "1 EUR = 1.0845 USD, the rate of Oct 1, 2026. What is booked is the amount in EUR."
)


@pytest.fixture(scope="module")
def mails(tmp_path_factory: pytest.TempPathFactory) -> dict[str, EmailMessage]:
    """What would be mailed of October, by recipient."""
    folder = tmp_path_factory.mktemp("office")
    make_warehouse(folder, display_currency="USD")
    return sent(folder)


def sent(folder: Path) -> dict[str, EmailMessage]:
    office = Office(folder, port=1)
    office.deliver(dry_run=folder / "out", cost_centers={"CC-100 Finance": (ANNA,)})
    paths = (folder / "out").iterdir()
    read = [mail_server.parsed(path.read_bytes()) for path in paths]
    return {str(mail["To"]): mail for mail in read}


def plain(mail: EmailMessage) -> str:
    return body(mail, "plain").replace("\r\n", "\n")


def test_a_statement_has_both_amounts_of_each_line(
    mails: dict[str, EmailMessage],
) -> None:
    text = plain(mails[ANNA])
    html = page_of(body(mails[ANNA], "html")).text

    assert RATE in text
    assert RATE in html
    for line in (
        "€98.25 ($106.55)\n",
        "          €20.93  $22.70          Bandwidth\n",
        "          €20.00  $21.69          Licence fee\n",
        "          €98.25  $106.55         Total\n",
    ):
        assert line in text
    for cell in ("€20.93$22.70", "€20.00$21.69", "Total€98.25$106.55"):
        assert cell in html


def test_the_mail_of_all_has_both_amounts_of_each_cost_centre(
    mails: dict[str, EmailMessage],
) -> None:
    """The lines of all statements together are in the charged currency."""
    text = plain(mails[FINANCE])

    assert RATE in text
    section = text.partition("BY COST CENTRE\n")[2].partition("LINES")
    assert "          €98.25  $106.55         CC-100 Finance\n" in section[0]
    assert "         €232.87  $252.55         Total\n" in section[0]
    assert "$" not in section[2]


def test_both_columns_add_up(mails: dict[str, EmailMessage]) -> None:
    for mail, title in ((mails[ANNA], "LINES"), (mails[FINANCE], "BY COST CENTRE")):
        text = plain(mail)
        assert [*wrong_lines(text, 2)] == []
        section = text.partition(f"{title}\n\n")[2].split("\n\n")[0]
        shown = [
            figure(found[0])
            for line in section.splitlines()
            if (found := re.findall(r"\$[\d,.]+", line))
        ]
        *parts, total = shown
        assert len(parts) > 3
        assert sum(filter(None, parts), Decimal(0)) == total


def test_the_attached_workbook_has_them(mails: dict[str, EmailMessage]) -> None:
    attached = {part.get_filename(): part for part in mails[ANNA].iter_attachments()}
    (name,) = (one for one in attached if one and one.endswith(".xlsx"))
    book = load_workbook(io.BytesIO(attached[name].get_content()))

    header, row, *_ = book["Statement"].iter_rows(values_only=True)

    shown = dict(zip(header, row, strict=True))
    assert (shown["Display amount"], shown["Display currency"]) == (106.55, "USD")
    assert shown["Exchange rate"] == 1.0845


def test_before_the_first_rate_the_mail_says_so(tmp_path: Path) -> None:
    late = "currency,valid_from,rate\nUSD,2026-11-01,1.1\n"
    make_warehouse(tmp_path, display_currency="USD", exchange_rates=late)

    text = plain(sent(tmp_path)[ANNA])

    assert "€98.25 (—)\n" in text
    assert "No rate of USD is known for the last day of October 2026" in text
    assert "          €98.25  —               Total\n" in text


def test_without_one_currency_of_all_there_is_no_sum(tmp_path: Path) -> None:
    """As where one tenant closed the month before there was a second currency."""
    make_warehouse(tmp_path, display_currency="USD")
    Office(tmp_path, port=1).change(
        "update marts.statement set display_currency = null, display_amount = null,"
        " exchange_rate = null where cost_center = 'CC-200 Sales'"
    )

    text = plain(sent(tmp_path)[FINANCE])

    assert "€232.87 (—)\n" in text
    assert "not all statements of the month have the same one. What is booked" in text
    assert "          €83.62  —               CC-200 Sales\n" in text
    assert "         €232.87  —               Total\n" in text


def test_a_mail_without_it_does_not_speak_of_it(tmp_path: Path) -> None:
    make_warehouse(tmp_path)

    for mail in sent(tmp_path).values():
        text = body(mail, "plain") + body(mail, "html")
        assert "What is booked is" not in text
        assert "—" not in text
