"""What stands side by side adds up as printed: on pages, in mails and in workbooks.

Every table that has a total is added up again, and every difference is taken again,
from the text that a reader sees.
"""

import re
from datetime import UTC, datetime
from decimal import Decimal
from email.message import EmailMessage
from pathlib import Path

import pytest

from pipeline import mail
from pipeline.build import checks
from pipeline.config import Charge, Mail, Run, Settings
from servers import mail as mail_server
from tools.printed import figure, page_of, wrong
from tools.report_pages import render
from tools.sums import (
    workbook,
    wrong_mails,
    wrong_pages,
    wrong_products,
    wrong_statements,
)
from worlds import export
from worlds.whole import AS_OF as WHOLE_AS_OF
from worlds.whole import whole_tables

pytestmark = pytest.mark.slow

DIGITS = {"EUR": 2, "JPY": 0, "KWD": 3}
# The currency, and the one in which amounts are shown too.
CURRENCIES = [("EUR", None), ("JPY", None), ("KWD", None), ("EUR", "JPY")]
NOW = datetime(2026, 11, 12, 3, 30, tzinfo=UTC)
MAIL = Mail(
    host="localhost",
    port=1,
    security="none",
    sender="chargeback@acme.example",
    recipients=("finance@acme.example",),
    cost_centers={"CC-100 Finance": ("finance@acme.example",)},
    open_month="weekly",
)


@pytest.fixture(scope="module", params=CURRENCIES)
def folder(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> tuple[Path, int]:
    """Two tenants with splits, fees, a credit, an allowance, tiers and budgets."""
    currency, display = request.param
    path = tmp_path_factory.mktemp(currency)
    content = export.warehouse_of(currency, display, hostile=False)
    (path / "warehouse.duckdb").write_bytes(content)
    return path, DIGITS[currency]


def test_every_page_adds_up(folder: tuple[Path, int], tmp_path: Path) -> None:
    path, digits = folder

    pages = render(path / "warehouse.duckdb", tmp_path / "pages", as_of=export.AS_OF)

    assert wrong_pages(pages, digits) == []
    for month in ("2026-10", "2026-11"):
        assert statements_of(pages, month) == total_of(pages, month)


def test_corrections_of_a_closed_month_add_up(tmp_path: Path) -> None:
    """August was closed, and costs something else today for each cause."""
    with whole_tables(tmp_path) as tables:
        checks.check(tables)

    pages = render(tmp_path / "warehouse.duckdb", tmp_path / "pages", as_of=WHOLE_AS_OF)

    assert wrong_pages(pages, 2) == []
    assert "Correction of August 2026" in (
        pages / page_with_corrections(pages)
    ).read_text("utf-8")


def test_every_mail_adds_up(folder: tuple[Path, int], tmp_path: Path) -> None:
    path, digits = folder
    sent = mails(path, tmp_path / "out")

    assert len(sent) == 4
    assert wrong_mails(sent, digits) == []


def test_every_workbook_adds_up(folder: tuple[Path, int], tmp_path: Path) -> None:
    path, digits = folder

    for message in mails(path, tmp_path / "out"):
        sheets = workbook(attached(message))
        assert [*wrong_statements(sheets["Statement"])] == []
        assert [*wrong_products(sheets["Statement lines"], digits)] == []


SMALL = """\
<dl class="figures"><dt>Charged</dt><dd>€4.00</dd>
<dt>Budget</dt><dd>€10.00</dd>
<dt>Remaining budget</dt><dd>€9.00</dd><dd>after €1.00 of those with a budget</dd></dl>
<table><caption>Small</caption><thead>
<tr><th>Centre</th><th>Amount</th><th>Budget</th><th>Remaining</th></tr>
</thead><tbody>
<tr><th>F</th><td>€1.00</td><td>€10.00</td><td>€9.00</td></tr>
<tr><th>G</th><td>€3.00</td><td>none</td><td>none</td></tr>
</tbody><tfoot>
<tr><th>Total</th><td>€4.00</td><td></td><td></td></tr>
<tr><th>with a budget</th><td>€1.00</td><td>€10.00</td><td>€9.00</td></tr>
<tr><th>without one</th><td>€3.00</td><td></td><td></td></tr>
</tfoot></table>
"""


@pytest.mark.parametrize(
    ("printed", "instead", "said"),
    [
        ("Total</th><td>€4.00", "Total</th><td>€4.01", "comes to 4.00"),
        ("G</th><td>€3.00", "G</th><td>€2.99", "comes to 3.99"),
        ("without one</th><td>€3.00", "without one</th><td>€2.00", "parts"),
        ("F</th><td>€1.00</td><td>€10.00", "F</th><td>€1.00</td><td>€9.99", "F: "),
        ("<dd>€9.00</dd>", "<dd>€6.00</dd>", "10.00 less 1.00 is not 6.00"),
    ],
)
def test_what_does_not_add_up_is_found(printed: str, instead: str, said: str) -> None:
    assert [*wrong(page_of(SMALL), 2)] == []
    assert SMALL.count(printed) == 1

    found = [*wrong(page_of(SMALL.replace(printed, instead)), 2)]

    assert any(said in one for one in found)


def amount_of(page: Path) -> Decimal | None:
    """The large amount at the head of a page."""
    (amount,) = re.findall(
        r'<p class="hero(?: long)?">([^<]*)<', page.read_text("utf-8")
    )
    return figure(amount)


def statements_of(pages: Path, month: str) -> Decimal:
    """What the statements of all tenants say together."""
    amounts = [amount_of(page) for page in pages.glob(f"statement-{month}-*.html")]
    assert len(amounts) > 5
    return sum(filter(None, amounts), Decimal(0))


def total_of(pages: Path, month: str) -> Decimal | None:
    return amount_of(pages / f"chargeback-{month}.html")


def page_with_corrections(pages: Path) -> str:
    return next(
        page.name
        for page in sorted(pages.glob("statement-*.html"))
        if ">Corrections</th>" in page.read_text(encoding="utf-8")
    )


def mails(path: Path, out: Path) -> list[EmailMessage]:
    """What a night would mail: October and November, as a whole and of a centre."""
    settings = Settings((), path, charge=Charge(issuer="Group IT"), mail=MAIL)
    mail.send(Run(settings, export.AS_OF, NOW), out)
    return [mail_server.parsed(one.read_bytes()) for one in sorted(out.iterdir())]


def attached(message: EmailMessage) -> bytes:
    (content,) = (
        part.get_content()
        for part in message.iter_attachments()
        if (part.get_filename() or "").endswith(".xlsx")
    )
    assert isinstance(content, bytes)
    return content
