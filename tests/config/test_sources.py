"""`[sources]` in `chargeback.toml`."""

from datetime import date
from pathlib import Path

import pytest

from pipeline.config import Sources, load
from pipeline.errors import ConfigError

TENANT = """
[[tenant]]
name = "acme"
url = "https://acme.eu.qlikcloud.com"
api_key = "env:KEY"
"""


def sources(folder: Path, text: str) -> Sources:
    path = folder / "chargeback.toml"
    path.write_text(TENANT + text, encoding="utf-8")
    return load(path, {"KEY": "a-key"}).sources


def test_every_source_is_off_by_default(tmp_path: Path) -> None:
    assert sources(tmp_path, "") == Sources(
        audit_events=False,
        audit_archive_from=None,
        run_detail=False,
        licence=False,
        consumption=False,
    )


def test_every_key_is_read(tmp_path: Path) -> None:
    read = sources(
        tmp_path,
        """
[sources]
audit_events = true
audit_archive_from = 2025-01-01
run_detail = true
licence = true
consumption = true
""",
    )

    assert read == Sources(
        audit_events=True,
        audit_archive_from=date(2025, 1, 1),
        run_detail=True,
        licence=True,
        consumption=True,
    )


def test_the_archive_is_read_after_the_events(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match=r"sources\.audit_archive_from: needs"):
        sources(tmp_path, "[sources]\naudit_archive_from = 2025-01-01\n")


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("licenses = true", "sources.licenses: unknown key"),
        ("licence = 1", "sources.licence: expected bool"),
    ],
)
def test_a_wrong_key_or_type_is_named(tmp_path: Path, text: str, told: str) -> None:
    with pytest.raises(ConfigError, match=told):
        sources(tmp_path, f"[sources]\n{text}\n")
