"""What the README and the pages of docs show is what the code has."""

import re
import shlex
from collections.abc import Iterator
from pathlib import Path
from typing import Any, get_args

import duckdb
import msgspec
import pytest

from pipeline import errors
from pipeline.cli.commands import cli
from pipeline.config.keys import File
from pipeline.report import FIRST_PAGES
from worlds.report import make_warehouse

ROOT = Path(__file__).parents[1]
README = ROOT / "README.md"
# The changelog tells of what is no more, too.
PAGES = sorted({*ROOT.glob("*.md"), *ROOT.glob("docs/*.md")} - {ROOT / "CHANGELOG.md"})
COMMANDS = cli.commands
# What stands for a value, and one that a command takes.
PLACEHOLDERS = {
    "MONTH": "2026-10",
    "DATE": "2026-10-01",
    "FORM": "csv",
    "[DIR]": "folder",
}


def shown(page: Path) -> list[str]:
    """The code on a page: what stands in backticks, and the lines of its sh blocks."""
    text = page.read_text(encoding="utf-8")
    blocks = re.findall(r"```sh\n(.*?)```", text, re.DOTALL)
    lines = [line for block in blocks for line in block.splitlines()]
    prose = re.sub(r"```.*?```", "", text, flags=re.DOTALL)
    return lines + re.findall(r"`([^`\n]+)`", prose)


def calls(program: str) -> list[Any]:
    """What the pages show of *program*: the words after it, as a shell splits them."""
    found = {
        (page.name, *shlex.split(code, comments=True)[1:])
        for page in PAGES
        for code in shown(page)
        if code.startswith(f"{program} ")
    }
    return [
        pytest.param(words, id=f"{page}: {' '.join(words)}")
        for page, *words in sorted(found)
    ]


def table(head: str, page: Path = README) -> list[str]:
    """The code in the first cells of the table whose head begins with *head*."""
    found = re.search(
        rf"^\| {head} \|.*\n\|[-| ]*\n((?:\|.*\n)+)",
        page.read_text(encoding="utf-8"),
        re.MULTILINE,
    )
    assert found, f"{page.name} has no table of {head}"
    cells = [line.split(" | ")[0] for line in found[1].splitlines()]
    return [code for cell in cells for code in re.findall(r"`([^`]+)`", cell)]


@pytest.mark.parametrize("call", calls("chargeback"))
def test_a_command_that_is_shown_is_understood(call: list[str]) -> None:
    name, *words = [PLACEHOLDERS.get(word, word) for word in call]
    if name != "COMMAND" and name[0] != "-":
        assert name in COMMANDS
        if words:
            COMMANDS[name].make_context(name, words).close()


def test_an_option_that_is_named_alone_is_a_commands() -> None:
    named = {code.split()[0] for code in shown(README) if code.startswith("--")}
    options = [option for command in COMMANDS.values() for option in command.params]

    assert named
    assert named <= {name for option in options for name in option.opts}


def test_the_readme_lists_every_command_and_no_other() -> None:
    names = [code.removeprefix("chargeback ").split()[0] for code in table("command")]

    assert sorted(names) == sorted(COMMANDS)


def keys(struct: type[msgspec.Struct], prefix: str = "") -> Iterator[str]:
    """Every key of the configuration, with its section."""
    for field in msgspec.structs.fields(struct):
        name = f"{prefix}{field.encode_name}"
        sections = [one for one in parts(field.type) if is_section(one)]
        for section in sections:
            yield from keys(section, f"{name}.")
        if not sections:
            yield name


def parts(kind: Any) -> Iterator[Any]:
    """A type and all that it is made of: `list[Section] | None` has a section in it."""
    yield kind
    for part in get_args(kind):
        yield from parts(part)


def is_section(kind: Any) -> bool:
    return isinstance(kind, type) and issubclass(kind, msgspec.Struct)


def test_the_readme_lists_every_key_of_the_configuration_and_no_other() -> None:
    assert sorted(table("key")) == sorted(keys(File))


def test_every_exit_code_is_in_the_readme() -> None:
    found = re.findall(
        r"^\| (\d+) \|", README.read_text(encoding="utf-8"), re.MULTILINE
    )
    raised = [
        one.exit_code
        for one in vars(errors).values()
        if isinstance(one, type) and issubclass(one, errors.PipelineError)
    ]

    assert [int(code) for code in found] == sorted({0, *raised, 130})


@pytest.mark.parametrize("call", calls("make"))
def test_a_target_that_is_shown_is_one_of_the_makefile(call: list[str]) -> None:
    makefile = (ROOT / "Makefile").read_text(encoding="utf-8")

    assert set(call) <= set(re.findall(r"^([a-z-]+):.*## ", makefile, re.MULTILINE))


@pytest.fixture(scope="module")
def database(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return make_warehouse(tmp_path_factory.mktemp("warehouse"))


@pytest.mark.parametrize(
    "sql",
    [
        pytest.param(sql, id=f"{page.name}: {sql.splitlines()[0]}")
        for page in PAGES
        for sql in re.findall(r"```sql\n(.*?)```", page.read_text(), re.DOTALL)
    ],
)
def test_a_query_that_is_shown_runs_in_any_duckdb(database: Path, sql: str) -> None:
    """Without the search path that `chargeback query` sets."""
    with duckdb.connect(database, read_only=True) as connection:
        assert connection.execute(sql).description


def test_a_mart_that_is_named_is_there(database: Path) -> None:
    named = {code for page in PAGES for code in shown(page)}
    marts = {code for code in named if re.fullmatch(r"marts\.\w+", code)}

    with duckdb.connect(database, read_only=True) as connection:
        for mart in marts:
            connection.execute(f"describe {mart}")
    assert marts


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_a_link_leads_to_a_file(page: Path) -> None:
    links = re.findall(r"\]\((?!https?:)([^)#]+)", page.read_text(encoding="utf-8"))

    assert [link for link in links if not (page.parent / link).exists()] == []


def test_the_readme_lists_every_page_that_is_of_no_month() -> None:
    missing = set(FIRST_PAGES) - set(table("page"))

    assert not missing, "they have no row in the README's table of pages"


# With an ellipsis or angle brackets a path stands for many.
PATH = re.compile(
    r"(?:pipeline|sql|tests|docs|bench|reports|data/(?:seeds|examples))/[\w./-]*"
)


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_a_path_that_is_named_is_there(page: Path) -> None:
    named = [code for code in shown(page) if PATH.fullmatch(code)]

    assert [path for path in named if not (ROOT / path).exists()] == []
