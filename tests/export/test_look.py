"""A workbook with a company's logo and accent, as PDF and pages have them."""

import base64
import io
import struct
from datetime import date
from pathlib import Path
from zipfile import ZipFile
from zlib import crc32

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


# Width and height of the pixels of a PNG, and how many there are to a metre.
_SHAPES = [(1, 1, 0), (300, 40, 3780), (300, 40, 11811), (80, 300, 2835)]


def picture_of(width: int, height: int, density: int) -> bytes:
    """A PNG as far as a workbook reads it."""
    parts = {
        b"IHDR": struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0),
        b"pHYs": struct.pack(">IIB", density, density, 1),
        b"IEND": b"",
    }
    chunks = [
        struct.pack(">I", len(data))
        + kind
        + data
        + struct.pack(">I", crc32(kind + data))
        for kind, data in parts.items()
    ]
    return b"\x89PNG\r\n\x1a\n" + b"".join(chunks)


@pytest.mark.parametrize("shape", _SHAPES)
def test_the_logo_ends_where_the_last_column_does(
    folder: Folder, shape: tuple[int, int, int]
) -> None:
    look = Look(Logo(Path("logo"), "image/png", picture_of(*shape)), "#7a1fa2")
    selection = export.Selection(date(2026, 10, 1), "xlsx", look=look)
    with warehouse.read(folder.warehouse) as connection:
        (made,) = export.contents(connection, selection).values()

    with ZipFile(io.BytesIO(made)) as parts:
        drawing = parts.read("xl/drawings/drawing1.xml").decode()
    end = drawing.partition("<xdr:to>")[2]
    column, offset = (
        int(end.partition(f"<xdr:{name}>")[2].partition("<")[0])
        for name in ("col", "colOff")
    )
    # In units of 9525 to a pixel: the end of a column is the begin of the next one.
    last = 110 * 9525
    assert (column, offset) == (7, 0) or (column == 6 and last - offset <= 9525)
