"""`chargeback verify` knows every file that was issued, and no other."""

import zipfile
from datetime import date
from email.message import EmailMessage
from email.policy import SMTP
from pathlib import Path
from shutil import copyfile, copytree, rmtree

import duckdb
import polars as pl
import pytest

from pipeline import warehouse
from pipeline.closing import shown
from pipeline.errors import CheckError
from pipeline.resources import resource
from tools.claims import claiming, one_more
from tools.commands import call
from worlds.closing import JANUARY, RATES, Company

pytestmark = [pytest.mark.slow, pytest.mark.usefixtures("few_tables")]

TODAY = "2026-02-15"
FORMS = ("csv", "xlsx", "focus", "journal")


@pytest.fixture(scope="module")
def done(tmp_path_factory: pytest.TempPathFactory) -> Company:
    """January was closed, taken back, and closed again at other prices."""
    company = Company(tmp_path_factory.mktemp("done"))
    company.start(date(2026, 2, 15))
    assert company.close("2026-01", TODAY).returncode == 0
    export(company, "first")
    company.write("rates", RATES.replace("0.5", "0.4"))
    assert company.close("2026-01", TODAY, "--reverse", "Too dear.").returncode == 0
    export(company, "between")
    assert company.close("2026-01", TODAY).returncode == 0
    export(company, "second")
    return company


def export(company: Company, name: str) -> None:
    """All forms of January, of all and of Sales, and the pages."""
    out = company.path / name
    for form in FORMS:
        target = out / form
        target.mkdir(parents=True)
        command = ["export", "2026-01", "--format", form, "--out", str(target)]
        command += ["--by", "month"] if form == "focus" else []  # as issued
        assert company.chargeback(*command).returncode == 0
        own = company.chargeback(*command, "--cost-center", "Sales")
        assert own.returncode == 0
    copytree(company.path / "data/reports", out / "reports")


def verify(company: Company, *paths: Path) -> tuple[int, list[str], str]:
    """Without a key, as anybody may."""
    result = call("verify", *map(str, paths), folder=company.path, env={})
    return result.returncode, result.stdout.splitlines(), result.stderr


def files_under(company: Company) -> int:
    """How many files the closed months have, their manifests left out."""
    months = (company.path / "data/closed").glob("tenant=*/month=*/**/*")
    return sum(path.is_file() and path.name != "manifest.json" for path in months)


def lake_files(company: Company) -> int:
    return sum(1 for _ in (company.path / "data/lake").rglob("*.parquet"))


def files(company: Company, name: str) -> list[Path]:
    folder = company.path / name
    return sorted(
        path for path in folder.rglob("*") if path.is_file() and "2026-01" in path.name
    )


def test_every_form_that_was_issued_is_known(done: Company) -> None:
    paths = files(done, "second")

    code, lines, _ = verify(done, *paths)

    assert code == 0
    assert len(lines) == len(paths) == 26
    assert all(": issued: " in line for line in lines)
    sales = next(line for line in lines if "Sales-statement.csv" in line)
    assert "acme-2026-01-002 v2, Sales, 2026-01, 74.80 EUR, on 2026-02-15" in sales
    assert "reversed" not in sales


def test_what_was_reversed_is_known_too_and_says_why(done: Company) -> None:
    code, lines, _ = verify(done, *files(done, "first"))

    assert code == 0
    sales = next(line for line in lines if "Sales.xlsx" in line)
    assert "acme-2026-01-002 v1, Sales, 2026-01, 81.00 EUR, on 2026-02-15" in sales
    assert sales.endswith("reversed on 2026-02-15 by acme-2026-01-C002: Too dear.")
    month = next(line for line in lines if "2026-01-journal.csv" in line)
    assert "all of 2026-01, 2 statements" in month
    assert month.endswith("2 were reversed since")


