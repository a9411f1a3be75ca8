"""The audit finds what it looks for, and this tree passes it without a network."""

import json
from pathlib import Path

import pytest

import audit


def test_nothing_in_this_tree_is_wrong(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", "/usr/bin:/bin")  # where no pip-audit would ask

    findings = audit.audit()

    assert [one for one in findings if one.state == "fail"] == []


def test_each_dependency_is_in_the_sbom_with_version_licence_and_hashes() -> None:
    document = audit.sbom(audit.runtime())

    listed = {one["name"]: one for one in document["components"]}
    assert {"duckdb", "httpx", "polars", "plotly.js-basic-dist-min"} <= listed.keys()
    assert all(one["version"] and one["licenses"] for one in listed.values())
    assert all(
        one.get("properties") or one.get("hashes") for one in document["components"]
    )
    assert json.loads(json.dumps(document)) == document


@pytest.mark.parametrize(
    "content",
    [
        "-----BEGIN RSA " + "PRIVATE KEY-----\nMIIEow",
        "key = eyJ" + "a" * 30 + ".eyJ" + "b" * 30 + "." + "c" * 30,
        "AKIA" + "Q" * 16,
        "ghp_" + "x" * 36,
        "https://user:" + "long-password@host.example/",
    ],
    ids=["private key", "token", "cloud", "forge", "url"],
)
def test_a_secret_in_a_file_is_found(tmp_path: Path, content: str) -> None:
    path = tmp_path / "file"
    path.write_text(f"# a\n{content}\n")

    (finding,) = audit.secrets([path])

    assert finding.state == "fail"


def test_a_licence_that_is_not_allowed_is_found() -> None:
    package = audit.Package("odd", "1", "Commercial", ("0" * 64,))

    (finding,) = audit.licences([package])

    assert "odd: licence 'Commercial'" in finding.text


def test_a_package_without_a_hash_is_found() -> None:
    package = audit.Package("odd", "1", "MIT", ())

    (finding,) = audit.pins([package])

    assert "odd: not in requirements.lock" in finding.text
