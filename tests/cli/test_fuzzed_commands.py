"""Whatever stands on a command line: a code of the contract, an error of two lines.

`CHARGEBACK_FUZZ_COMMANDS=2000 pytest tests/cli/test_fuzzed_commands.py` tries more.
"""

import json
import os
import re
import subprocess
import sys
from collections.abc import Iterator
from datetime import date
from typing import Any

import click
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from pipeline.cli import mcp, trial
from pipeline.cli.commands import cli
from pipeline.formats.terminal import shown
from worlds.closing import Company

pytestmark = [pytest.mark.slow, pytest.mark.endurance]

NUMBER = os.environ.get("CHARGEBACK_FUZZ_COMMANDS")
CODES = set(range(7))
TODAY = "2026-01-06"

# What a shell hands over: any bytes but NUL, those that are no UTF-8 as halves.
ODD = [
    *("", " ", "-", "--", "-x", "--=", "=", ".", "..", "*", "a\nb\nc", "a\r\nb", "\t"),
    *("\x1b[2J\x1b]0;owned\x07", "\N{RIGHT-TO-LEFT OVERRIDE}x", "\udcff\udc80", "%s"),
    *(
        "$(touch X)",
        "`touch X`",
        "'; drop table x; --",
        "{0}",
        "\N{MONEY BAG}",
        "x" * 5000,
    ),
    *(
        "acme",
        "acme\n",
        "ACME",
        "Finance",
        "Übersee",
        "/dev/null",
        "/dev/full",
        "file:x",
    ),
]
DAYS = [
    *("2026-01-06", "2026-01-01", "2026-01-05", "2025-12-31", "2024-02-29", "today"),
    *("0001-01-01", "0001-01-02", "1899-12-30", "1970-01-01", "9999-12-31", "2026-2-3"),
    *("2026-02-30", "0000-00-00", "2026-01-06T00:00", "+2026-01-06", "20260106"),
]
MONTHS = [
    *("2026-01", "2026-02", "2025-12", "2026-03", "0001-01", "9999-12", "2026-1"),
    *("2026-13", "2026-00", "1970-01", "2014-12", "-2026-01"),
]
PATHS = [
    *(
        "out",
        "out/deep/er",
        "data",
        "rates.csv",
        "rates.csv/x",
        "chargeback.toml",
        "new",
    ),
    *("data/warehouse.duckdb", "odd\nname", "x" * 300, "\udcff", "?", "a?b\\c", "."),
    *("/dev/null", "/dev/full", "/proc/self/mem", "/dev/stdout"),
]
SQL = [
    *("from marts.statement", "select 1 as a, 2 as a", "select now()", "select", ";"),
    *("select 1; select 2", "drop table marts.statement", "copy (select 1) to 'x.csv'"),
    *("from read_csv('chargeback.toml')", "attach 'x.duckdb'", "install httpfs", "--"),
    *("select '\x1b[2J'", 'select 1 as "a\x1b\nb"', "describe", "show tables"),
    *("select 1e400", "select 'x'::int", "select 1/0", "select repeat('x', 100000)"),
    *("summarize marts.statement", "explain from marts.statement", "set threads = 1"),
    *("select cast('nan' as double), cast('-inf' as double), 10::hugeint ** 30"),
    *("select [1, null], {'a': 1}, map {'k': 'v'}, interval 1 day, '1:2'::time"),
    *("select 'infinity'::date, '290000-01-01'::timestamp, uuid(), 'a'::blob"),
    *(
        "pragma database_list",
        "checkpoint",
        "vacuum",
        "begin",
        "prepare p as select $1",
    ),
    *("execute p", "select $1", "select ?", "from nothing", "select \udcff"),
]
TEXT = st.text(
    st.characters(blacklist_characters="\0", blacklist_categories=()), max_size=8
)


def values(parameter: click.Parameter) -> st.SearchStrategy[str]:
    """What stands for *parameter*: something that it takes, or something odd."""
    kind: Any = parameter.type
    if isinstance(kind, click.Choice):
        good = st.sampled_from([*kind.choices, *kind.choices, "CSV"])
    elif isinstance(kind, click.DateTime):
        good = st.sampled_from(MONTHS if "%d" not in kind.formats[0] else DAYS)
    elif isinstance(kind, click.IntRange):
        good = st.sampled_from(["0", "-1", "65536", "8765", "1e3", "\u0661", "9" * 50])
    elif parameter.name == "sql":
        good = st.sampled_from(SQL)
    elif parameter.name == "config":
        good = st.sampled_from(["chargeback.toml", *PATHS])
    elif isinstance(kind, click.Path) or parameter.name in {"folder", "files"}:
        good = st.sampled_from(PATHS)
    else:
        good = st.sampled_from([*ODD, "acme", "Finance"])
    odd = st.one_of(st.sampled_from(ODD), TEXT.filter(is_harmless))
    return st.integers(0, 15).flatmap(lambda n: odd if n == 0 else good)


def is_harmless(text: str) -> bool:
    """Whether it names no file outside of the working folder."""
    return not text.startswith(("/", "~")) and ".." not in text


RARELY = st.integers(0, 9).map(lambda n: n == 0)