@pytest.mark.parametrize("name", ["Sales-journal.csv", "Sales-CostAndUsage.csv"])
def test_files_of_a_cost_centre_are_those_of_the_month_less_the_others(
    done: Company, name: str
) -> None:
    (whole,) = (done.path / "second").rglob(f"chargeback-2026-01-{name[6:]}")
    (own,) = (done.path / "second").rglob(f"chargeback-2026-01-{name}")

    header, *rows = whole.read_text().splitlines()
    assert own.read_text().splitlines() == [
        header,
        *(row for row in rows if ",Sales," in f"{row},"),
    ]
    assert len(rows) > own.read_text().count("\n") > 1


def test_a_parquet_file_with_the_rows_that_were_issued_is_known(
    done: Company, tmp_path: Path
) -> None:
    """However it was written; with another amount, or not Parquet at all, it is not."""
    (own,) = (done.path / "first").rglob("*Sales-CostAndUsage.parquet")
    rows = pl.read_parquet(own)
    rows.write_parquet(tmp_path / "again.parquet", compression="snappy")
    rows.with_columns(pl.col("BilledCost") + 1).write_parquet(tmp_path / "more.parquet")
    (tmp_path / "odd.parquet").write_bytes(b"PAR1" + bytes(range(256)) * 9 + b"PAR1")

    code, lines, _ = verify(done, *sorted(tmp_path.iterdir()))

    assert code == 4
    assert "again.parquet: issued: acme-2026-01-002 v1, Sales" in lines[0]
    assert all(": not " in line for line in lines[1:])


def test_a_file_that_was_added_to_a_closed_month_is_named(
    done: Company, tmp_path: Path
) -> None:
    company = Company(tmp_path / "company")
    copytree(done.path / "data/closed", company.path / "data/closed")
    path = company.folder("2026-01") / "pages" / "statement-2026-01-more.html"
    for name in (".DS_Store", "Thumbs.db", "desktop.ini", "._index.html"):
        path.with_name(name).write_text("of a file browser")
    _, _, before = verify(company)
    path.write_text("more")

    code, _, error = verify(company)

    assert code == 4
    assert "month=2026-01/pages/statement-2026-01-more.html: was added" in error
    assert "was added" not in before
    assert len(error.splitlines()) == 2


def test_a_draft_was_not_issued(done: Company) -> None:
    names = ("-lines.csv", "-statement.csv", "-journal.csv", ".html")
    paths = [path for path in files(done, "between") if path.name.endswith(names)]

    code, lines, error = verify(done, *paths)

    assert code == 4
    assert all("issued" in line and ": issued" not in line for line in lines)
    assert error.startswith(f"error: {len(paths)} of {len(paths)} files")


@pytest.mark.parametrize(
    "name",
    [
        "statement.csv",
        "Sales.xlsx",
        "01.html",
        "2026-01-journal.csv",
        "Sales-journal.csv",
        "Sales-CostAndUsage.csv",
        "Sales-CostAndUsage.parquet",
    ],
)
def test_a_changed_byte_is_found(done: Company, tmp_path: Path, name: str) -> None:
    path = next(path for path in files(done, "second") if path.name.endswith(name))
    other = tmp_path / path.name
    content = bytearray(path.read_bytes())
    content[-2] ^= 1
    other.write_bytes(bytes(content))

    code, lines, _ = verify(done, path, other)

    assert code == 4
    assert ": issued: " in lines[0]
    assert "not as issued" in lines[1] or "not issued" in lines[1]


def test_a_saved_mail_is_known_by_its_attachments(
    done: Company, tmp_path: Path
) -> None:
    message = EmailMessage(policy=SMTP)
    message.set_content("Enclosed.")
    paths = [path for path in files(done, "second") if "Sales" in path.name]
    for path in paths:
        message.add_attachment(
            path.read_bytes(), "application", "octet-stream", filename=path.name
        )
    mail = tmp_path / "sales.eml"
    mail.write_bytes(message.as_bytes())

    code, lines, _ = verify(done, mail)

    assert code == 0
    assert len(lines) == len(paths)
    mail.write_bytes(message.as_bytes().replace(b"UEsD", b"UEsE"))  # the workbook
    assert verify(done, mail)[0] == 4


