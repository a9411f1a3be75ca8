"""PDFs of statements: as the page prints, the same bytes each time, nothing loaded."""

import io
import sys
from datetime import UTC, date, datetime
from pathlib import Path

import pytest
from pypdf import PdfReader

from pipeline import report
from pipeline.config import Charge, Run, Settings
from pipeline.errors import ConfigError
from pipeline.report.pdf import pdf
from servers.mail import parsed
from tools.commands import call
from worlds.mail_office import ANNA, Office
from worlds.report import FIXED_COSTS, Names, make_warehouse

pytestmark = pytest.mark.slow

OCTOBER, MANY = date(2026, 10, 1), 200
EVIL = '<img src="file:///etc/hostname"> url(file:///etc/hostname)' + "x" * 100
CONFIGURATION = """
data_dir = "."
[charge]
rate_card = "rates.csv"
[[tenant]]
name = "acme"
url = "http://127.0.0.1:1"
api_key = "env:NONE"
"""


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A month with its pages; a cost centre has many lines, and an odd name."""
    path = tmp_path_factory.mktemp("pdf")
    items = "".join(f"Item {n},{n + 1},EUR,2026-10,,even,,,\n" for n in range(MANY))
    names = (Names(cost_center=EVIL),)
    make_warehouse(path, names=names, fixed_costs=FIXED_COSTS + items)
    now = datetime(2026, 11, 24, 3, tzinfo=UTC)
    run = Run(Settings((), path, charge=Charge(issuer="Group IT")), now.date(), now)
    (path / "reports").mkdir()
    (path / "lake/usage/tenant=acme").mkdir(parents=True)
    for name, page in report.pages_of(
        path / "warehouse.duckdb", {OCTOBER}, run
    ).items():
        (path / "reports" / name).write_bytes(page)
    (path / "chargeback.toml").write_text(CONFIGURATION)
    (path / "rates.csv").write_text(
        "meter,unit_price,currency,valid_from\nruns,1,EUR,2026-01-01\n"
    )
    return path


def export(folder: Path, *more: str) -> tuple[int, str]:
    words = ("export", "2026-10", "--format", "pdf", *more)
    done = call(*words, folder=folder, env={})
    return done.returncode, done.stderr


def test_a_statement_prints_over_pages_with_heads_and_its_number_on_each(
    folder: Path,
) -> None:
    out = folder / "out"
    assert export(folder, "--out", str(out)) == (0, "")
    again = ("--cost-center", "CC-900", "--out", str(out))
    assert export(folder, *again) == (0, ""), "over the earlier one"

    files = sorted(out.iterdir())
    assert len(files) == len([*(folder / "reports").glob("statement-*.html")])
    (evil,) = (one for one in files if "img" in one.name)
    reader = PdfReader(evil)
    texts = [" ".join(page.extract_text().split()) for page in reader.pages]
    assert "file:///etc/hostname" in texts[0]
    whole = " ".join(texts)
    assert all(f"Item {n} " in whole for n in range(MANY))
    heads = [text for text in texts if "Item Used Included" in text]
    assert len(heads) >= 4
    for number, text in enumerate(texts, 1):
        assert f"{number} / {len(texts)}" in text
        assert "PROVISIONAL · <img" in text
    assert reader.metadata
    assert str(reader.metadata.title).startswith("<img")
    assert not [image for page in reader.pages for image in page.images]


def test_a_page_is_the_same_pdf_each_time_and_loads_nothing(folder: Path) -> None:
    (page,) = (folder / "reports").glob("statement-*-cc-300-*.html")
    hostile = (
        b'<html><img src="file:///etc/hostname"><img src="http://127.0.0.1:1/x">'
        b'<link rel="attachment" href="file:///etc/hostname">'
        b'<link rel="stylesheet" href="file:///etc/hostname">'
        b"<style>@import 'file:///etc/hostname';p{background:url(/etc/hostname)}"
        b"</style><p>Text</p></html>"
    )

    assert pdf(page.read_bytes()) == pdf(page.read_bytes())
    reader = PdfReader(io.BytesIO(pdf(hostile)))
    assert not reader.attachments
    assert not reader.pages[0].images
    assert reader.pages[0].extract_text() == "Text"


def test_what_cannot_be_exported_is_said(
    folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (page,) = (folder / "reports").glob("statement-*-cc-300-*.html")
    away = page.rename(folder / "away.html")
    of = ("--cost-center", "CC-300", "--out")
    without_page = export(folder, *of, str(tmp_path / "new"))
    away.rename(page)
    in_a_file = export(folder, *of, str(page))
    unknown = export(folder, "--cost-center", "CC-999", "--out", str(tmp_path / "new"))
    monkeypatch.setitem(sys.modules, "weasyprint", None)
    without_package = export(folder, *of, str(tmp_path / "new"))

    assert without_page[0] == 1
    assert "write it with chargeback report" in without_page[1]
    assert (in_a_file[0], unknown[0], without_package[0]) == (2, 2, 2)
    assert "a file; pdf needs a folder" in in_a_file[1]
    assert "pip install 'chargeback[pdf]'" in without_package[1]
    assert not (tmp_path / "new").exists()
    with pytest.raises(ConfigError, match="libpango"):
        pdf(b"")


def test_a_mail_has_the_pdf_attached(folder: Path, tmp_path: Path) -> None:
    office = Office(folder, port=1)
    office.deliver(
        dry_run=tmp_path,
        recipients=(),
        cost_centers={"CC-300": (ANNA,)},
        attach=("pdf",),
    )

    (path,) = tmp_path.iterdir()
    (attached,) = parsed(path.read_bytes()).iter_attachments()
    assert (attached.get_filename() or "").startswith("statement-2026-10-cc-300-oper")
    assert attached.get_content_type() == "application/pdf"
    assert attached.get_content().startswith(b"%PDF-")
