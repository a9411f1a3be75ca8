"""What is made of a month's files for one cost centre is what an export gives it."""

import io
from pathlib import Path

import polars as pl
import pytest

from pipeline import warehouse
from pipeline.closing.derived import NUMBERS, derived, form_of, numbers_in
from pipeline.export import Selection, contents
from worlds.export import OCTOBER, Folder, make_folder

pytestmark = pytest.mark.slow

CENTERS = ["CC-300 Ops", '=CC-200 "Sales", EMEA', "Unallocated"]


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Folder:
    """A closed month with names that look like formulas, break lines, and are long."""
    return make_folder(tmp_path_factory.mktemp("closed"), closed=True)


@pytest.mark.parametrize("form", NUMBERS)
def test_rows_of_a_cost_centre_are_its_export_to_the_byte(
    folder: Folder, form: str
) -> None:
    with warehouse.read(folder.warehouse) as connection:
        whole = contents(connection, Selection(OCTOBER, form))
        for center in CENTERS:
            own = contents(connection, Selection(OCTOBER, form, center))
            rows = connection.execute(
                "select statement_number from statement where month = $1"
                " and cost_center = $2",
                [OCTOBER, center],
            ).fetchall()
            numbers = {number for (number,) in rows}

            made = derived(whole, form, OCTOBER, center, numbers)

            assert made.keys() == own.keys()
            for name, content in made.items():
                if not name.endswith(".parquet"):
                    assert content == own[name], name
                else:
                    first, second = (
                        pl.read_parquet(io.BytesIO(one)) for one in (content, own[name])
                    )
                    assert first.equals(second), name
            (main,) = [name for name in made if name.endswith(("Usage.csv", "nal.csv"))]
            assert form_of(made[main]) == form
            assert numbers_in(made[main], 10**6) == numbers


@pytest.mark.parametrize(
    "content",
    [b"", b"PAR1", b"PAR1" + bytes(99) + b"PAR1", b"document_number\r\n\x00\xff", b'"'],
)
def test_what_is_broken_names_no_document(content: bytes) -> None:
    assert not {one for one in numbers_in(content, 10) if one.startswith("acme")}


def test_a_parquet_file_of_more_rows_than_were_issued_is_not_read(
    tmp_path: Path,
) -> None:
    rows = pl.DataFrame({NUMBERS["focus"]: ["acme-2026-01-001"] * 11})
    rows.write_parquet(tmp_path / "x.parquet")
    content = (tmp_path / "x.parquet").read_bytes()

    assert numbers_in(content, 10) == set()
    assert numbers_in(content, 11) == {"acme-2026-01-001"}
