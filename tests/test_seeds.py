"""Rules that Python and SQL share stand in one file each, and nowhere else."""

import ast
import csv
import re
from pathlib import Path

import msgspec
import pytest

from pipeline import seeds, warehouse
from pipeline.resources import resource

ROOT = Path(__file__).parents[1]
FINAL = {one.status for one in seeds.statuses() if one.is_final}


def test_every_seed_is_a_table_and_every_table_a_seed() -> None:
    files = {path.stem for path in resource("seeds").iterdir()}

    assert files == seeds.TABLES.keys()


@pytest.mark.parametrize("table", seeds.TABLES)
def test_a_seed_has_the_columns_of_its_type(table: str) -> None:
    with (resource("seeds") / f"{table}.csv").open(newline="") as lines:
        header = next(csv.reader(lines))

    assert header == list(seeds.columns(table))
    assert {type(row) for row in seeds.rows(table)} == {tuple}


@pytest.mark.parametrize("table", seeds.TABLES)
def test_a_seed_says_each_thing_once(table: str) -> None:
    """A second row of a name would count what is joined with it twice."""
    columns = zip(*seeds.rows(table), strict=True)
    for name, cells in zip(seeds.columns(table), columns, strict=True):
        values = [cell for cell in cells if cell is not None]
        if name in NAMES or name == next(iter(seeds.columns(table))):
            assert len(values) == len(set(values)), name


# What is looked up by another name than the first.
NAMES = {"metric", "answered_as", "licence_parameter", "resource_action"}


def test_a_seed_that_lacks_a_word_is_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Types are declared: `maybe` is no boolean."""
    text = (
        "status,is_final,is_failed,is_stopped_by_limit,is_successful\n"
        "failed,maybe,true,false,false\n"
    )
    (tmp_path / "seed_statuses.csv").write_text(text)
    monkeypatch.setattr(seeds, "resource", lambda _: tmp_path)

    with pytest.raises(msgspec.ValidationError, match="bool"):
        seeds.statuses()


def test_every_measure_counts_for_a_meter_that_there_is() -> None:
    meters = {one.meter for one in seeds.meters()}

    assert {one.meter for one in seeds.measures()} - {None} == meters


def test_what_is_metered_can_be_divided() -> None:
    for one in seeds.measures():
        assert (one.metric is None) == (one.divided_by is None), one.measure
        assert one.divided_by in {None, "runs", "seconds"}, one.measure


# Where meters are listed in words: file, words, and what they name of each meter.
LISTS = [
    ("data/examples/chargeback.toml", r"# Prices by meter:[^;]*;", "meter"),
    ("docs/finance-files.md", r"^\| `meter` \| yes \| `.*", "meter"),
    ("docs/exports.md", r"PricingQuantity \|.*", "unit"),
    ("sql/columns.toml", r"^meter = .*", "meter"),
    ("sql/columns.toml", r"^unit = .*", "unit"),
    ("sql/columns.toml", r"^base_quantity = .*", "base_unit"),
]


@pytest.mark.parametrize(("file", "words", "named"), LISTS)
def test_a_list_of_meters_has_them_all(file: str, words: str, named: str) -> None:
    found = re.search(words, (ROOT / file).read_text(encoding="utf-8"), re.MULTILINE)

    assert found
    for meter in seeds.meters():
        word = getattr(meter, named)
        assert re.search(rf"\b{word}", found[0]), f"{file}: {word} in {found[0]!r}"


def test_there_is_a_context_for_those_that_are_not_listed() -> None:
    assert "other" in {one.context for one in seeds.contexts()}


def test_no_final_status_is_spelled_in_python() -> None:
    """But in the sandbox, which is a tenant of its own."""
    spelled = {
        f"{path.relative_to(ROOT)}:{node.lineno}"
        for path in (ROOT / "pipeline").rglob("*.py")
        if "sandbox" not in path.parts
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        if isinstance(node, ast.Constant) and node.value in FINAL
    }

    assert spelled == set()


def test_no_final_status_is_spelled_in_sql() -> None:
    spelled = {
        f"{path.relative_to(ROOT)}: {text}"
        for path in (ROOT / "sql").rglob("*.sql")
        for text in re.findall(r"'([^']*)'", path.read_text(encoding="utf-8"))
        if text in FINAL
    }

    assert spelled == set()


def test_the_glossary_names_the_final_statuses() -> None:
    comments = warehouse.load_comments(resource("sql"))
    said = comments.of("runs", "status") or ""

    assert {status for status in FINAL if status in said} == FINAL
    assert said.endswith("are final.")


@pytest.mark.parametrize(
    ("error", "cause"),
    [
        (
            "401 unauthorized: the token of the data source has expired: …",
            "unauthorized",
        ),
        ("Invalid credentials", "unauthorized"),
        ("403 forbidden", "forbidden"),
        ("User … does not have permission to read space", "forbidden"),
        ("Too many requests to the external service; …", "rate limit"),
        ("429", "rate limit"),
        ("Maximum execution time of 14400 seconds exceeded", "run time"),
        ("Request timed out after …", "timeout"),
        ("cURL error … timeout was reached", "timeout"),
        ("Field … not found in …", "field missing"),
        ("Client error: POST … resulted in a 404 not found response", "not found"),
        ("Storage quota exceeded", "quota"),
        ("Server error: GET … resulted in a 503 service unavailable", "unavailable"),
        ("Internal server error", "unavailable"),
        ("The connection was closed by the remote host", "network"),
        ("Could not resolve host …", "network"),
        ("SSL certificate … expired", "network"),
        ("Client error: POST … resulted in a 400 bad request", "validation"),
        ("Missing required parameter", "validation"),
        ("Something went wrong", "other"),
        (None, "no error"),
    ],
)
def test_an_error_tells_its_cause(error: str | None, cause: str) -> None:
    table = "seed_failure_causes"
    types = ", ".join(f"{name} {kind}" for name, kind in seeds.columns(table).items())
    with warehouse.in_memory() as connection:
        connection.execute(f"create table {table} ({types})")
        connection.executemany(
            f"insert into {table} values (?, ?, ?)", seeds.rows(table)
        )
        found = connection.execute("select cause_of_failure($1)", [error]).fetchone()

    assert found == (cause,)


def test_every_cause_has_words_and_what_mends_it() -> None:
    page = (resource("templates") / "_operations.html").read_text(encoding="utf-8")
    causes = {cause for cause, *_ in seeds.rows("seed_failure_causes")}

    row = re.compile(r'^  "([a-z ]+)": \(_\("[^"]+"\), _\("[^"]+"\)\),$', re.MULTILINE)
    assert set(row.findall(page)) == causes | {"no error", "other"}
