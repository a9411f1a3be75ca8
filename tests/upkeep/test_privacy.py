"""People as `[privacy]` shows them: on pages, in mails and exports."""

from datetime import date

import pytest

from pipeline.endpoints import USERS
from pipeline.lake import Lake
from pipeline.lake.forgotten import pseudonym
from worlds.closing import JANUARY, Company
from worlds.lake import keep

pytestmark = pytest.mark.slow

TODAY = "2026-02-02"
NAME, EMAIL = "Zoë Quill", "zoe.quill@acme.example"


@pytest.fixture(scope="module")
def company(tmp_path_factory: pytest.TempPathFactory) -> Company:
    company = Company(tmp_path_factory.mktemp("company"))
    rules = f"priority,cost_center,owner\n10,Finance,{NAME}\n20,Sales,\n"
    company.start(date(2026, 2, 2), rules=rules)
    lake = Lake(company.path / "data" / "lake")
    keep(lake, USERS.table, JANUARY, [{"user_id": "o1", "name": NAME, "email": EMAIL}])
    return company


def shown(company: Company, owners: str) -> str:
    """All pages and exports of January."""
    config = company.path / "chargeback.toml"
    company.configure()
    config.write_text(f'{config.read_text()}[privacy]\nowners = "{owners}"\n')
    company.build(TODAY)
    company.chargeback("report", "--as-of", TODAY, "--quiet")
    out = company.path / owners
    for form in ("csv",) if owners == "none" else ("csv", "focus"):
        done = company.chargeback(
            "export", "2026-01", "--format", form, "--out", str(out / form)
        )
        assert done.returncode == 0, done.stderr
    files = [*out.rglob("*.*"), *(company.path / "data" / "reports").rglob("*.*")]
    return "\n".join(one.read_text("utf-8", "ignore") for one in files if one.is_file())


@pytest.mark.parametrize(
    ("owners", "there", "gone"),
    [
        ("pseudonyms", pseudonym("acme", "o1"), "Quill"),
        ("none", "Not shown", "Quill"),
    ],
)
def test_people_are_shown_as_configured(
    company: Company, owners: str, there: str, gone: str
) -> None:
    text = shown(company, owners)

    assert there in text
    text = text.replace(f"owner {NAME}", "")  # as the rule is written
    assert gone.lower() not in text.lower()
    # Rules match by name, whatever is shown.
    charged = company.ask(
        "select distinct cost_center from charges where meter = 'runs'"
    )
    assert charged == [("Finance",)]