@st.composite
def lines(draw: st.DrawFn) -> list[str]:
    """A command with some of its options, and its arguments, more or fewer."""
    name = draw(st.sampled_from(sorted(cli.commands)))
    words: list[str] = []
    for parameter in cli.commands[name].params:
        if isinstance(parameter, click.Argument):
            most = 3 if parameter.nargs == -1 else 1
            number = draw(st.integers(0, most + 1)) if draw(RARELY) else 1
            words += [draw(values(parameter)) for _ in range(number)]
            continue
        if draw(st.integers(0, 3)) and not parameter.required:
            continue
        words.append(parameter.opts[0])
        if not getattr(parameter, "is_flag", False):
            words.append(draw(values(parameter)))
    if draw(st.integers(0, 24)) == 0:
        words.insert(draw(st.integers(0, len(words))), draw(st.sampled_from(ODD)))
    return [name, *words]


@pytest.fixture(scope="module")
def company(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Company]:
    """A company with a warehouse, whose tenant answers nobody."""
    company = Company(tmp_path_factory.mktemp("company") / "of" / "some" / "depth")
    company.path.mkdir(parents=True)
    company.start(date.fromisoformat(TODAY))
    company.configure("[extract]\nretries = 0\n")
    assert company.chargeback("build", "--as-of", TODAY).returncode == 0
    with pytest.MonkeyPatch.context() as patch:
        for one in (mcp, trial):  # which would serve for ever
            patch.setattr(one, "serve", lambda *_: None)
        yield company


@settings(
    max_examples=int(NUMBER or 30),
    deadline=None,
    derandomize=not NUMBER,
    suppress_health_check=list(HealthCheck),
)
@given(words=lines())
def test_any_command_line_ends_in_a_code_of_the_contract(
    company: Company, words: list[str]
) -> None:
    result = company.chargeback(*words)

    assert result.returncode in CODES, result
    check(words, result.returncode, result.stderr)
    if words[0] != "query":  # whose files are as they are
        assert shown(result.stdout) == result.stdout


def check(words: list[str], code: int, reported: str) -> None:
    """One error if the command failed, in two lines, with nothing a terminal obeys."""
    assert not re.search(r"unexpected \w+: ", reported), reported
    if is_json := reported.startswith('{"time"'):
        lines = [json.loads(line) for line in reported.splitlines()]
        errors = [line["message"] for line in lines if line["level"] == "error"]
    else:
        errors = [one.strip() for one in re.split(r"(?m)^error: ", reported)[1:]]
    assert is_json or all(sign.isprintable() or sign in "\n\xa0" for sign in reported)
    # What the doctor finds is on standard output.
    assert len(errors) == (code != 0) or (words[0] == "doctor" and not errors), reported
    if "--debug" not in words:
        assert "Traceback" not in reported
        assert all(one.count("\n") <= 1 for one in errors), reported


FOUND = [
    ["close", "2026-01", "why", "--as-of", TODAY],
    ["close", "2026-01", "--reverse", "--as-of", TODAY],
    ["export", "2026-01", "--format", "csv", "--out", "o", "--cost-center", "\udcff"],
    ["query", "select '\udcff'"],
    ["query", "select nothing from nowhere where"],
    ["build", "--tenant", "a\nb\nc"],
    ["build", "--as-of", "2026-02-30\n\x1b[2J"],
    ["build", "--as-of", "0001-01-03"],
    ["run", "--since", "1970-01-01", "--as-of", TODAY],
    ["close", "9999-12"],
    ["simulate", "0001-01"],
    ["run", "--log-format", ""],
    ["init", "/dev/full"],
    ["init", "rates.csv"],
    ["rune"],
]


@pytest.mark.parametrize("words", FOUND, ids=lambda words: ascii(" ".join(words)))
@pytest.mark.parametrize("form", ["text", "json"])
def test_wrong_usage_is_told_in_two_lines(
    company: Company, words: list[str], form: str
) -> None:
    name, *rest = words
    result = company.chargeback(name, "--log-format", form, *rest)

    assert result.returncode == 2
    check(words, result.returncode, result.stderr)


def test_no_command_at_all_prints_the_help(company: Company) -> None:
    result = company.chargeback()

    assert (result.returncode, result.stderr) == (2, "")
    assert result.stdout.startswith("Usage: chargeback [OPTIONS] COMMAND")


def test_the_name_of_a_file_that_is_verified_moves_no_cursor(company: Company) -> None:
    name = "odd\x1b]0;owned\x07\N{RIGHT-TO-LEFT OVERRIDE}.csv"
    (company.path / name).write_bytes(b"a,b\n1,2\n")

    result = company.chargeback("verify", name)

    assert result.returncode == 4
    assert "odd\ufffd]0;owned" in result.stdout
    assert shown(result.stdout) == result.stdout


@pytest.mark.parametrize("form", ["csv", "table", "json"])
def test_rows_on_a_terminal_move_no_cursor(company: Company, form: str) -> None:
    sql = "select chr(27) || '[2J' as \"a\x1b[2J\", 'a' || chr(7) as b"
    ours, terminal = os.openpty()
    with open(ours, "rb", buffering=0) as shown_there:  # noqa: PTH123 (no path)
        subprocess.run(
            [sys.executable, "-m", "pipeline", "query", sql, "--format", form],
            cwd=company.path,
            env={**os.environ, **company.env, "TERM": "dumb"},
            stdout=terminal,
            check=True,
        )
        written = shown_there.read(10_000)
        os.close(terminal)

    assert b"[2J" in written
    assert b"\x1b" not in written
    assert b"\x07" not in written
