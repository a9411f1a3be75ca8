"""The documents say what there is: codes, checks, files, pages, links."""

import importlib.util
import re
from html.parser import HTMLParser
from pathlib import Path
from types import ModuleType
from urllib.parse import urlsplit

import pytest

from pipeline import errors
from pipeline.finance import POLICIES
from pipeline.resources import resource

ROOT = Path(__file__).parents[1]
DOCS = ROOT / "docs"
RUNBOOK = (DOCS / "runbook.md").read_text(encoding="utf-8")


def rows(text: str) -> set[str]:
    """The first cells of tables."""
    return set(re.findall(r"^\| `?([\w]+)[`,]? ?", text, flags=re.MULTILINE))


def test_the_runbook_has_every_exit_code() -> None:
    kinds = [one for one in vars(errors).values() if isinstance(one, type)]
    codes = {
        str(one.exit_code) for one in kinds if issubclass(one, errors.PipelineError)
    }

    assert codes | {"0", "130"} <= rows(RUNBOOK)
    assert "130, 143" in RUNBOOK


def test_the_runbook_has_every_check_and_no_other() -> None:
    checks = {path.stem for path in (resource("sql") / "checks").glob("*.sql")}

    named = {one for one in rows(RUNBOOK) if one.startswith(("assert_", "warn_"))}

    assert named == checks


@pytest.mark.parametrize("policy", POLICIES)
def test_every_policy_is_explained(policy: str) -> None:
    files = (DOCS / "finance-files.md").read_text(encoding="utf-8")
    words = (DOCS / "vocabulary.md").read_text(encoding="utf-8")

    assert f"\n| `{policy}` | " in files, "no row in finance-files.md"
    assert re.search(rf"^\| policy \|.*`{policy}`", words, re.MULTILINE), (
        "not in vocabulary.md"
    )


@pytest.mark.parametrize("name", ["security-model.md", "deploy.md", "privacy.md"])
def test_what_a_document_names_is_there(name: str) -> None:
    text = (DOCS / name).read_text(encoding="utf-8")

    paths = re.findall(r"`((?:tests|deploy|docs)/[\w./-]+)`", text)

    assert [path for path in paths if not (ROOT / path).exists()] == []


def test_what_the_runbook_quotes_is_said() -> None:
    """Words of errors, as they stand in the code: what is before the first …"""
    code = "\n".join(
        re.sub(r'"\s*\n\s*f?"', "", path.read_text(encoding="utf-8"))
        for path in (ROOT / "pipeline").rglob("*.py")
    )
    quoted = re.findall(r"^\* (?:\*\*)?[`\"]([a-z][^`\"]+)[`\"]", RUNBOOK, re.MULTILINE)

    assert len(quoted) > 8
    for words in quoted:
        first = words.split("…")[0].strip()
        assert first in code, first


@pytest.fixture(scope="module")
def site() -> ModuleType:
    path = DOCS / "generate" / "site.py"
    spec = importlib.util.spec_from_file_location("docs_site", path)
    assert spec
    assert spec.loader
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


class Links(HTMLParser):
    """The links and ids of a page."""

    def __init__(self) -> None:
        super().__init__()
        self.links: list[str] = []
        self.ids: set[str] = set()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        for name, value in attrs:
            if name in ("href", "src") and value:
                self.links.append(value)
            if name == "id" and value:
                self.ids.add(value)
        assert tag != "script"


def read(page: Path) -> Links:
    links = Links()
    links.feed(page.read_text(encoding="utf-8"))
    return links


def test_the_site_has_every_document_and_no_broken_link(
    site: ModuleType, tmp_path: Path
) -> None:
    site.build(tmp_path)

    documents = {str(path.relative_to(ROOT)) for path in DOCS.glob("*.md")}
    assert documents <= set(site.PAGES)
    for page in tmp_path.glob("*.html"):
        for link in read(page).links:
            if urlsplit(link).scheme:
                continue
            path, _, fragment = link.partition("#")
            target = tmp_path / path if path else page
            assert target.exists(), (page.name, link)
            if fragment:
                assert fragment in read(target).ids, (page.name, link)
