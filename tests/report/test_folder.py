"""The pages of the folder are replaced one by one, whatever happens."""

import os
import shutil
import subprocess
import sys
from datetime import date
from pathlib import Path

import pytest

from pipeline.errors import PipelineError
from pipeline.report import FIRST_PAGES, month_page, statement_page
from pipeline.report import folder as pages_folder

MONTH, GONE = "chargeback-2020-02.html", "chargeback-2020-01.html"


def pages(folder: Path) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in folder.glob("[!.]*")}


def test_a_page_of_another_time_does_not_stay(tmp_path: Path) -> None:
    folder = tmp_path / "reports"
    pages_folder.replace(
        folder, {"index.html": b"old", "chargeback-2020-01.html": b"x"}
    )

    pages_folder.replace(folder, {"index.html": b"new"})

    assert [path.name for path in tmp_path.rglob("*")] == ["reports", "index.html"]
    assert (folder / "index.html").read_text(encoding="utf-8") == "new"


def test_a_run_that_failed_leaves_the_old_pages(tmp_path: Path) -> None:
    folder = tmp_path / "reports"
    pages_folder.replace(folder, {"index.html": b"old"})

    with pytest.raises(FileNotFoundError):
        pages_folder.replace(folder, {"index.html": b"new", "no/folder.html": b"x"})

    assert (folder / "index.html").read_text(encoding="utf-8") == "old"


def test_each_page_is_old_or_new_and_the_first_one_comes_last(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What a reader finds before each rename, and after a kill there."""
    folder = tmp_path / "reports"
    pages_folder.replace(folder, {"index.html": b"old", MONTH: b"old", GONE: b"old"})
    found: list[dict[str, bytes]] = []
    rename = Path.replace

    def recorded(path: Path, target: Path) -> Path:
        found.append(pages(folder))
        return rename(path, target)

    monkeypatch.setattr(Path, "replace", recorded)
    pages_folder.replace(folder, {"index.html": b"new", MONTH: b"new"})

    assert found == [
        {"index.html": b"old", MONTH: b"old", GONE: b"old"},
        {"index.html": b"old", MONTH: b"new", GONE: b"old"},
    ]
    assert pages(folder) == {"index.html": b"new", MONTH: b"new"}


def test_a_kill_between_leaves_what_the_next_run_completes(tmp_path: Path) -> None:
    folder = tmp_path / "reports"
    pages_folder.replace(folder, {"index.html": b"old", MONTH: b"old", GONE: b"old"})
    (folder / f".{MONTH}.partial").write_bytes(b"half")
    (folder / MONTH).write_bytes(b"new")

    pages_folder.replace(folder, {"index.html": b"new", MONTH: b"new"})

    assert {path.name for path in folder.iterdir()} == {"index.html", MONTH}
    assert pages(folder) == {"index.html": b"new", MONTH: b"new"}


@pytest.mark.parametrize("makes", ["the folder", "nothing"])
def test_the_folder_may_be_a_link(tmp_path: Path, makes: str) -> None:
    folder, place = tmp_path / "reports", tmp_path / "www" / "pages"
    place.parent.mkdir()
    if makes == "the folder":
        place.mkdir()
    folder.symlink_to(place)

    for text in (b"old", b"new"):
        pages_folder.replace(folder, {"index.html": text})

    assert folder.is_symlink()
    assert [*place.parent.rglob("*")] == [place, place / "index.html"]
    assert (folder / "index.html").read_bytes() == b"new"


def test_what_is_no_page_is_left_alone(tmp_path: Path) -> None:
    folder = tmp_path / "reports"
    pages_folder.replace(folder, {"index.html": b"old"})
    others = (".htaccess", "notes.html", "statement-2026-10-of-mine.html", "logo.png")
    for name in others:
        (folder / name).write_bytes(b"mine")

    pages_folder.replace(folder, {"index.html": b"new"})

    assert {p.name for p in folder.iterdir()} == {"index.html", *others}


def test_a_folder_in_the_place_of_a_page_changes_no_page(tmp_path: Path) -> None:
    folder = tmp_path / "reports"
    pages_folder.replace(folder, {"index.html": b"old"})
    (folder / MONTH).mkdir()

    with pytest.raises(IsADirectoryError, match=MONTH):
        pages_folder.replace(folder, {"index.html": b"new", MONTH: b"new"})

    assert {path.name for path in folder.iterdir()} == {"index.html", MONTH}
    assert (folder / "index.html").read_bytes() == b"old"


def test_all_pages_are_recognized(tmp_path: Path) -> None:
    """Those that are no longer made would stay otherwise."""
    statement = {"tenant": "acme", "month": date(2026, 1, 1), "cost_center": "Söß 1"}
    foreign = {**statement, "cost_center": "営業"}
    names = [
        *FIRST_PAGES,
        month_page(date(2026, 1, 1)),
        statement_page(statement),
        statement_page(foreign),
    ]
    folder = tmp_path / "reports"
    pages_folder.replace(folder, dict.fromkeys(names, b"old"))

    pages_folder.replace(folder, {"index.html": b"new"})

    assert pages(folder) == {"index.html": b"new"}


@pytest.mark.parametrize("killed_at", ["writing", "between the renames", "the end"])
def test_pages_survive_a_kill(tmp_path: Path, killed_at: str) -> None:
    """What a kill at each step leaves behind, and the next run makes of it."""
    folder = tmp_path / "reports"
    left = {
        "writing": {"reports": "old", ".reports.partial": "half"},
        "between the renames": {".reports.old": "old", ".reports.partial": "new"},
        "the end": {"reports": "new", ".reports.old": "old"},
    }
    for name, content in left[killed_at].items():
        (tmp_path / name).mkdir()
        (tmp_path / name / "index.html").write_text(content, encoding="utf-8")

    pages_folder.replace(folder, {"index.html": b"newest"})

    assert (folder / "index.html").read_text(encoding="utf-8") == "newest"
    assert [path.name for path in tmp_path.iterdir()] == ["reports"]


# Root may write anywhere, unless it gives that up.
LIKE_OTHERS = ["setpriv", "--bounding-set=-dac_override,-dac_read_search,-fowner"]


@pytest.mark.skipif(
    os.geteuid() == 0 and not shutil.which("setpriv"), reason="root may write anywhere"
)
def test_a_folder_that_somebody_made_read_only_is_replaced(tmp_path: Path) -> None:
    folder = tmp_path / "reports"
    pages_folder.replace(folder, {"index.html": b"old"})
    (folder / "index.html").chmod(0o444)
    folder.chmod(0o555)
    code = (
        "from pathlib import Path; from pipeline.report import folder;"
        f"folder.replace(Path({str(folder)!r}), {{'index.html': b'new'}})"
    )

    command = [*(LIKE_OTHERS if os.geteuid() == 0 else []), sys.executable, "-c", code]
    result = subprocess.run(command, capture_output=True, text=True, check=False)

    assert (result.returncode, result.stderr) == (0, "")
    assert (folder / "index.html").read_bytes() == b"new"
    assert [path.name for path in tmp_path.iterdir()] == ["reports"]


def test_what_cannot_be_removed_is_named(tmp_path: Path) -> None:
    folder = tmp_path / "reports"
    (tmp_path / ".reports.old").write_bytes(b"no folder")

    with pytest.raises(
        PipelineError, match=r"\.reports\.old: cannot be removed: Not a"
    ):
        pages_folder.replace(folder, {"index.html": b"new"})
