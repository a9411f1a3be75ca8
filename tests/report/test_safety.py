"""Pages: nothing that a person typed is trusted, and nothing is asked for."""

from pathlib import Path

import pytest

from pipeline.report import FIRST_PAGES
from tools.report_pages import elements, render
from worlds.report import HOSTILE, make_warehouse


@pytest.fixture(scope="module")
def harmless(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("harmless")
    return render(make_warehouse(folder), folder / "pages")


@pytest.fixture(scope="module")
def hostile(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("hostile")
    return render(make_warehouse(folder, names=(HOSTILE,)), folder / "pages")


@pytest.mark.parametrize("name", ["chargeback-2026-10.html", *FIRST_PAGES])
def test_hostile_names_make_no_element(
    hostile: Path, harmless: Path, name: str
) -> None:
    """The hostile page has just the tags and attributes of a harmless one."""
    kinds = {(tag, key) for tag, attrs in elements(harmless / name) for key in attrs}
    kinds |= {(tag, "") for tag, _ in elements(harmless / name)}
    for tag, attrs in elements(hostile / name):
        assert {(tag, ""), *((tag, key) for key in attrs)} <= kinds


def test_a_hostile_cost_centre_makes_no_element(hostile: Path, harmless: Path) -> None:
    kinds = [
        {
            (tag, key)
            for page in folder.glob("statement-2026-10-*.html")
            for tag, attrs in elements(page)
            for key in ("", *attrs)
        }
        for folder in (hostile, harmless)
    ]

    assert kinds[0] == kinds[1]


def test_hostile_names_are_shown_as_they_are(hostile: Path) -> None:
    page = (hostile / "chargeback-2026-10.html").read_text(encoding="utf-8")

    assert "&lt;script&gt;alert(1)&lt;/script&gt;" in page
    assert "{{7*7}} {% raw %}" in page
    assert "&lt;b&gt;bold&lt;/b&gt; &amp; &lt;a href=" in page
    assert "=HYPERLINK(&#34;http://example.com&#34;" in page
    # The long one has room in its cell, but not for all of it.
    assert "a" * 199 + "…" in page
    assert "a" * 200 not in page


def test_no_page_asks_for_anything(hostile: Path) -> None:
    """No address but those of pages beside, and a policy that would not allow any."""
    for page in hostile.iterdir():
        for tag, attrs in elements(page):
            assert "src" not in attrs
            assert tag not in {"link", "iframe", "object", "embed", "base", "form"}
            target = (attrs.get("href") or "").partition("#")[0]
            assert (hostile / (target or page.name)).is_file()
        policy = next(
            attrs["content"] or ""
            for tag, attrs in elements(page)
            if attrs.get("http-equiv") == "Content-Security-Policy"
        )
        assert policy.startswith("default-src 'none'; ")
        assert "unsafe" not in policy
        is_drawn = any("data-figure" in attrs for _, attrs in elements(page))
        has_foot = "-2026-" in page.name  # in print
        scripts = 3 if is_drawn else 2 if page.name == "search.html" else 1
        assert policy.count("'sha256-") == 2 + scripts + has_foot
