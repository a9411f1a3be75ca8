"""A secret is looked for where somebody is spoken to, and nowhere else."""

from datetime import date
from pathlib import Path

import pytest

from tools.commands import call
from worlds.closing import Company

pytestmark = pytest.mark.slow

MAIL = """
[mail]
host = "127.0.0.1"
from = "night@example.com"
recipients = ["finance@example.com"]
user = "night"
password = "env:MAIL_PASSWORD"
webhook = "file:webhook.txt"
"""


@pytest.fixture(scope="module")
def company(tmp_path_factory: pytest.TempPathFactory) -> Company:
    company = Company(tmp_path_factory.mktemp("secrets"))
    company.start(date(2026, 2, 2))
    toml = company.path / "chargeback.toml"
    toml.write_text(toml.read_text() + MAIL)
    company.build("2026-02-02")
    return company


@pytest.mark.parametrize(
    "args",
    [
        ["build", "--as-of", "2026-02-02"],
        ["report", "--as-of", "2026-02-02"],
        ["query", "from marts.statement"],
        ["export", "2026-01", "--format", "csv", "--out", "files"],
        ["verify"],
    ],
    ids=lambda args: args[0],
)
def test_what_speaks_to_nobody_needs_none(company: Company, args: list[str]) -> None:
    result = call(*args, "--quiet", folder=company.path, env={})

    assert result.returncode == 0, result.stderr


@pytest.mark.parametrize("stage", ["run", "extract", "deliver"])
def test_what_speaks_to_somebody_says_which_is_missing(
    company: Company, stage: str
) -> None:
    result = call(stage, "--as-of", "2026-02-02", folder=company.path, env={})

    assert result.returncode == 2
    assert (
        ": tenant acme: api_key: the variable COMPANY_KEY is not set" in result.stderr
    )


def test_a_literal_secret_is_refused_everywhere(tmp_path: Path) -> None:
    (tmp_path / "chargeback.toml").write_text(
        '[[tenant]]\nname = "acme"\nurl = "https://acme.eu.qlikcloud.com"\n'
        'api_key = "eyJhbGciOi"\n'
    )

    result = call("query", "select 1", folder=tmp_path, env={})

    assert result.returncode == 2
    assert "a secret is not written here" in result.stderr
    assert "eyJhbGciOi" not in result.stderr
