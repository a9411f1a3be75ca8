"""Log lines: nothing in them moves a cursor, hides other text or passes for a line."""

import json
import logging
from collections.abc import Iterator

import pytest

from pipeline.cli import logs
from pipeline.formats.terminal import shown
from pipeline.monitor import labelled

ODD = {
    "escape": "a\x1b[2Jb",
    "bell": "a\x07b",
    "csi": "a\x9b31mb",
    "return": "a\rerror: nothing",
    "backspace": "a\x08\x08b",
    "override": "a\N{RIGHT-TO-LEFT OVERRIDE}b",
    "separator": "a\N{LINE SEPARATOR}b",
    "title": "a\x1b]0;owned\x07b",
    "half": "a\ud83db",
}


@pytest.fixture(autouse=True)
def apart(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """What these tests start ends with them."""
    level = logging.root.level
    monkeypatch.setattr(logging.root, "handlers", [])
    yield
    logging.root.setLevel(level)


@pytest.mark.parametrize("form", ["text", "json"])
@pytest.mark.parametrize("odd", ODD)
def test_no_line_of_a_log_has_what_a_terminal_obeys(
    capsys: pytest.CaptureFixture[str], odd: str, form: str
) -> None:
    logs.start(quiet=False, form=form)
    trace = ValueError(ODD[odd])
    logging.getLogger("pipeline").error("run %s\nremedy", ODD[odd], exc_info=trace)

    printed = capsys.readouterr().err
    assert all(sign.isprintable() or sign in "\n\ufffd" for sign in printed)
    if form == "json":
        assert json.loads(printed)["message"] == f"run {ODD[odd]}\nremedy"


def test_names_and_figures_stay_as_they_are() -> None:
    """Figures of some locales hold spaces that do not break."""
    text = "Zürich \N{MONEY BAG}: 4\u202f096\u00a0€\nnext"

    assert shown(text) == text


@pytest.mark.parametrize("form", ["text", "json"])
def test_a_line_is_cut_where_it_quotes_very_much(
    capsys: pytest.CaptureFixture[str], form: str
) -> None:
    logs.start(quiet=False, form=form)

    logging.getLogger("pipeline").error("field %s\nremedy", "x" * 70_000)

    printed = capsys.readouterr().err
    assert len(printed) < 2300
    assert "remedy" in printed


def test_quiet_shows_warnings_with_an_error_and_those_that_nobody_else_tells(
    capsys: pytest.CaptureFixture[str],
) -> None:
    logs.start(quiet=True, form="text")

    logging.getLogger("pipeline.build.checks").info("checked")
    with labelled(tenant="acme"):
        logging.getLogger("pipeline.extract").warning("one is odd")
    logging.getLogger("pipeline.monitor.ping").warning("no answer")
    logging.getLogger().handlers[0].flush()  # as Python does at the end of a process
    well = capsys.readouterr().err
    logging.getLogger("pipeline.cli.entry").error("it failed")
    failed = capsys.readouterr().err.splitlines()

    assert [well.rpartition("warning: ")[2], well.count("\n")] == ["no answer\n", 1]
    assert [line.partition("Z ")[2] for line in failed] == [
        "acme warning: one is odd",
        "error: it failed",
    ]


def test_a_closing_shows_no_line_of_each_model(
    capsys: pytest.CaptureFixture[str],
) -> None:
    logs.start(quiet=False, form="text")
    models = logging.getLogger("pipeline.warehouse.runner")

    models.info("[ 1/119] built")
    with labelled(stage="close"):
        models.info("[ 2/119] built")
        models.warning("odd")

    printed = capsys.readouterr().err
    assert "1/119" in printed
    assert "2/119" not in printed
    assert "odd" in printed
