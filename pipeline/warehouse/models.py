"""Models: one SQL file each, in the order that their reads and their claims give."""

import graphlib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from pipeline.errors import PipelineError
from pipeline.warehouse.claims import Claim, parse_claim
from pipeline.warehouse.header import NOT_BY_MONTH, ByMonth, parse_header
from pipeline.warehouse.reads import tables_of

# Where tables are made; bare names are looked for in this order.
SCHEMAS = {
    # Usually empty: a table in it hides the one of the same name.
    "what_if": "scratch.what_if",
    # Empty too, but while some months of a model are made: what these months see.
    "month": "scratch.month",
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
    claims: tuple[Claim, ...]
    sql: str
    reads: frozenset[str]
    # The tables that the claims compare its rows with.
    compared: frozenset[str]
    by_month: ByMonth = NOT_BY_MONTH

    @property
    def month_of(self) -> str:
        """The expression whose month a row is of; empty if it is not made by month."""
        return self.by_month.expression

    @property
    def needs(self) -> frozenset[str]:
        """The tables that are there before it is made and proved."""
        return self.reads | self.compared

    @property
    def table(self) -> str:
        """The model's table, with its schema."""
        return f"{SCHEMAS[self.schema]}.{self.name}"

    @property
    def place(self) -> str:
        """Where the model is written down."""
        return f"{self.folder}/{self.name}.sql"


def load_models(folder: Path, known: Iterable[str]) -> tuple[Model, ...]:
    """Every model under *folder*, each after those it reads or is compared with.

    Raises:
        PipelineError: A header or SQL is wrong, a table is read or compared with that
            is neither a model nor *known*, or models need each other in a circle.
    """
    models = {path.stem: parse(path) for path in sorted(folder.glob("*/*.sql"))}
    there = models.keys() | set(known)
    for model in models.values():
        if not model.grain:
            raise PipelineError(f"{model.place}: the header lacks its grain")
        if unknown := sorted(model.reads - there):
            raise PipelineError(f"{model.place}: reads {unknown[0]!r}")
        if unknown := sorted(model.compared - there):
            raise PipelineError(f"{model.place}: conserves names {unknown[0]!r}")
    ordered = _ordered(models, {name: one.reads for name, one in models.items()})
    _check_compared(ordered)
    return _ordered(models, {name: one.needs for name, one in models.items()})


def downstream(models: Iterable[Model], tables: Iterable[str]) -> set[str]:
    """Those of *models*, in the order of the build, that need one of *tables*."""
    sources, found = set(tables), set[str]()
    for model in models:
        if model.needs & (sources | found):
            found.add(model.name)
    return found


def upstream(models: Sequence[Model], names: Iterable[str]) -> set[str]:
    """*names* and those of *models*, in the order of the build, that they need."""
    found = set(names)
    for model in reversed(models):
        if model.name in found:
            found |= model.needs
    return found & {model.name for model in models}


def parse(path: Path) -> Model:
    """The model or check in *path*; a check needs no grain.

    Raises:
        PipelineError: The header or the SQL is wrong.
    """
    sql = path.read_text(encoding="utf-8")
    folder, name = path.parent.name, path.stem
    try:
        header = parse_header(sql)
        claims = tuple(
            parse_claim(words, name, header.grain) for words in header.conserves
        )
        reads = tables_of(sql)
        compared = [_compared(one) for one in claims if one.query]
    except PipelineError as exc:
        raise PipelineError(f"{folder}/{path.name}: {exc}") from exc
    return Model(
        name,
        folder,
        _schema(folder, name),
        header.sentence,
        header.grain,
        claims,
        sql,
        reads,
        frozenset().union(*compared) - {name},
        header.by_month,
    )


def _compared(claim: Claim) -> frozenset[str]:
    """The tables that *claim* is about, that of the model too."""
    try:
        return tables_of(claim.query)
    except PipelineError as exc:
        raise PipelineError(f"conserves {claim.words}: {exc}") from exc


def _schema(folder: str, name: str) -> str:
    """The schema of a model: what readers are shown is kept, the rest is scratch."""
    if folder == "staging":
        return "staging"
    if name.startswith(("int_", "_")):
        return "intermediate"
    return "pages" if folder == "pages" else "marts"


def _check_compared(models: Sequence[Model]) -> None:
    """Refuse a claim about a table that is made out of the model's own rows."""
    for model in models:
        if later := sorted(downstream(models, [model.name]) & model.compared):
            raise PipelineError(
                f"{model.place}: conserves names {later[0]!r}, which is made after it"
            )


def _ordered(
    models: Mapping[str, Model], needs: Mapping[str, frozenset[str]]
) -> tuple[Model, ...]:
    """*models*, each after those that it *needs*."""
    order = graphlib.TopologicalSorter(
        {name: sorted(needs[name] & models.keys()) for name in models}
    )
    try:
        return tuple(models[name] for name in order.static_order())
    except graphlib.CycleError as exc:
        raise PipelineError(
            f"models read each other: {' ← '.join(exc.args[1])}"
        ) from exc
