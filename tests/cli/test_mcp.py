"""An agent asks the warehouse over standard input and output, as `mcp` does."""

import asyncio
import json
import os
import sys
from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

pytest.importorskip("mcp", reason="needs mcp, of the extra mcp")
from mcp import Client, StdioServerParameters, stdio_client

from pipeline import warehouse
from tools.commands import call
from worlds.report import make_warehouse

ROOT = Path(__file__).parents[2]
ENDLESS = "select sum(a.n * b.n) from range(10000000) a (n), range(10000000) b (n)"
FINANCE = {"month": "2026-10", "cost_center": "CC-100 Finance"}
WRONG: dict[str, tuple[str, dict[str, Any], str]] = {
    "a tool": ("drop_table", {}, "drop_table: no such tool; there is list_tables,"),
    "an argument": ("query", {"sq": 1}, "query: Object contains unknown field `sq`"),
    "a type": ("query", {"sql": 1}, "query: Expected `str`, got `int` - at `$.sql`"),
    "sql": ("query", {"sql": "select nonsense"}, "query: Binder Error: "),
    "two": ("query", {"sql": "select 1; select 2"}, "found 2 statements"),
    "writing": ("query", {"sql": "copy (select 1) to '/tmp/x'"}, "found copy"),
    "a file": ("query", {"sql": "from read_csv('/etc/passwd')"}, "Cannot access file"),
    "long": ("query", {"sql": "select repeat('x', 1000000)"}, "ask for fewer rows"),
    "endless": ("query", {"sql": ENDLESS}, "query: not answered within 1 s"),
    "a table": ("describe_table", {"table": "x'"}, "x': no such table"),
    "a month": ("statement", {"month": "October"}, "expected a month like 2026-10"),
    "no month": ("statement", {"month": "2020-01"}, "2020-01: nothing is charged"),
    "a centre": ("statement", {**FINANCE, "cost_center": "X"}, "X: has no statement"),
}
RIGHT: dict[str, tuple[str, dict[str, Any]]] = {
    "tables": ("list_tables", {}),
    "columns": ("describe_table", {"table": "statement"}),
    "first": ("query", {"sql": "from marts.charges order by all"}),
    "unseen": ("query", {"sql": "select 'a' || chr(8238) || chr(10) || chr(27) as n"}),
    "statement": ("statement", FINANCE),
    "statements": ("statement", {"month": "2026-10"}),
}


@dataclass
class Session:
    """What one session was told: its tools, answers, errors, and standard error."""

    tools: list[str]
    answers: dict[str, Any]
    errors: dict[str, str]
    swapped: str
    log: str


@pytest.fixture(scope="module")
def path(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("agent")
    (folder / "data").mkdir()
    return make_warehouse(folder / "data")


@pytest.fixture(scope="module")
def session(path: Path) -> Session:
    return asyncio.run(held(path))


async def held(path: Path) -> Session:
    """A session that asks all there is, and once more when the warehouse is another."""
    folder = path.parents[1]
    server = StdioServerParameters(
        command=sys.executable,
        args=["-m", "pipeline", "mcp", "--timeout", "1", "--max-rows", "2"],
        cwd=folder,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
    )
    with (folder / "log").open("w+", encoding="utf-8") as log:
        async with Client(stdio_client(server, errlog=log)) as client:
            tools = [one.name for one in (await client.list_tools()).tools]
            answers, errors = {}, {}
            for name, (tool, given) in RIGHT.items():
                result = await client.call_tool(tool, given)
                (content,) = result.content
                assert not result.is_error, content.text
                answers[name] = json.loads(content.text, parse_float=Decimal)
            for name, (tool, given, _) in WRONG.items():
                result = await client.call_tool(tool, given)
                assert result.is_error
                errors[name] = result.content[0].text
            before = replaced(path)
            result = await client.call_tool("query", {"sql": "from marts.charges"})
            replaced(path, before)
        log.seek(0)
        return Session(tools, answers, errors, result.content[0].text, log.read())


def replaced(path: Path, content: bytes = b"") -> bytes:
    """What was at *path*, where there is another warehouse now."""
    before = path.read_bytes()
    if content:
        path.write_bytes(content)
        return before
    with warehouse.replacing(path) as connection:
        connection.execute("create table warehouse.marts.charges as select 7")
    return before


def test_it_has_the_tools_that_are_documented(session: Session) -> None:
    documented = (ROOT / "docs" / "operations.md").read_text("utf-8")

    assert session.tools == ["list_tables", "describe_table", "query", "statement"]
    assert all(f"| `{name}` |" in documented for name in session.tools)


def test_tables_and_columns_are_those_of_the_dictionary(session: Session) -> None:
    tables = dict(session.answers["tables"]["rows"])
    columns = {name: meaning for name, _, meaning in session.answers["columns"]["rows"]}

    assert "What each cost centre is charged for a month" in tables["statement"]
    assert columns["month"] == "The first day of the month, UTC."


def test_the_lines_of_a_statement_sum_to_it(session: Session, path: Path) -> None:
    (statement,) = records(session.answers["statement"]["statement"])
    lines = records(session.answers["statement"]["lines"])
    with warehouse.read(path) as connection:
        expected = connection.execute(
            "select amount from marts.statement where month = date '2026-10-01'"
            " and cost_center = 'CC-100 Finance'"
        ).fetchone()

    assert (statement["amount"],) == expected
    assert len(lines) == 2, "of more there are the first"
    assert {"quantity", "unit_price", "amount"} <= lines[0].keys()


def test_without_a_cost_centre_there_is_each_of_the_month(session: Session) -> None:
    found = records(session.answers["statements"]["statement"])

    assert [one["cost_center"] for one in found] == ["CC-100 Finance", "CC-200 Sales"]


def test_of_many_rows_the_first_are_answered(session: Session) -> None:
    answer = session.answers["first"]

    assert (len(answer["rows"]), answer["is_whole"]) == (2, False)


def test_what_is_not_seen_is_marked(session: Session) -> None:
    assert session.answers["unseen"]["rows"] == [["a\N{REPLACEMENT CHARACTER}\n\x1b"]]


@pytest.mark.parametrize("name", WRONG)
def test_what_cannot_be_answered_is_an_error_in_a_line(
    session: Session, name: str
) -> None:
    said = session.errors[name]

    assert WRONG[name][2] in said
    assert "\n" not in said
    assert "Traceback" not in said + session.log


def test_it_reads_the_warehouse_that_stands(session: Session) -> None:
    assert json.loads(session.swapped)["rows"] == [[7]]


def test_without_the_package_it_says_what_to_install(
    path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, "mcp.server.lowlevel", None)

    result = call("mcp", folder=path.parents[1], env={})

    assert (result.returncode, result.stdout) == (2, "")
    assert "pip install 'chargeback[mcp]'" in result.stderr


def records(table: dict[str, Any]) -> list[dict[str, Any]]:
    return [dict(zip(table["columns"], row, strict=True)) for row in table["rows"]]
