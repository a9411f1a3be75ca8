"""A beginning: files that explain themselves, load as they are, and replace nothing."""

import re
from pathlib import Path
from typing import Any

import msgspec
import pytest

from pipeline import finance
from pipeline.cli.init import init
from pipeline.config import load
from pipeline.config.decoded import decode
from pipeline.config.keys import File, MailKeys, TenantKeys
from pipeline.config.ledger import ledger
from pipeline.config.notice_keys import AlertsKeys
from pipeline.errors import ConfigError
from pipeline.resources import resource

NAMES = [
    "budgets.csv",
    "chargeback.toml",
    "cost_centers.csv",
    "entitlements.csv",
    "exchange_rates.csv",
    "fixed_costs.csv",
    "ledger.toml",
    "markups.csv",
    "notes.csv",
    "rates.csv",
    "value.csv",
]
TEMPLATE = (resource("examples") / "chargeback.toml").read_text()


def test_what_is_written_loads_as_soon_as_the_key_is_there(tmp_path: Path) -> None:
    said = init(tmp_path / "new")

    config = tmp_path / "new" / "chargeback.toml"
    with pytest.raises(ConfigError, match="variable ACME_API_KEY is not set"):
        load(config, {})
    settings = load(config, {"ACME_API_KEY": "k"})
    read = finance.load(settings.charge, settings.currency)
    assert sorted(path.name for path in config.parent.iterdir()) == NAMES
    assert read.rates
    assert read.rules
    assert read.budgets
    assert read.fixed_costs
    assert read.entitlements
    assert ledger(config.parent / "ledger.toml").sending_cost_center == "IT900"
    assert "ACME_API_KEY" in said
    assert f"chargeback doctor --config {config}" in said


def test_nothing_is_overwritten(tmp_path: Path) -> None:
    (tmp_path / "rates.csv").write_text("mine")
    (tmp_path / "budgets.csv").symlink_to("nowhere")

    said = init(tmp_path)

    assert (tmp_path / "rates.csv").read_text() == "mine"
    assert (tmp_path / "budgets.csv").is_symlink()
    assert f"left as it was  {tmp_path / 'rates.csv'}" in said
    assert f"left as it was  {tmp_path / 'budgets.csv'}" in said
    assert f"written         {tmp_path / 'chargeback.toml'}" in said


def test_a_second_time_changes_nothing_and_says_so(tmp_path: Path) -> None:
    init(tmp_path)
    before = {path: path.stat().st_mtime_ns for path in tmp_path.iterdir()}

    said = init(tmp_path)

    assert {path: path.stat().st_mtime_ns for path in tmp_path.iterdir()} == before
    assert said.count("left as it was") == len(NAMES)
    assert "next" not in said


def test_a_file_is_no_folder(tmp_path: Path) -> None:
    (tmp_path / "x").touch()

    with pytest.raises(ConfigError, match="is a file"):
        init(tmp_path / "x")


def test_the_configuration_shows_every_key_with_its_default(tmp_path: Path) -> None:
    """Each line that begins with # and a key is taken for what it would be."""
    everything = tmp_path / "chargeback.toml"
    everything.write_text(
        re.sub(r"^#(?=[a-z_]+ = |\[)", "", TEMPLATE, flags=re.MULTILINE)
    )

    keys = decode(everything).keys

    assert keys.mail is not None
    shown = set(re.findall(r"^#?([a-z_]+) = ", TEMPLATE, flags=re.MULTILINE))
    assert shown == {name for name, _ in fields(keys)} - {"tenant"} | fields_of(
        TenantKeys, MailKeys, AlertsKeys
    )
    files = {key.removesuffix(".csv") for key in NAMES} - {"rates"}
    examples = {"first_day", "rate_card", *files}
    for name, (value, default) in fields(keys):
        assert value == default or default is None or name in examples, name


def test_any_line_may_be_taken_out_of_its_comment_alone(tmp_path: Path) -> None:
    """Its section is there: it does not become a key of the one before."""
    path = tmp_path / "chargeback.toml"
    lines = TEMPLATE.splitlines(keepends=True)
    for number, line in enumerate(lines):
        if re.match("#[a-z_]+ = ", line):
            path.write_text("".join([*lines[:number], line[1:], *lines[number + 1 :]]))
            assert "unknown key" not in refusal(path), line


def refusal(path: Path) -> str:
    """Why *path* is no configuration, such as for a line that goes with it."""
    try:
        return f"{decode(path).keys.tenant and ''}"
    except ConfigError as exc:
        return str(exc)


def fields(section: msgspec.Struct) -> list[tuple[str, tuple[Any, Any]]]:
    """Name, value and default of each key of a section and of those below it."""
    found: list[tuple[str, tuple[Any, Any]]] = []
    for one in msgspec.structs.fields(type(section)):
        value = getattr(section, one.name)
        if isinstance(value, msgspec.Struct):
            found += [] if isinstance(value, MailKeys | AlertsKeys) else fields(value)
        elif one.name != "tenant":
            found.append((one.encode_name, (value, one.default)))
    return found


def fields_of(*kinds: type[msgspec.Struct]) -> set[str]:
    return {one.encode_name for kind in kinds for one in msgspec.structs.fields(kind)}


def test_the_file_covers_every_section() -> None:
    sections = {
        one.encode_name
        for one in msgspec.structs.fields(File)
        if one.name in {"tenant", "mail", "alerts"}
        or isinstance(one.default, msgspec.Struct)
    }

    assert (
        set(re.findall(r"^#?\[+([a-z]+)\]", TEMPLATE, flags=re.MULTILINE)) == sections
    )
