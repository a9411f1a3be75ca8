"""A person who is forgotten is named nowhere, and every amount is as it was."""

import io
import json
import zipfile
from collections.abc import Callable, Iterator
from datetime import date
from importlib import import_module
from pathlib import Path
from shutil import copytree
from typing import Any

import polars as pl
import pytest

from pipeline.closing import redaction
from pipeline.endpoints import AUTOMATIONS, USERS
from pipeline.lake import Lake, forgotten
from pipeline.lake.forgotten import Forgotten
from pipeline.upkeep.words import Words
from worlds.closing import JANUARY, RULES, Company
from worlds.lake import keep

pytestmark = pytest.mark.slow

TODAY = "2026-02-03"
NAME, EMAIL, SUBJECT = "Zoë O'Quill", "Zoe.Quill@acme.example", "idp|zquill"
PERSON = forgotten.pseudonym("acme", "o1")
USER = {
    "user_id": "o1",
    "name": NAME,
    "email": EMAIL,
    "subject": SUBJECT,
    "status": "active",
}
OTHER = {"user_id": "o2", "name": "Sam Other", "email": "sam@acme.example"}


def start(folder: Path) -> Company:
    """January is closed, reversed and closed again; the person is everywhere."""
    company = Company(folder)
    owner = "cost_center_owner"
    rules = RULES.replace("\n", f",{owner}\n", 1).replace("a1\n", f"a1,{EMAIL}\n")
    company.start(date(2026, 2, 3), rules=rules.replace("a2\n", "a2,\n"))
    lake = Lake(folder / "data" / "lake")
    for day in (JANUARY, date(2026, 2, 1)):
        keep(lake, USERS.table, day, [USER, OTHER])
        names = {"a1": f"Daily of {NAME}", "a2": "Nightly"}
        rows = [
            {"automation_id": one, "name": name, "owner_id": "o1", "space_id": ""}
            for one, name in names.items()
        ]
        keep(lake, AUTOMATIONS.table, day, rows)
    assert company.close("2026-01", TODAY).returncode == 0
    assert company.close("2026-01", TODAY, "--reverse", "Again.").returncode == 0
    assert company.close("2026-01", TODAY).returncode == 0
    company.write("rules", rules.replace(EMAIL, "").replace("a2\n", "a2,\n"))
    lake.quarantine("acme", JANUARY, json.dumps({"owner": NAME}).encode())
    note = folder / "data" / "state" / "delivered" / "2026-01" / "note.json"
    note.parent.mkdir(parents=True)
    note.write_text(json.dumps({"recipient": EMAIL}))
    company.build(TODAY)
    return company


@pytest.fixture(scope="module")
def before(tmp_path_factory: pytest.TempPathFactory) -> Company:
    return start(tmp_path_factory.mktemp("company"))


@pytest.fixture
def company(before: Company, tmp_path: Path) -> Company:
    copytree(before.path, tmp_path / "copy", symlinks=True)
    return Company(tmp_path / "copy")


def named(folder: Path) -> list[str]:
    """The files below *folder* that have one of the person's words."""
    return sorted(
        {
            str(path.relative_to(folder))
            for path in folder.rglob("*")
            if path.is_file()
            for text in contents(path)
            for word in (NAME, "Quill", EMAIL.lower(), "zquill")
            if word.lower() in text.lower()
        }
    )


def contents(path: Path) -> Iterator[str]:
    content = path.read_bytes()
    yield content.decode("utf-8", "ignore")
    if path.suffix == ".parquet":
        yield pl.read_parquet(path, hive_partitioning=False).write_csv()
    if path.suffix == ".xlsx":
        with zipfile.ZipFile(io.BytesIO(content)) as book:
            for name in book.namelist():
                yield book.read(name).decode("utf-8", "ignore")


def figures(company: Company) -> list[object]:
    return [
        company.ask("select * exclude (cause_detail) from charges order by all"),
        company.ask(
            "select month, cost_center, amount, statement_number, statement_version"
            " from statement order by all"
        ),
        company.ask("select * from issued_statements order by entry"),
    ]


def test_nothing_names_who_was_forgotten(company: Company) -> None:
    data, amounts = company.path / "data", figures(company)
    assert company.chargeback("report", "--as-of", TODAY, "--quiet").returncode == 0
    assert len(named(data)) > 20

    done = company.chargeback("forget", EMAIL.upper(), "--as-of", TODAY, "--quiet")

    assert (done.returncode, done.stderr) == (0, "")
    assert PERSON in done.stdout
    assert named(data) == []
    assert figures(company) == amounts
    assert "Sam Other" in str(company.ask("from owners"))
    assert PERSON in str(company.ask("from owners"))
    checked = company.chargeback("verify")
    assert (checked.returncode, checked.stderr) == (0, "")
    assert "without the name of a person" in checked.stdout


def test_what_was_issued_is_known_before_and_after(company: Company) -> None:
    issued = (company.folder("2026-01.v2") / "issued/all/csv").glob("*.csv")
    old, *_ = (one for one in issued if NAME in one.read_text("utf-8-sig"))
    copy = company.path / "lines.csv"
    copy.write_bytes(old.read_bytes())

    assert (
        company.chargeback("forget", "o1", "--as-of", TODAY, "--quiet").returncode == 0
    )

    assert old.read_bytes() != copy.read_bytes()
    for path in (copy, old):
        checked = company.chargeback("verify", str(path))
        assert checked.returncode == 0, checked.stdout
        assert "issued: all of 2026-01" in checked.stdout


