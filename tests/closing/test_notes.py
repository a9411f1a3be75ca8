"""Notes on statements: shown, frozen with a closed month, and what comes later."""

import re
from datetime import date
from email import message_from_bytes, policy
from io import BytesIO
from pathlib import Path

import openpyxl
import pytest

from worlds.closing import JANUARY, Company
from worlds.small_builds import small_builds

pytestmark = pytest.mark.slow

NOTED = "select tenant, cost_center, state, is_open, note_text from statement_notes"
HEAD = "month,cost_center,kind,date,author,text\n"
HOSTILE = "<script>alert(1)</script> \N{RIGHT-TO-LEFT OVERRIDE}{{7*7}}"
FROZEN = f"""\
2026-01,Finance,,2026-02-01,Anna,"{HOSTILE}"
2026-01,Sales,dispute,2026-02-02,Ben,Not ours.
"""
LATER = """\
2026-01,Sales,settled,2026-03-01,Anna,Moved to Legal.
2026-01,Finance,dispute,,Zoe,Twice too much.
2026-02,Finance,,,Anna,A short month.
"""
MAIL = """
[mail]
host = "127.0.0.1"
security = "none"
from = "a@b.example"
recipients = ["all@b.example"]
[mail.cost_centers]
Finance = ["finance@b.example"]
Sales = ["sales@b.example"]
"""


@pytest.fixture(scope="module")
def closed(tmp_path_factory: pytest.TempPathFactory) -> Company:
    """January was closed with two notes and mailed; then there are three more."""
    company = Company(tmp_path_factory.mktemp("noted"))
    company.start(date(2026, 3, 2), notes=HEAD + FROZEN)
    path = company.path / "chargeback.toml"
    charge = '[charge]\nnotes = "notes.csv"\ndispute_days = 30\n'
    path.write_text(path.read_text().replace("[charge]\n", charge) + MAIL)
    assert company.close("2026-01", "2026-02-03").returncode == 0
    deliver(company, "sealed")
    before = company.files()
    company.write("notes", HEAD + FROZEN.replace("Not ours", "Not mine") + LATER)
    company.build("2026-02-04")
    deliver(company, "later")
    company.build("2026-03-02")
    assert company.chargeback("report", "--as-of", "2026-03-02").returncode == 0
    assert company.files() == before
    return company


def deliver(company: Company, folder: str) -> None:
    done = company.chargeback("deliver", "--as-of", "2026-02-04", "--dry-run", folder)
    assert done.returncode == 0, done.stderr


def words(page: Path) -> str:
    """What a reader sees of a page."""
    text = re.sub(r"<(style|script).*?</\1>", "", page.read_text(), flags=re.DOTALL)
    return " ".join(re.sub(r"<[^>]+>", " ", text).split())


def page(company: Company, month: str, center: str) -> Path:
    (found,) = (company.path / "data/reports").glob(f"statement-{month}-{center}-*")
    return found


def parts(company: Company, folder: str, month: str, to: str) -> list[str]:
    """Text and HTML of the mail about a month, without tags."""
    (path,) = (company.path / folder).glob(f"{month}-*-{to}-b-example-*.eml")
    message = message_from_bytes(path.read_bytes(), policy=policy.default)
    bodies = [message.get_body((kind,)) for kind in ("plain", "html")]
    texts = [re.sub(r"<[^>]+>", " ", one.get_content()) for one in bodies if one]
    return [" ".join(text.split()) for text in texts]


def test_a_statement_shows_its_notes_as_they_were_closed(closed: Company) -> None:
    finance, sales = (
        words(page(closed, "2026-01", one)) for one in ("finance", "sales")
    )
    written = page(closed, "2026-01", "finance").read_text()

    assert "<bdi>&lt;script&gt;alert(1)&lt;/script&gt;" in written
    assert "Anna , Feb 1, 2026" in finance
    assert "Dispute, open. Not ours. Ben , Feb 2, 2026" in sales
    assert "Disputes until Mar 5, 2026" in sales
    assert "Twice too much" not in finance
    month = words(closed.path / "data/reports/chargeback-2026-01.html")
    assert "Sales : Dispute, open. Not ours." in month


def test_what_comes_later_is_on_the_open_statement(closed: Company) -> None:
    finance = words(page(closed, "2026-02", "finance"))
    sales = words(page(closed, "2026-02", "sales"))

    assert "Note. A short month. Anna" in finance
    late = "Dispute, open, of January 2026, after it was closed. Twice too much. Zoe"
    assert late in finance
    assert "Settled, of January 2026, after it was closed. Moved to Legal." in sales
    assert "Disputes within 30 days of its issue" in sales


