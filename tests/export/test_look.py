"""A workbook with a company's logo and accent, as PDF and pages have them."""

import base64
import io
from datetime import date
from pathlib import Path
from zipfile import ZipFile

import pytest
from openpyxl import load_workbook

from pipeline import export, warehouse
from pipeline.config import Logo, Look
from worlds.export import Folder, make_folder

# A pixel.
PNG = base64.b64decode(
    "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAIAAACQd1PeAAAADElEQVR4nGNgYGAAAAAEAAH2FzhV"
    "AAAAAElFTkSuQmCC"
)


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Folder:
    return make_folder(tmp_path_factory.mktemp("look"), hostile=False)


@pytest.mark.parametrize(
    ("kind", "content", "shown"),
    [
        ("png", PNG, 1),
        ("svg+xml", PNG, 0),
        ("png", PNG[:20], 0),
        ("jpeg", b"\xff\xd8\xff", 0),
    ],
)
def test_the_first_sheet_has_the_logo_and_the_accent(
    folder: Folder, kind: str, content: bytes, shown: int
) -> None:
    """No workbook shows an SVG, or what is no picture: then there is none."""
    look = Look(Logo(Path("logo"), f"image/{kind}", content), "#7a1fa2")
    selection = export.Selection(date(2026, 10, 1), "xlsx", look=look)
    with warehouse.read(folder.warehouse) as connection:
        (made,) = export.contents(connection, selection).values()

    with ZipFile(io.BytesIO(made)) as parts:
        pictures = [n for n in parts.namelist() if n.startswith("xl/media/")]
        assert [parts.read(name) for name in pictures] == [content] * shown
    sheet = load_workbook(io.BytesIO(made))["Summary"]
    (amount,) = (row[0] for row in sheet.iter_rows(max_row=5) if row[0].font.sz == 22)
    assert amount.font.color.rgb == "FF7A1FA2"