def test_a_repeat_completes_what_was_interrupted(
    company: Company, monkeypatch: pytest.MonkeyPatch
) -> None:
    module = import_module("pipeline.upkeep.forget")
    steps = [
        (forgotten, "add", 0),
        (Lake, "store", 1),
        (redaction, "_replace", 0),
        (redaction, "_replace", 3),
        (module.nightly, "build", 0),
        (module, "remove", 0),
    ]
    for place, step, after in steps:
        with monkeypatch.context() as patch:
            patch.setattr(place, step, interrupted(getattr(place, step), after))
            ended = company.chargeback("forget", NAME, "--as-of", TODAY, "--quiet")
        assert ended.returncode == 130
        assert company.chargeback("verify").returncode == 0

    done = company.chargeback("forget", NAME, "--as-of", TODAY, "--quiet")

    assert (done.returncode, done.stderr) == (0, "")
    assert named(company.path / "data") == []
    assert company.chargeback("verify").returncode == 0


def interrupted(step: Callable[..., Any], after: int) -> Callable[..., Any]:
    """The *step*, which is interrupted after so many calls."""
    calls = iter(range(after))

    def called(*args: Any, **options: Any) -> Any:
        if next(calls, None) is None:
            raise KeyboardInterrupt
        return step(*args, **options)

    return called


@pytest.mark.parametrize(
    ("rules", "said"),
    [
        (f'10,Finance,"{NAME}"', "column owner: .*owner_id = o1"),
        ("10,Finance,zo*", "column owner: 'zo.*owner_id = o1"),
        ("10,Finance,person*", "column owner"),
    ],
)
def test_a_rule_that_matches_by_name_is_named_first(
    company: Company, rules: str, said: str
) -> None:
    company.write("rules", f"priority,cost_center,owner\n{rules}\n20,Sales,\n")

    done = company.chargeback("forget", "o1", "--as-of", TODAY, "--quiet")

    assert done.returncode == 2
    assert pl.Series([done.stderr]).str.contains(f"(?s)rules.csv, line 2, {said}")[0]
    assert named(company.path / "data")


def test_a_rule_of_a_domain_goes_on(company: Company) -> None:
    company.write(
        "rules", "priority,cost_center,owner_email\n10,Finance,*@ACME.example\n"
    )
    company.build(TODAY)
    before = company.ask("select * exclude (cause_detail) from charges order by all")

    assert (
        company.chargeback("forget", "o1", "--as-of", TODAY, "--quiet").returncode == 0
    )

    after = company.ask("select * exclude (cause_detail) from charges order by all")
    assert after == before


@pytest.mark.parametrize(
    ("user", "said"),
    [("nobody", "is no id, address or name"), ("Finance", "is no id")],
)
def test_who_is_not_known_is_said(company: Company, user: str, said: str) -> None:
    done = company.chargeback("forget", user, "--as-of", TODAY, "--quiet")

    assert done.returncode == 2
    assert said in done.stderr


def test_a_listing_does_not_bring_the_name_back() -> None:
    rows = [USER, OTHER, {"user_id": "o3", "name": None}]
    users = pl.DataFrame(rows, schema=dict(USERS.table.columns))
    known = (Forgotten("acme", "o1"), Forgotten("acme", "o3"))

    listed = forgotten.without_names(users, known)

    assert listed["name"].to_list() == [PERSON, "Sam Other", None]
    assert listed["email"][0] == f"{PERSON.lower().replace(' ', '-')}@acme.example"
    assert listed["subject"][0] == PERSON


def test_words_are_replaced_as_files_write_them() -> None:
    words = Words({'Bo "B" <Ö>': "P", "Will": "P", "12": "P"}, {"a@b.c": "p@b.c"})

    text = 'Bo "B" <Ö>, Bo &quot;B&quot; &lt;Ö&gt;, Will, Willing, A@B.C, xa@b.c, 12'

    assert words.of(text) == "P, P, P, Willing, p@b.c, xa@b.c, 12"
    assert words.of_bytes(b'"Bo \\"B\\" <\\u00d6>"', "a.json") == b'"P"'
    assert words.of_bytes(b"\xff Will", "a") == b"\xff Will"


def test_a_name_in_ascii_is_replaced_where_all_names_are() -> None:
    """In other files it may be the name of somebody else."""
    words = Words({"Zoë Ångström": "P"}, {})
    text = "Zoë Ångström,Zoe Angstrom,Zoe Angstroms".encode()

    assert words.of_bytes(text, "statement.csv") == b"P,Zoe Angstrom,Zoe Angstroms"
    assert words.of_bytes(text, "chargeback-2026-01-CostAndUsage.csv") == (
        b"P,P,Zoe Angstroms"
    )


def test_a_page_that_is_set_aside_does_not_bring_the_name_back() -> None:
    records: list[Any] = [
        {"id": "o1", "name": NAME, "email": EMAIL, "subject": SUBJECT, "status": 7},
        {"id": ["o1"], "name": NAME},
        {"id": "o2", "name": "Sam Other"},
        "a text",
    ]
    page = json.dumps({"data": records}).encode()

    kept = forgotten.without_names_in(page, [Forgotten("acme", "o1")])

    assert forgotten.without_names_in(page, []) == page
    assert json.loads(kept)["data"] == [
        {**dict.fromkeys(("name", "email", "subject"), "(left out)"), "id": "o1"}
        | {"status": 7},
        {"id": ["o1"], "name": "(left out)"},
        *records[2:],
    ]