def test_the_overview_names_what_is_disputed_today(closed: Company) -> None:
    overview = words(closed.path / "data/reports/index.html")

    assert "One statement is disputed Finance , January 2026." in overview


@pytest.mark.parametrize("folder", ["sealed", "later"])
def test_a_mail_of_a_closed_month_has_what_was_frozen(
    closed: Company, folder: str
) -> None:
    for text in parts(closed, folder, "2026-01", "sales"):
        assert "Dispute, open: Ben, Feb 2, 2026 Not ours." in text
        assert re.search("Disputes until +Mar 5, 2026", text)
        assert "Moved to Legal" not in text
    for text in parts(closed, folder, "2026-01", "all"):
        assert "Dispute, open, Sales: Ben, Feb 2, 2026 Not ours." in text
    finance, _ = parts(closed, folder, "2026-01", "finance")
    assert "Note: Anna, Feb 1, 2026" in finance
    assert "alert(1) {{7*7}}" in finance, "without what is not seen"


def test_a_workbook_has_a_sheet_of_them(closed: Company) -> None:
    sheets = {}
    for month in ("2026-01", "2026-02"):
        out = closed.path / f"{month}.xlsx"
        words = ("export", month, "--format", "xlsx", "--out", str(out))
        assert closed.chargeback(*words).returncode == 0
        sheet = openpyxl.load_workbook(BytesIO(out.read_bytes()))["Notes"]
        sheets[month] = [
            (row[0], row[3], row[6]) for row in sheet.values if row[1] == "acme"
        ]

    assert [one[:2] for one in sheets["2026-01"]] == [
        ("Finance", "note"),
        ("Sales", "dispute, open"),
    ]
    assert ("Sales", "settled", "Moved to Legal.") in sheets["2026-02"]


def test_what_was_late_stays_where_it_was_shown(closed: Company) -> None:
    """The next closing freezes it with its own month."""
    assert closed.close("2026-02", "2026-03-02").returncode == 0
    closed.write("notes", HEAD)
    closed.build("2026-03-02")

    assert closed.manifest("2026-02")["dispute_days"] == 30
    rows = closed.ask(
        "select month, cost_center, state, is_open, is_later from statement_notes"
        " order by all"
    )
    assert rows == [
        (JANUARY, "Finance", "note", False, False),
        (JANUARY, "Sales", "dispute, open", True, False),
        (date(2026, 2, 1), "Finance", "note", False, False),
    ]


def test_a_note_is_of_its_tenant_or_of_all(tmp_path: Path) -> None:
    """Also once it is frozen; what settles for one tenant leaves the other's open."""
    head = "month,cost_center,kind,date,author,text,tenant\n"
    frozen = (
        "2026-01,Finance,,,Anna,Of both.,\n"
        "2026-01,Finance,,,Anna,Of beta.,beta\n"
        "2026-01,Sales,dispute,,Ben,Not ours.,\n"
        "2026-01,Sales,settled,,Anna,Moved.,acme\n"
    )
    company = Company(tmp_path, ("acme", "beta"))
    company.start(date(2026, 2, 5), notes=head + frozen)
    path = tmp_path / "chargeback.toml"
    text = path.read_text().replace("[charge]", '[charge]\nnotes = "notes.csv"')
    path.write_text(text)
    with small_builds():
        company.build("2026-02-05")
        before = company.ask(f"{NOTED} order by all")
        assert company.close("2026-01", "2026-02-05").returncode == 0
        company.write("notes", head + "2026-01,Finance,,,Zoe,Later.,acme\n")
        company.build("2026-02-05")
        after = company.ask(f"{NOTED} where not is_later order by all")
        later = company.ask(f"{NOTED} where is_later")

    assert before == after
    assert before == [
        ("acme", "Finance", "note", False, "Of both."),
        ("acme", "Sales", "dispute, settled", False, "Not ours."),
        ("acme", "Sales", "settled", False, "Moved."),
        ("beta", "Finance", "note", False, "Of beta."),
        ("beta", "Finance", "note", False, "Of both."),
        ("beta", "Sales", "dispute, open", True, "Not ours."),
    ]
    assert later == [("acme", "Finance", "note", False, "Later.")]
