"""Templates are compiled once, and are then found beside their text."""

from pathlib import Path

import pytest

from pipeline.formats import templates
from pipeline.formats.language import ENGLISH


@pytest.fixture(name="folder")
def fixture_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A template, and a Python that keeps what it compiles."""
    monkeypatch.setattr("sys.dont_write_bytecode", False)
    monkeypatch.setattr("sys.pycache_prefix", None)
    (tmp_path / "page.html").write_text("<p>{{ name }}</p>", encoding="utf-8")
    return tmp_path


def shown(folder: Path) -> tuple[str, int]:
    """The page as another process makes it, and how often a text is compiled."""
    templates.compiled.cache_clear()
    made = templates.environment(folder, ENGLISH)
    compiled: list[str] = []
    compile_ = made.compile

    def counted(source: str, *how: object, **more: object) -> object:
        compiled.append(source)
        return compile_(source, *how, **more)  # type: ignore[call-overload]

    made.compile = counted  # type: ignore[method-assign,assignment]
    return made.get_template("page.html").render(name="<b>"), len(compiled)


def test_a_template_is_compiled_once(folder: Path) -> None:
    assert shown(folder) == ("<p>&lt;b&gt;</p>", 1)
    assert shown(folder) == ("<p>&lt;b&gt;</p>", 0)


def test_another_text_is_compiled_again(folder: Path) -> None:
    shown(folder)
    (folder / "page.html").write_text("<i>{{ name }}</i>", encoding="utf-8")

    assert shown(folder) == ("<i>&lt;b&gt;</i>", 1)


@pytest.mark.parametrize("damage", [b"", b"nonsense", b"j2\x80\x04garbage"])
def test_what_is_damaged_is_compiled_again(folder: Path, damage: bytes) -> None:
    shown(folder)
    (kept,) = (folder / "__pycache__").iterdir()
    kept.write_bytes(damage)

    assert shown(folder) == ("<p>&lt;b&gt;</p>", 1)
    assert shown(folder) == ("<p>&lt;b&gt;</p>", 0)


def test_one_wrong_bit_is_seen(folder: Path) -> None:
    shown(folder)
    (kept,) = (folder / "__pycache__").iterdir()
    good = kept.read_bytes()
    for place in range(0, len(good), 37):
        bad = bytearray(good)
        bad[place] ^= 1
        kept.write_bytes(bad)
        assert shown(folder) == ("<p>&lt;b&gt;</p>", 1)


def test_what_is_cut_off_is_compiled_again(folder: Path) -> None:
    shown(folder)
    (kept,) = (folder / "__pycache__").iterdir()
    for size in range(0, kept.stat().st_size, 16):
        kept.write_bytes(kept.read_bytes()[:size])
        assert shown(folder)[0] == "<p>&lt;b&gt;</p>"


def test_where_nothing_may_be_kept_pages_are_made(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (folder / "__pycache__").write_bytes(b"no folder")
    assert shown(folder) == ("<p>&lt;b&gt;</p>", 1)

    (folder / "__pycache__").unlink()
    monkeypatch.setattr("sys.dont_write_bytecode", True)
    assert shown(folder) == ("<p>&lt;b&gt;</p>", 1)
    assert not (folder / "__pycache__").exists()


def test_plain_and_escaped_templates_are_apart(folder: Path) -> None:
    shown(folder)
    templates.compiled.cache_clear()
    plain = templates.environment(folder, ENGLISH, escaped=False)

    assert plain.get_template("page.html").render(name="<b>") == "<p><b></p>"
