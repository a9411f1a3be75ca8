"""Every header is proved, on tables that have rows: nonsense in one stops the build."""

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import duckdb
import pytest

from pipeline import warehouse
from pipeline.errors import CheckError, PipelineError
from pipeline.warehouse import Model
from tools.claims import claiming, one_more
from tools.model_tables import models
from worlds.whole import whole_tables

MODELS = models()
CLAIMS = [
    pytest.param(model, number, id=f"{model.name}-{number}")
    for model in MODELS.values()
    for number, claim in enumerate(model.claims)
    if claim.query
]
# A header of these folders says what the model conserves, or why there is no sum.
FOLDERS = ("usage", "pricing", "statements")


@pytest.fixture(scope="module")
def whole(
    tmp_path_factory: pytest.TempPathFactory,
) -> Iterator[duckdb.DuckDBPyConnection]:
    with whole_tables(tmp_path_factory.mktemp("whole")) as connection:
        yield connection


@pytest.mark.parametrize(("model", "number"), CLAIMS)
def test_each_measure_of_a_claim_is_proved(
    whole: duckdb.DuckDBPyConnection, model: Model, number: int
) -> None:
    claim = model.claims[number]
    warehouse.prove_claims(whole, model)

    for measure in claim.measures:
        with pytest.raises(CheckError, match=f"^{model.name}: does not conserve "):
            warehouse.prove_claims(
                whole, claiming(model, one_more(claim.words, measure))
            )


@pytest.mark.parametrize(("model", "number"), CLAIMS)
def test_a_claim_that_names_no_column_is_refused(
    whole: duckdb.DuckDBPyConnection, model: Model, number: int
) -> None:
    claim = model.claims[number]
    words = claim.words.replace(claim.measures[0], "sum(nonsense)", 1)

    with pytest.raises(PipelineError, match=rf"^{model.place}: conserves .*nonsense"):
        warehouse.prove_claims(whole, claiming(model, words))


@pytest.mark.parametrize(("model", "number"), CLAIMS)
def test_a_claim_in_other_words_is_refused(
    tmp_path: Path, model: Model, number: int
) -> None:
    words = model.claims[number].words
    file = tmp_path / f"{model.name}.sql"

    for nonsense in (
        f"{words} up to rounding",
        words.replace(" = ", " is "),
        words[::-1],
    ):
        header = f"-- A sentence.\n-- grain: a\n-- conserves: {nonsense}\n"
        file.write_text(f"{header}\nselect 1 as a\n")
        with pytest.raises(PipelineError, match=r"\.sql: conserves"):
            warehouse.parse(file)


@pytest.mark.parametrize("model", MODELS.values(), ids=MODELS)
def test_each_grain_is_proved(whole: duckdb.DuckDBPyConnection, model: Model) -> None:
    """Without one of its columns there are duplicates; by one alone, of anything."""
    warehouse.prove_grain(whole, model)
    fewer = [
        tuple(key for key in model.grain if key != left_out) for left_out in model.grain
    ]
    if len(model.grain) == 1:
        fewer = [(f"({model.grain[0]} is null)",)]

    refused = 0
    for grain in fewer:
        try:
            warehouse.prove_grain(whole, replace(model, grain=grain))
        except CheckError:
            refused += 1
    assert refused, f"{model.name} has too few rows of tests/worlds/whole.py"
    with pytest.raises(PipelineError, match=rf"^{model.place}: grain .*nonsense"):
        warehouse.prove_grain(whole, replace(model, grain=("nonsense",)))


@pytest.mark.parametrize(
    "model",
    [one for one in MODELS.values() if one.folder in FOLDERS],
    ids=lambda one: one.name,
)
def test_what_is_counted_or_charged_is_claimed(model: Model) -> None:
    assert model.claims, f"{model.place} says neither what it conserves nor why not"
