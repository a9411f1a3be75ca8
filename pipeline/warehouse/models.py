"""Models: one SQL file each, in an order that their reads give, proved as made."""

import graphlib
import json
import logging
import tomllib
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from time import perf_counter
from typing import Any

import duckdb

from pipeline.errors import CheckError, PipelineError

log = logging.getLogger(__name__)

# Where tables are made; bare names are looked for in this order.
SCHEMAS = {
    # Usually empty: a table in it hides the one of the same name.
    "what_if": "scratch.what_if",
    "raw": "scratch.raw",
    "finance": "scratch.finance",
    "seeds": "scratch.seeds",
    "staging": "scratch.staging",
    "intermediate": "scratch.intermediate",
    "marts": "warehouse.marts",
    "pages": "warehouse.pages",
}
# The schemas that are kept in the warehouse's file.
KEPT = ("marts", "pages")


@dataclass(frozen=True, slots=True)
class Model:
    """A file of SQL: what its header says, and the tables that its select reads."""

    name: str
    folder: str
    schema: str
    description: str
    grain: tuple[str, ...]
    conserves: str
    sql: str
    reads: frozenset[str]

    @property
    def table(self) -> str:
        """The model's table, with its schema."""
        return f"{SCHEMAS[self.schema]}.{self.name}"


@dataclass(frozen=True, slots=True)
class Comments:
    """What a column means: for all marts, or for one where it means something else."""

    columns: Mapping[str, str]
    tables: Mapping[str, Mapping[str, str]]

    def of(self, table: str, column: str) -> str | None:
        """The meaning and unit of a column of *table*."""
        return self.tables.get(table, {}).get(column) or self.columns.get(column)


def load_models(folder: Path, known: Iterable[str]) -> tuple[Model, ...]:
    """Every model under *folder*, each after those it reads.

    Raises:
        PipelineError: A header or SQL is wrong, a table is read that is neither a
            model nor *known*, or models read each other in a circle.
    """
    models = {path.stem: parse(path) for path in sorted(folder.glob("*/*.sql"))}
    there = models.keys() | set(known)
    for model in models.values():
        place = f"{model.folder}/{model.name}.sql"
        if not model.grain:
            raise PipelineError(f"{place}: the header lacks its grain")
        if unknown := sorted(model.reads - there):
            raise PipelineError(f"{place}: reads {unknown[0]!r}")
    order = graphlib.TopologicalSorter(
        {name: sorted(models[name].reads & models.keys()) for name in models}
    )
    try:
        return tuple(models[name] for name in order.static_order())
    except graphlib.CycleError as exc:
        raise PipelineError(
            f"models read each other: {' ← '.join(exc.args[1])}"
        ) from exc


def downstream(models: Iterable[Model], tables: Iterable[str]) -> set[str]:
    """Those of *models*, in the order of the build, that stand on one of *tables*."""
    sources, found = set(tables), set[str]()
    for model in models:
        if model.reads & (sources | found):
            found.add(model.name)
    return found


def upstream(models: Sequence[Model], names: Iterable[str]) -> set[str]:
    """*names* and those of *models*, in the order of the build, that they stand on."""
    found = set(names)
    for model in reversed(models):
        if model.name in found:
            found |= model.reads
    return found & {model.name for model in models}


def load_comments(file: Path) -> Comments:
    """The glossary of the marts' columns."""
    glossary = tomllib.loads(file.read_text(encoding="utf-8"))
    return Comments(glossary["columns"], glossary.get("tables", {}))


def parse(path: Path) -> Model:
    """The model or check in *path*; a check needs no grain."""
    sql = path.read_text(encoding="utf-8")
    sentence, facts = _header(sql)
    folder = path.parent.name
    if not sentence:
        raise PipelineError(f"{folder}/{path.name}: the header lacks a sentence")
    grain = facts["grain"].split(",") if "grain" in facts else []
    return Model(
        path.stem,
        folder,
        _schema(folder, path.stem),
        " ".join(sentence),
        tuple(column.strip() for column in grain),
        facts.get("conserves", ""),
        sql,
        _reads(path.name, sql),
    )


def _schema(folder: str, name: str) -> str:
    """The schema of a model: what readers are shown is kept, the rest is scratch."""
    if folder == "staging":
        return "staging"
    if name.startswith(("int_", "_")):
        return "intermediate"
    return "pages" if folder == "pages" else "marts"


