"""The folder of the pages: replaced whole, whatever happens."""

from pathlib import Path

import pytest

from pipeline.report import folder as pages_folder


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
