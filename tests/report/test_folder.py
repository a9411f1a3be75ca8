"""The folder of the pages: replaced whole, whatever happens."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from pipeline.errors import PipelineError
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