def _header(sql: str) -> tuple[list[str], dict[str, str]]:
    """The sentence of a header, line by line, and its facts; a comma carries one on."""
    sentence: list[str] = []
    facts: dict[str, str] = {}
    last = ""
    for line in sql.splitlines():
        if not line.startswith("-- "):
            break
        text = line.removeprefix("-- ")
        name, colon, fact = text.partition(": ")
        if colon and name in ("grain", "conserves"):
            facts[name], last = fact, name
        elif facts.get(last, "").endswith((",", " =")):
            facts[last] += f" {text.strip()}"
        else:
            sentence.append(text)
    return sentence, facts


def make(connection: duckdb.DuckDBPyConnection, models: Sequence[Model]) -> None:
    """Make each model's table, in order, and prove its grain.

    Raises:
        CheckError: A grain does not hold.
        PipelineError: A model's SQL fails on what it reads.
    """
    for number, model in enumerate(models, 1):
        start = perf_counter()
        # Sorted, so that the same lake makes the same table.
        order = f"order by {', '.join(model.grain)}" if model.schema in KEPT else ""
        try:
            made = connection.execute(
                f"create table {model.table} as from (\n{model.sql}\n) {order}"
            ).fetchone()
        except duckdb.Error as exc:
            place = f"{model.folder}/{model.name}.sql"
            raise PipelineError(f"{place}: {first_line(exc)}") from exc
        _prove_grain(connection, model)
        rows = made[0] if made else 0
        took = perf_counter() - start
        place = f"[{number:2}/{len(models)}]"
        log.info("%s %s ok %s rows %.1fs", place, model.name, f"{rows:,}", took)


def comment(
    connection: duckdb.DuckDBPyConnection, model: Model, comments: Comments
) -> None:
    """Write down what the model's table and its columns mean, in the file itself."""
    text = f"{model.description} One row for each {', '.join(model.grain)}."
    connection.execute(f"comment on table {model.table} is {quoted(text)}")
    for column, *_ in connection.execute(f"describe {model.table}").fetchall():
        if meaning := comments.of(model.name, column):
            name = f'{model.table}."{column}"'
            connection.execute(f"comment on column {name} is {quoted(meaning)}")


def quoted(text: str) -> str:
    """*text* as a string literal."""
    return "'" + text.replace("'", "''") + "'"


def first_line(exc: Exception) -> str:
    """What DuckDB says, without the picture of the statement that follows."""
    return str(exc).partition("\n")[0]


def _prove_grain(connection: duckdb.DuckDBPyConnection, model: Model) -> None:
    """Duplicates or nulls: counting distinct keys would pass over the nulls."""
    keys = ", ".join(model.grain)
    nulls = " or ".join(f"{column} is null" for column in model.grain)
    wrong = connection.execute(
        f"select {keys}, count(*) from {model.table} group by {keys}"
        f" having count(*) > 1 or {nulls} order by all limit 3"
    ).fetchall()
    if wrong:
        examples = "; ".join(f"{row[:-1]} ({row[-1]} rows)" for row in wrong)
        raise CheckError(
            f"{model.name}: not one row for each {keys}\nfor example {examples}"
        )


@cache
def _reads(file: str, sql: str) -> frozenset[str]:
    """The tables that the one select in *file* names."""
    with _parser().cursor() as parser:
        answer = parser.execute("select json_serialize_sql($1)", [sql]).fetchone()
    tree = json.loads(answer[0] if answer else "{}")
    if tree.get("error", True):
        raise PipelineError(f"{file}: {tree.get('error_message', 'not a select')}")
    if len(tree["statements"]) != 1:
        raise PipelineError(f"{file}: not one select")
    return frozenset(_tables(tree["statements"][0]["node"], frozenset()))


@cache
def _parser() -> duckdb.DuckDBPyConnection:
    """One database for all that is parsed: to open one takes 10 ms."""
    return duckdb.connect()


def _tables(node: Any, hidden: frozenset[str]) -> Iterator[str]:
    """Tables named in *node*; a CTE hides one of its name from what comes after it."""
    if isinstance(node, list):
        for part in node:
            yield from _tables(part, hidden)
        return
    if not isinstance(node, dict):
        return
    if node.get("type") == "RECURSIVE_CTE_NODE":
        hidden |= {node["cte_name"]}
    for cte in node.get("cte_map", {}).get("map", []):
        yield from _tables(cte["value"], hidden)
        hidden |= {cte["key"]}
    if node.get("type") == "BASE_TABLE" and node["table_name"] not in hidden:
        yield node["table_name"]
    for name, part in node.items():
        if name != "cte_map":
            yield from _tables(part, hidden)
