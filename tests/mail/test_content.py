"""Mails: the same figures everywhere, small, and safe whatever people typed."""

import io
import re
import sys
from dataclasses import replace
from decimal import Decimal
from email.message import EmailMessage
from html.parser import HTMLParser
from pathlib import Path

import openpyxl
import pytest
from catalogues import template, words_of

from pipeline import formats
from pipeline.config import Logo, Look, Report, Run
from pipeline.mail import send
from servers import mail as mail_server
from tools.marked import marked, texts_unmarked, unmarked
from worlds.mail_office import ANNA, AS_OF, CLOSE, FINANCE, NOW, Office, body
from worlds.report import FIXED_COSTS, Names, make_warehouse

pytestmark = pytest.mark.slow

EVIL = (
    "=HYPERLINK(1)\N{RIGHT-TO-LEFT OVERRIDE}<script>alert(1)</script>\r\n"
    "Bcc: e@x\r\n\r\n{{7*7}}/../</td>\N{PILE OF POO}" + "a" * 1_000
)
LINES = 2_000
# What people typed, and months as English writes them, whatever the language.
TYPED = {
    *("CC-100 Finance", "CC-200 Sales", "CC-300 Operations", "CC-900 Research"),
    *("Sync quotas with the CRM", "Reload open invoices", "Licence fee"),
    *("acme", "Group IT", "Qlik Automate", "EUR", "XLSX", "CSV"),
}
MONTH = re.compile(r"\b(September|October|November|Sep|Oct|Nov)\b")
# So many bytes that not even the usual number of lines has room.
PILES = "<\N{PILE OF POO}>" * 20