def test_what_is_no_statement_is_said_in_a_line(done: Company, tmp_path: Path) -> None:
    odd = {
        "empty": b"",
        "zeros": bytes(2**20),
        "long": b"a" * 2**22 + b"-2026-01-001",
        "broken.xlsx": b"PK\x03\x04" + b"x" * 100,
        "no.eml": b"Subject: hello\r\n\r\nacme",
        "odd.eml": b"Content-Type: multipart/mixed; boundary=x\r\n\r\n--x\r\n",
    }
    for name, content in odd.items():
        (tmp_path / name).write_bytes(content)
    with zipfile.ZipFile(tmp_path / "bomb.zip", "w", zipfile.ZIP_DEFLATED) as bomb:
        bomb.writestr("a.xml", bytes(2**28))

    code, lines, error = verify(done, *sorted(tmp_path.iterdir()))

    assert code == 4
    assert len(lines) == len(odd) + 1
    assert len(error.splitlines()) == 1


def test_what_is_no_file_is_wrong_usage(done: Company, tmp_path: Path) -> None:
    for path in (tmp_path, tmp_path / "missing", Path("/dev/zero")):
        code, lines, error = verify(done, path)
        assert (code, lines) == (2, [])
        assert str(path) in error
        assert len(error.splitlines()) == 1


def test_without_a_file_all_that_is_kept_is_held_to_its_hashes(done: Company) -> None:
    assert verify(done) == (
        0,
        [
            f"lake: {lake_files(done)} files, as they were written",
            f"closed months: 2, {files_under(done)} files, as they were closed",
            "credit notes: 2, 12 files, as they were issued",
            "register: 9 entries, 6 documents, in their order",
            "warehouse: 6 documents, 2 of them stand",
        ],
        "",
    )


def test_where_nothing_is_kept_nothing_is_well(done: Company, tmp_path: Path) -> None:
    company = Company(tmp_path / "lost", done.tenants)
    copytree(done.path, company.path)
    (company.path / "data").rename(tmp_path / "moved")

    result = company.chargeback("verify")

    assert (result.returncode, result.stdout) == (4, "")
    assert "data: nothing is kept here\n" in result.stderr
    assert "restore what was here from a backup" in result.stderr


@pytest.mark.parametrize(
    "name",
    [
        "issued/all/journal/chargeback-2026-01-journal.csv",
        "issued/all/xlsx/chargeback-2026-01.xlsx",
        "charges.parquet",
    ],
)
def test_a_reversed_version_has_to_stay_too(
    done: Company, tmp_path: Path, name: str
) -> None:
    company = Company(tmp_path / "company")
    copytree(done.path / "data/closed", company.path / "data/closed")
    (company.folder("2026-01") / name).unlink()

    code, _, error = verify(company)

    assert code == 4
    assert name in error


@pytest.mark.parametrize(
    "name",
    [
        "closed/register",
        "state/register.json",
        "closed/tenant=acme/month=2026-01/manifest.json",
        "closed/tenant=acme/month=2026-01/charges.parquet",
        "closed/tenant=acme/month=2026-01/finance/rate_card.csv",
    ],
)
def test_a_folder_in_the_place_of_a_file_is_told(
    done: Company, tmp_path: Path, name: str
) -> None:
    company = Company(tmp_path / "company")
    for folder in ("closed", "state"):
        copytree(done.path / "data" / folder, company.path / "data" / folder)
    path = company.path / "data" / name
    path.unlink()
    path.mkdir()

    code, _, error = verify(company)

    assert code == 4
    assert f"{path.relative_to(company.path)}: " in error
    assert "restore" in error


