"""Reads our exports with programs that others wrote, and compares the sums.

DATEV files are read by a parser that refuses what is no EXTF of version 700 and 13 to
the field, workbooks by calamine, which reads them in Rust, marts by dbt by way of their
`sources.yml`, and the data contract by the linter of the Data Contract CLI. They live
in `.venv-readers`, since they bring 600 MB, and look at no network. The tests of the
suite read exports with DuckDB, polars and openpyxl, and with pandas and Spark after
`make spark`.
"""

import json
import os
import shutil
import subprocess
import sys
from collections import defaultdict
from collections.abc import Iterable
from decimal import Decimal
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import duckdb

from tools.commands import call
from worlds.export import LEDGER, Folder, make_folder

ROOT = Path(__file__).parents[1]
HOME = ROOT / ".venv-readers" / "bin"
DATEV = """
import json, sys
from mloda.community.feature_groups.experimental.german_ledger.datev import read_batch
_, legs = read_batch(sys.argv[1])
print(json.dumps([legs["Belegfeld 1"], legs["Konto"], list(map(str, legs["Betrag"]))]))
"""
WORKBOOK = """
import json, sys
from python_calamine import CalamineWorkbook
book = CalamineWorkbook.from_path(sys.argv[1])
sheets = {name: book.get_sheet_by_name(name).to_python() for name in book.sheet_names}
print(json.dumps(sheets, default=str))
"""
# A project of dbt, beside the sources of the export.
DBT = {
    "dbt_project.yml": "name: readers\nprofile: readers\nmodel-paths: [models]\n",
    "profiles.yml": "readers:\n  target: duckdb\n  outputs:\n"
    "    duckdb: {type: duckdb, path: readers.duckdb}\n",
    "models/charged.sql": "{{ config(materialized='table') }}\n"
    "select tenant, cost_center, sum(amount) as amount"
    " from {{ source('chargeback', 'charges') }}"
    " where month = '2026-10-01' group by all",
}
STATEMENTS = (
    "select tenant, cost_center, amount from statement"
    " where month = date '2026-10-01' order by all"
)


def main() -> int:
    """Print what is wrong with a closed month and with drafts; 1 if anything is."""
    wrong = []
    for closed in (True, False):
        with TemporaryDirectory() as name:
            path = Path(name)
            (path / "ledger.toml").write_text(LEDGER)
            charge = 'ledger = "ledger.toml"'
            folder = make_folder(path, closed=closed, charge=charge)
            wrong += [*of_datev(folder), *of_workbook(folder)]
            wrong += [*of_marts(folder), *of_contract(folder)]
    print("\n".join(wrong) or "all is read, and sums are those of the statements")
    return min(len(wrong), 1)


def of_datev(folder: Folder) -> Iterable[str]:
    """What the parser reads otherwise than the statements have it."""
    export(folder, "journal", "EXTF_october.csv", "--layout", "datev")
    legs = read(DATEV, folder.path / "EXTF_october.csv")
    documents: dict[str, Decimal] = defaultdict(Decimal)
    accounts: dict[str, Decimal] = defaultdict(Decimal)
    charged: dict[str, Decimal] = defaultdict(Decimal)
    for number, account, amount in zip(*legs, strict=True):
        documents[number] += Decimal(amount)
        accounts[account] += Decimal(amount)
        charged[number] += Decimal(amount) if account[0] == "6" else 0
    yield from (f"{number}: is not balanced" for number, n in documents.items() if n)
    if accounts["1590"]:
        yield f"the transfer account keeps {accounts['1590']}"
    expected = [amount for *_, amount in folder.ask(STATEMENTS) if amount]
    if sorted(charged.values()) != sorted(expected):
        yield f"charged are {dict(charged)}, expected {expected}"


def of_workbook(folder: Folder) -> Iterable[str]:
    """Sheets that do not sum to the statements."""
    export(folder, "xlsx", "october.xlsx")
    for sheet, (names, *rows) in read(WORKBOOK, folder.path / "october.xlsx").items():
        if sheet == "Summary":  # for who prints it
            continue
        found: dict[tuple[str, str], Decimal] = defaultdict(Decimal)
        for row in (dict(zip(names, cells, strict=True)) for cells in rows):
            if sheet != "Tie-out" and row["Month"]:
                key = row["Tenant"], row["Cost centre"]
                found[key] += Decimal(str(row["Amount"]))
        summed = sorted((*key, amount) for key, amount in found.items())
        if sheet != "Tie-out" and summed != folder.ask(STATEMENTS):
            yield f"sheet {sheet} sums to {summed}"


def of_marts(folder: Folder) -> Iterable[str]:
    """What dbt makes of the charges otherwise than the statements have it."""
    project, marts = folder.path / "dbt", folder.path / "marts"
    command = ("export", "--marts", "--out", str(marts))
    call(*command, folder=folder.path, env={"KEY": "x"})
    (project / "models").mkdir(parents=True)
    for name, text in DBT.items():
        (project / name).write_text(text)
    shutil.copy(marts / "sources.yml", project / "models")
    done = subprocess.run(
        [str(HOME / "dbt"), "run", "--quiet"],
        cwd=project,
        env={**os.environ, "CHARGEBACK_MARTS": str(marts)},
        capture_output=True,
        text=True,
        check=False,
    )
    if done.returncode:
        raise SystemExit(done.stdout + done.stderr)
    with duckdb.connect(project / "readers.duckdb") as connection:
        found = connection.execute("from charged order by all").fetchall()
    if found != folder.ask(STATEMENTS):
        yield f"dbt sums marts to {found}"


def of_contract(folder: Folder) -> Iterable[str]:
    """What the linter has against the data contract."""
    command = ("export", "--schema", "--out", "contract.json")
    call(*command, folder=folder.path, env={"KEY": "x"})
    lint = [str(HOME / "datacontract"), "lint", str(folder.path / "contract.json")]
    done = subprocess.run(lint, capture_output=True, text=True, check=False)
    if done.returncode or "is valid" not in done.stdout:
        yield done.stdout + done.stderr


def export(folder: Folder, form: str, out: str, *more: str) -> None:
    done = folder.export(form, out, *more)
    if done.returncode:
        raise SystemExit(done.stderr)


def read(script: str, file: Path) -> Any:
    """What a *script* prints of *file*, in the environment of the readers."""
    command = [str(HOME / "python"), "-c", script, str(file)]
    answer = subprocess.run(command, capture_output=True, text=True, check=False)
    if answer.returncode:
        raise SystemExit(answer.stderr)
    return json.loads(answer.stdout)


if __name__ == "__main__":
    sys.exit(main())