@pytest.fixture(scope="module")
def hostile(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder of mails; one cost centre has a name like no other, and 2,000 lines."""
    items = "".join(
        f'"<{n:04}>\r\n=1+1 {PILES}",{n + 1},EUR,2026-10,,even,,,\n'
        for n in range(LINES)
    )
    folder = tmp_path_factory.mktemp("hostile")
    names = (Names(cost_center=EVIL),)
    make_warehouse(folder, names=names, fixed_costs=FIXED_COSTS + items)
    office = Office(folder, port=1)
    ((center,),) = office.ask(
        "select distinct cost_center from marts.statement"
        " where cost_center like '=HYPER%'"
    )
    office.deliver(dry_run=folder / "out", cost_centers={center: (ANNA,)})
    return folder


def mails(
    tmp_path: Path, cost_center: str = "CC-100 Finance"
) -> dict[str, EmailMessage]:
    """What would be mailed, by recipient: finance and the owner of *cost_center*."""
    office = Office.of(tmp_path, port=1)
    office.deliver(dry_run=tmp_path / "out", cost_centers={cost_center: (ANNA,)})
    return read(tmp_path)


def read(folder: Path) -> dict[str, EmailMessage]:
    """The mails that were written there, by recipient."""
    paths = (folder / "out").iterdir()
    read = [mail_server.parsed(path.read_bytes()) for path in paths]
    return {str(mail["To"]): mail for mail in read}


def test_a_mail_is_made_as_mail_programs_want_it(tmp_path: Path) -> None:
    mail = mails(tmp_path)[ANNA]

    kinds = [part.get_content_type() for part in mail.walk()]
    assert kinds[:5] == [
        "multipart/mixed",
        "multipart/alternative",
        "text/plain",
        "multipart/related",
        "text/html",
    ]
    names = [part.get_filename() for part in mail.iter_attachments()]
    assert {name.rpartition(".")[2] for name in names if name} == {"xlsx", "csv"}
    assert mail["Date"].datetime == NOW
    assert mail["Message-ID"].endswith("@acme.example>")
    assert mail["Auto-Submitted"] == "auto-generated"
    assert all(line < 128 for line in bytes(mail))


def test_a_mail_says_whom_to_ask_and_unallocated_below_the_cost_centres(
    tmp_path: Path,
) -> None:
    office = Office.of(tmp_path, port=1)
    charge = replace(office.settings.charge, contact="Cloud costs, costs@acme.example")
    settings = replace(office.settings, charge=charge, mail=office.mail())
    send(Run(settings, AS_OF, NOW), tmp_path / "out")

    for part in ("plain", "html"):
        shown = body(read(tmp_path)[FINANCE], part)
        assert "Cloud costs, costs@acme.example" in shown
        assert shown.index("CC-900 Research") < shown.index("Unallocated")


@pytest.mark.parametrize("kind", ["png", "svg+xml"])
def test_a_mail_has_the_logo_inside_and_the_button_its_colour(
    tmp_path: Path, kind: str
) -> None:
    """Hardly a mail program shows an SVG: then there is none."""
    office = Office.of(tmp_path, port=1)
    logo = Logo(tmp_path / "logo", f"image/{kind}", b"picture")
    settings = replace(
        office.settings,
        look=Look(logo=logo, accent="#7a1fa2", accent_dark="#caa7da"),
        report=Report(url="https://costs.example/"),
        mail=office.mail(),
    )
    send(Run(settings, AS_OF, NOW), tmp_path / "out")
    mail = read(tmp_path)[ANNA]

    parts = list(mail.walk())
    (text,) = (one for one in parts if one.get_content_type() == "text/html")
    shown = text.get_content()
    pictures = [one for one in parts if one.get_content_maintype() == "image"]
    assert ("cid:logo" in shown) is (kind == "png")
    assert [one["Content-ID"] for one in pictures] == ["<logo>"] * (kind == "png")
    assert [one.get_content() for one in pictures] == [b"picture"] * (kind == "png")
    assert 'bgcolor="#7a1fa2"' in shown
    assert 'td[bgcolor="#7a1fa2"]{background:#caa7da!important}' in shown
    assert all(part.get_filename() for part in mail.iter_attachments())


def test_no_word_of_a_mail_is_untranslated(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Written in a language whose words are all marked: names and figures are not."""
    spoken, asked = marked()
    module = sys.modules["pipeline.mail.deliver"]
    monkeypatch.setattr(module, "language", lambda _: spoken)

    for mail in mails(tmp_path).values():
        text, html = (MONTH.sub("", body(mail, kind)) for kind in ("plain", "html"))
        assert texts_unmarked(text.splitlines(), TYPED) == []
        assert unmarked(html, TYPED) == []
    known = {text for one in template() for text in words_of(one.id)}
    assert asked - TYPED <= known


class _Seen(HTMLParser):
    """Tags, attributes, and text without marks of direction."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.tags: set[str] = set()
        self.attributes: dict[str, list[str]] = {}
        self.text = ""
        self.feed(html)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.add(tag)
        for name, value in attrs:
            self.attributes.setdefault(name, []).append(value or "")

    def handle_data(self, data: str) -> None:
        self.text += data


def test_nothing_in_a_mail_is_loaded_or_run(tmp_path: Path) -> None:
    for mail in mails(tmp_path).values():
        html = body(mail, "html")
        seen = _Seen(html)
        assert not seen.tags & {"script", "img", "link", "iframe", "svg", "a", "form"}
        assert not set(seen.attributes) & {"class", "id", "src", "href", "onerror"}
        assert "url(" not in html
        assert "http" not in html
        assert "#fff3d6" in seen.attributes["bgcolor"]


@pytest.mark.parametrize("recipient", [FINANCE, ANNA])
def test_figures_are_those_of_the_warehouse(tmp_path: Path, recipient: str) -> None:
    """In text, HTML and workbook alike, each line and each total."""
    mail = mails(tmp_path)[recipient]

    office = Office(tmp_path, port=1)
    of = "and cost_center = 'CC-100 Finance'" if recipient == ANNA else ""
    table = "statement_lines" if recipient == ANNA else "meter_monthly"
    month = "month = date '2026-10-01'"
    money = formats.filters("EUR", formats.parse_locale("en"))["money"]
    lines = office.ask(f"select amount from marts.{table} where {month} {of}")
    ((total, usage, fixed),) = office.ask(
        "select sum(amount), sum(usage_amount), sum(fixed_amount)"
        f" from marts.statement where {month} {of}"
    )
    assert sum(amount for (amount,) in lines) == total
    for kind in ("plain", "html"):
        text = body(mail, kind)
        for amount in (total, usage, fixed, *(amount for (amount,) in lines)):
            assert money(amount) in text
    assert total == workbook_total(mail)


def workbook_total(mail: EmailMessage) -> Decimal:
    """What the sheet with the statements sums up to."""
    (content,) = (
        part.get_content()
        for part in mail.iter_attachments()
        if (part.get_filename() or "").endswith(".xlsx")
    )
    sheet = openpyxl.load_workbook(io.BytesIO(content), data_only=True)["Statement"]
    names, *_, total = sheet.iter_rows(values_only=True)
    amount = dict(zip(names, total, strict=True))["Amount"]
    return Decimal(str(amount))


def test_2000_lines_are_below_what_gmail_clips(hostile: Path) -> None:
    """And what is not shown is told, in number and amount."""
    mail = read(hostile)[ANNA]

    part = mail.get_body(("html",))
    assert part is not None
    assert len(part.as_bytes()) < 102_000
    seen = _Seen(body(mail, "html"))
    rest = re.search(
        r"([\d,]+) more lines\s*€([\d,.]+)\s*Total\s*€([\d,.]+)", seen.text
    )
    assert rest
    text = body(mail, "plain")
    assert f"{rest[1]} more lines" in text
    count, left_out = lines_of(Office(hostile, port=1), int(rest[1].replace(",", "")))
    assert count > LINES
    assert figure(rest[2]) == left_out[0]
    assert figure(rest[3]) == left_out[1]


def lines_of(office: Office, left_out: int) -> tuple[int, tuple[Decimal, Decimal]]:
    """How many there are; what the *left_out* smallest come to, and all of them."""
    amounts = sorted(
        (
            amount
            for (amount,) in office.ask(
                "select amount from marts.statement_lines where month ="
                " date '2026-10-01' and cost_center like '=HYPER%'"
            )
        ),
        key=abs,
    )
    return len(amounts), (sum(amounts[:left_out]), sum(amounts))


def figure(text: str) -> Decimal:
    return Decimal(text.replace(",", ""))


def test_hostile_names_are_text_everywhere(hostile: Path) -> None:
    sent = read(hostile)

    harmless = _Seen(body(sent[FINANCE], "html")).tags
    for mail in sent.values():
        assert mail["Bcc"] is None
        assert not mail.defects
        seen = _Seen(body(mail, "html"))
        assert seen.tags <= harmless
        assert "script" not in seen.tags
        for part in (seen.text, body(mail, "plain")):
            assert "=HYPERLINK(1)<script>alert(1)</script> Bcc: e@x {{7*7}}" in part
            assert not re.search(r"^\s*Bcc:", part, re.MULTILINE)
            assert "\N{RIGHT-TO-LEFT OVERRIDE}" not in part
            assert "a" * 70 not in part
        assert f"<1999> =1+1 {PILES[:30]}" in body(mail, "plain")
        for attached in mail.iter_attachments():
            assert re.fullmatch(r"[a-z0-9.-]{1,130}", attached.get_filename() or "")


def test_a_subject_is_one_line_that_says_what_it_is_about(
    hostile: Path,
) -> None:
    subject = str(read(hostile)[ANNA]["Subject"])

    assert subject.isprintable()
    assert len(subject) <= 160
    assert subject.startswith("=HYPERLINK")
    assert "…, October 2026 is provisional: €667,104.92, €667,047.13 more" in subject


def test_a_name_is_not_decoded_in_a_subject(tmp_path: Path) -> None:
    """Nor by the program that reads it, which would show a line break."""
    office = Office.of(tmp_path, port=1)
    name = "=?u?q?=0D=0AReply-To:_pay@evil.example=0D=0AX:?="
    office.change(
        f"update marts.statement set cost_center = '{name}'"
        " where cost_center = 'CC-100 Finance'"
    )

    office.deliver(dry_run=tmp_path / "out", cost_centers={name: (ANNA,)})

    mail = read(tmp_path)[ANNA]
    assert mail["Reply-To"] is None
    assert "Reply-To:_pay@evil.example" in str(mail["Subject"])


def test_a_mail_calls_a_cost_centre_as_its_month_does(tmp_path: Path) -> None:
    """And says what is below it, which is not in its amount."""
    make_warehouse(tmp_path, parents="CC-200 Sales < CC-100 Finance\n")
    office = Office(tmp_path, port=1)
    office.change(
        "update marts.cost_center_rollup set label = 'CC-100 Money'"
        " where code = 'CC-100'"
    )

    office.deliver(dry_run=tmp_path / "out", cost_centers={"CC-100": (ANNA,)})

    mail, whole = read(tmp_path)[ANNA], read(tmp_path)[FINANCE]
    assert "CC-100 Money" in str(mail["Subject"])
    ((own, below, total),) = office.ask(
        "select amount, below_amount, total_amount from marts.cost_center_rollup"
        " where month = date '2026-10-01' and code = 'CC-100'"
    )
    assert own + below == total
    for part in (body(mail, "plain"), _Seen(body(mail, "html")).text):
        assert re.search(rf"On statements below it\W+{below:.2f}", part)
        assert re.search(rf"With all below it\W+{total:.2f}", part)
    assert "CC-100 Money" in body(whole, "plain")
    assert "With all below it" not in body(whole, "plain")


def test_who_has_no_statement_is_mailed_what_is_below(tmp_path: Path) -> None:
    """The owner of a cost centre that only has others below it: a sum of theirs."""
    below = ("CC-100 Finance", "CC-200 Sales")
    parents = "".join(f"{name} < CC-000 Group\n" for name in below)
    make_warehouse(tmp_path, parents=f"CC-000 Group <\n{parents}")
    office = Office(tmp_path, port=1)
    office.change(
        "update marts.cost_centers set owner_email = 'own@acme.example'"
        " where code = 'CC-000'"
    )

    office.deliver(dry_run=tmp_path / "out")

    mail = read(tmp_path)["own@acme.example"]
    subject = str(mail["Subject"])
    assert subject == "CC-000 Group, October 2026 is provisional: €181.87"
    amounts = dict(
        office.ask(
            "select cost_center, sum(amount) from marts.statement"
            " where month = date '2026-10-01' group by all"
        )
    )
    total = sum(amounts[name] for name in below)
    for part in (body(mail, "plain"), _Seen(body(mail, "html")).text):
        assert all(f"{amounts[name]:.2f}" in part for name in below)
        assert re.search(rf"{total:.2f}\W+Total|Total\W+{total:.2f}", part)
        assert "It has no statement of its own" in part
        assert "Prior month" not in part
        assert "Nothing was charged" not in part
    assert not list(mail.iter_attachments())


def test_the_subject_of_a_name_with_nothing_in_it(tmp_path: Path) -> None:
    office = Office.of(tmp_path, port=1)
    nothing = "\N{RIGHT-TO-LEFT MARK}\N{ZERO WIDTH SPACE}"
    for table in ("statement", "statement_lines", "charges"):
        office.change(
            f"update marts.{table} set cost_center = '{nothing}'"
            " where cost_center = 'CC-100 Finance'"
        )

    office.deliver(dry_run=tmp_path / "out", cost_centers={nothing: (ANNA,)})

    subjects = {
        str(mail_server.parsed(path.read_bytes())["Subject"])
        for path in (tmp_path / "out").iterdir()
    }
    assert [one for one in subjects if one.startswith("(no name), October 2026 is")]


def test_a_final_mail_says_which_days_were_missing_and_why(tmp_path: Path) -> None:
    office = Office.of(tmp_path, port=1)
    office.change(CLOSE)
    columns = "tenant, month, statement_version, usage_days, runs_days, days_in_month"
    office.change(
        f"insert into marts.closed_months ({columns}, reason) values"
        " ('acme', '2026-10-01', 1, 31, 28, 31, 'Lost, see <7>.')"
    )
    office.deliver(dry_run=tmp_path / "out")

    (mail,) = [one for one in read_all(tmp_path) if "October" in str(one["Subject"])]
    said = (
        "acme: usage of 31, runs of 28 of 31 days were read when the month was closed"
    )
    text = body(mail, "plain")
    assert "Days that are missing" in text
    assert f"{said}: Lost, see <7>." in text
    assert f"{said}: Lost, see &lt;7&gt;." in body(mail, "html")


def read_all(folder: Path) -> list[EmailMessage]:
    """The mails that finance would get."""
    paths = sorted((folder / "out").iterdir())
    mails = [mail_server.parsed(path.read_bytes()) for path in paths]
    return [mail for mail in mails if mail["To"] == FINANCE]
