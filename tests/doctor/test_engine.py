"""What the doctor, and a build, say of an engine that is not there."""

from dataclasses import replace
from datetime import date
from pathlib import Path

import pytest

from pipeline import build, warehouse
from pipeline.build import spark
from pipeline.config import Engine
from pipeline.doctor.machine import machine
from pipeline.errors import ConfigError
from worlds.runs import run_of

AS_OF = date(2026, 1, 5)


def missing(monkeypatch: pytest.MonkeyPatch, *names: str) -> None:
    """Let the packages of *names* not be installed, and all others be."""
    monkeypatch.setattr(spark, "find_spec", lambda name: name not in names)


def java(monkeypatch: pytest.MonkeyPatch, folder: Path, said: str) -> None:
    """Let Java be a program that says this of its version; nothing: there is none."""
    monkeypatch.setenv("PATH", str(folder))
    if said:
        program = folder / "java"
        program.write_text(f"#!/bin/sh\necho '{said}' >&2\n")
        program.chmod(0o755)


@pytest.mark.parametrize(
    ("lacking", "said", "what"),
    [
        (["pyspark"], 'openjdk version "17.0.15"', "needs pyspark, .*\n.*pip install"),
        (["sqlglot"], 'openjdk version "17.0.15"', "needs sqlglot, which is not"),
        ([], "", "Java 17, which is not installed\ninstall it .*openjdk-17-jre"),
        ([], 'java version "1.8.0_402"', "Java 17, this is 8\n"),
        ([], 'openjdk version "11.0.2"', "Java 17, this is 11\n"),
    ],
)
def test_what_is_not_installed_is_named_with_its_remedy(
    monkeypatch: pytest.MonkeyPatch,
    tmp_path: Path,
    lacking: list[str],
    said: str,
    what: str,
) -> None:
    missing(monkeypatch, *lacking)
    java(monkeypatch, tmp_path, said)

    with pytest.raises(ConfigError, match=what):
        spark.check(Engine(facts="spark"))


def test_a_server_needs_no_java_and_its_client(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    java(monkeypatch, tmp_path, "")
    there = Engine(facts="spark", spark_remote="sc://a.example:15002;user_id=x")

    missing(monkeypatch)
    assert spark.check(there) == "Spark at sc://a.example:15002"

    missing(monkeypatch, "grpc")
    with pytest.raises(ConfigError, match="needs grpc"):
        spark.check(there)


def test_the_doctor_has_a_line_and_a_build_the_same_error(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """Where DuckDB makes all models, neither looks for Spark."""
    missing(monkeypatch, "pyspark")
    run = run_of(tmp_path, AS_OF)
    asked = replace(run.settings, engine=Engine(facts="spark"))

    (found,) = [one for one in machine(asked) if one.subject == "engine"]
    assert (found.state, found.exit_code) == ("fail", 2)
    assert "pyspark" in found.found
    assert not [one for one in machine(run.settings) if one.subject == "engine"]

    files = build.finance_files(asked)
    with warehouse.in_memory() as connection, pytest.raises(ConfigError):
        build.build(connection, replace(run, settings=asked), files)