@pytest.mark.parametrize("table", ["usage", "coverage"])
def test_a_flipped_bit_of_the_lake_is_found(
    done: Company, tmp_path: Path, table: str
) -> None:
    company = Company(tmp_path / "company")
    for name in ("chargeback.toml", "data/lake", "data/closed"):
        copy = copytree if (done.path / name).is_dir() else copyfile
        (company.path / name).parent.mkdir(parents=True, exist_ok=True)
        copy(done.path / name, company.path / name)
    folder = company.path / f"data/lake/{table}/tenant=acme/date=2026-01-15"
    (path,) = folder.iterdir()
    content = bytearray(path.read_bytes())
    content[len(content) // 2] ^= 16
    path.write_bytes(content)

    code, lines, error = verify(company)

    assert code == 4
    assert not [line for line in lines if line.startswith("lake:")]
    assert lines[0].startswith("closed months: ")
    named = path.relative_to(company.path)
    assert f"{named}: not as it was written\nrestore it from a backup" in error


def test_all_that_is_damaged_is_named(done: Company, tmp_path: Path) -> None:
    company = Company(tmp_path / "company")
    copytree(done.path, company.path)
    lake = company.path / "data/lake/usage/tenant=acme"
    month = company.folder("2026-01")
    damaged = [
        *(lake / f"date=2026-01-{day}/usage.parquet" for day in (14, 15)),
        *(month / name for name in ("charges.parquet", "finance/rate_card.csv")),
    ]
    for path in damaged:
        path.write_bytes(path.read_bytes()[:-1])

    code, _, error = verify(company)

    assert code == 4
    for path in damaged:
        assert error.count(f"{path.relative_to(company.path)}: not as it was") == 1
    assert error.count("restore it from a backup") == 1  # said once for both


def test_a_lost_file_of_the_lake_is_found(done: Company, tmp_path: Path) -> None:
    company = Company(tmp_path / "company")
    copytree(done.path, company.path)
    company.forget(JANUARY)
    path = company.path / "data/lake/usage/tenant=acme/date=2026-01-02/usage.parquet"
    path.unlink()

    code, _, error = verify(company)

    assert code == 4
    assert f"{path.relative_to(company.path)}: not there" in error


def test_a_warehouse_of_another_day_is_told(done: Company, tmp_path: Path) -> None:
    company = Company(tmp_path / "company")
    copytree(done.path, company.path)
    company.build("2026-01-20")

    code, _, error = verify(company)

    assert code == 4
    assert "warehouse.duckdb: does not show what the register has" in error
    rmtree(company.path)


@pytest.mark.parametrize("cost_center", [None, "Sales"])
def test_an_export_lists_the_documents_of_the_register(
    done: Company, cost_center: str | None
) -> None:
    model = warehouse.parse(resource("sql") / "exports/documents.sql")
    with duckdb.connect(done.path / "data/warehouse.duckdb", read_only=True) as one:
        one.execute("set variable export_month = date '2026-01-01'")
        one.execute("set variable export_cost_center = $1", [cost_center])
        one.execute(f"create temp view documents as {model.sql}")
        keys = ", ".join(model.grain)
        counts = f"select count(*), count(distinct ({keys})) from documents"
        rows, distinct = one.execute(counts).fetchall()[0]

        assert rows == distinct > 0
        warehouse.prove_claims(one, model)
        for claim in model.claims:
            other = claiming(model, one_more(claim.words, claim.measures[0]))
            with pytest.raises(CheckError, match="does not conserve"):
                warehouse.prove_claims(one, other)


def test_a_warehouse_with_a_flipped_bit_says_nothing_or_what_was_issued(
    done: Company, tmp_path: Path
) -> None:
    """In each block in turn; a build then makes it anew."""
    content = (done.path / "data/warehouse.duckdb").read_bytes()
    path = tmp_path / "warehouse.duckdb"
    path.write_bytes(content)
    whole = shown._documents(path)  # noqa: SLF001 (a build asks it first)
    found = []
    for place in range(3 * 4096, len(content), 2**18):
        other = bytearray(content)
        other[place + 99] ^= 1
        path.write_bytes(other)
        found.append(shown._documents(path))  # noqa: SLF001

    assert len(whole) > 1
    assert {} in found
    assert all(one in ({}, whole) for one in found)
