"""Bars are for a person at a terminal, and leave it as tidy as they found it."""

import fcntl
import json
import os
import re
import struct
import subprocess
import sys
import termios
from dataclasses import dataclass
from functools import cache

import pytest

from tools.commands import unlabelled

pytestmark = pytest.mark.slow

# Two tenants at work in threads of their own, with log lines from both between.
SCRIPT = """
import logging, sys, threading, time
from pipeline.cli import logs
from pipeline.extract import progress
from pipeline.extract.progress import Outcome
from pipeline.monitor import Listing

quiet, form, ends = sys.argv[1] == "quiet", sys.argv[2], sys.argv[3]
logs.start(quiet=quiet, form=form)

def read(task, name):
    for source, total in (("usage", None), ("runs", 12)):
        task.begin(source, total)
        for n in range(12):
            task.request()
            task.advance(rows=200)
            logging.getLogger("pipeline.x").info(f"{name}: {source} {n} of many")
            time.sleep(0.01)

with progress.start(quiet=quiet, form=form) as shown:
    names = ("acme", "umbrella")
    jobs = [
        threading.Thread(target=read, args=(shown.tenant(name), name))
        for name in names
    ]
    [job.start() for job in jobs]
    [job.join() for job in jobs]
    if ends == "fails":
        raise SystemExit("it failed")
shown.summary([
    Outcome("acme", Listing("usage", 1234, 56789, 5, 3, 1, 12.34)),
    Outcome("umbrella", Listing("runs", 7, 8, 8, 0, 0, 0.5)),
])
logging.getLogger("pipeline.x").info("after")
"""
SEQUENCE = re.compile(r"\x1b\[(\??[\d;]*)([A-Za-z])|(\r\n|\r|\n)|([^\x1b\r\n]+)")


@dataclass
class Ended:
    """What a process wrote to standard error, and how it ended."""

    code: int
    written: str


@cache
def on_terminal(*args: str, columns: int = 110, term: str = "xterm") -> Ended:
    ours, theirs = os.openpty()
    fcntl.ioctl(theirs, termios.TIOCSWINSZ, struct.pack("HHHH", 200, columns, 0, 0))
    env = {k: v for k, v in os.environ.items() if k not in {"COLUMNS", "LINES"}}
    process = subprocess.Popen(
        [sys.executable, "-c", SCRIPT, *args],
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        stderr=theirs,
        env={**env, "TERM": term},
    )
    os.close(theirs)
    chunks: list[bytes] = []
    while chunk := _read(ours):
        chunks.append(chunk)
    os.close(ours)
    return Ended(process.wait(), b"".join(chunks).decode())


def _read(descriptor: int) -> bytes:
    try:
        return os.read(descriptor, 65536)
    except OSError:  # EIO: the other end is closed
        return b""


def in_file(*args: str) -> Ended:
    result = subprocess.run(
        [sys.executable, "-c", SCRIPT, *args],
        capture_output=True,
        text=True,
        check=False,
    )
    assert result.stdout == ""
    return Ended(result.returncode, unlabelled(result.stderr))


def screen(written: str) -> list[str]:
    """What a terminal holds in the end: a cursor, lines, and what erases them."""
    lines, row, column = [""], 0, 0
    for match in SEQUENCE.finditer(written):
        numbers, command, end, text = match.groups()
        if end:
            column = 0
            row += "\n" in end
            lines += [""] * (row + 1 - len(lines))
        elif command == "A":
            row -= int(numbers or 1)
        elif (command, numbers) == ("K", "2"):
            lines[row] = ""
        elif text:
            line = lines[row].ljust(column)
            lines[row] = line[:column] + text + line[column + len(text) :]
            column += len(text)
        else:
            assert command == "m" or numbers == "?25", match
    return [unlabelled(line).rstrip() for line in lines]


EXPECTED_LINES = sorted(
    f"{name}: {source} {n} of many"
    for name in ("acme", "umbrella")
    for source in ("usage", "runs")
    for n in range(12)
)


def test_a_terminal_shows_a_bar_a_tenant() -> None:
    shown = on_terminal("loud", "text", "ends").written

    plain = re.sub(r"\x1b\[\??[\d;]*[A-Za-z]", "", shown)
    for name in ("acme", "umbrella"):
        assert re.search(
            rf"{name} +runs +[━╸╺ ]+ +\d+/12 +\d+ requests +[\d,]+/min +[\d,]+ rows",
            plain,
        )
        assert re.search(rf"{name} +usage +[━╸╺ ]+ +\d+/\? ", plain)


def test_nothing_of_the_bars_is_left_and_no_line_is_torn() -> None:
    ended = on_terminal("loud", "text", "ends")

    left = [line for line in screen(ended.written) if line]
    assert ended.code == 0
    assert sorted(left[:48]) == EXPECTED_LINES
    assert [line.split() for line in left[48:]] == [
        ["tenant", "listing", "asked", "read", "new", "changed", "retried", "seconds"],
        ["─" * len(left[49].strip())],
        ["acme", "usage", "1,234", "56,789", "5", "3", "1", "12.3"],
        ["umbrella", "runs", "7", "8", "8", "0", "0", "0.5"],
        ["after"],
    ]
    assert ended.written.rindex("\x1b[?25h") > ended.written.rindex("\x1b[?25l")


def test_a_failure_leaves_the_terminal_tidy_too() -> None:
    ended = on_terminal("loud", "text", "fails")

    left = [line for line in screen(ended.written) if line]
    assert ended.code == 1
    assert sorted(left[:-1]) == EXPECTED_LINES
    assert left[-1] == "it failed"
    assert ended.written.rindex("\x1b[?25h") > ended.written.rindex("\x1b[?25l")


@pytest.mark.parametrize("columns", [40, 80])
def test_a_narrow_terminal_has_one_line_a_bar(columns: int) -> None:
    ended = on_terminal("loud", "text", "fails", columns=columns)

    assert sorted(line for line in screen(ended.written) if line) == sorted(
        [*EXPECTED_LINES, "it failed"]
    )


def test_a_narrow_terminal_has_the_whole_table() -> None:
    """What does not fit goes on in the terminal's next line; nothing is cut."""
    ended = on_terminal("loud", "text", "ends", columns=40)

    left = [line.split() for line in screen(ended.written) if line]
    assert left[50:52] == [
        ["acme", "usage", "1,234", "56,789", "5", "3", "1", "12.3"],
        ["umbrella", "runs", "7", "8", "8", "0", "0", "0.5"],
    ]


def test_a_file_gets_log_lines_and_an_aligned_table() -> None:
    lines = in_file("loud", "text", "ends").written.splitlines()

    assert sorted(lines[:48]) == EXPECTED_LINES
    assert lines[48:] == [
        "tenant    listing  asked    read  new  changed  retried  seconds",
        "acme      usage    1,234  56,789    5        3        1     12.3",
        "umbrella  runs         7       8    8        0        0      0.5",
        "after",
    ]


def test_json_is_lines_on_a_terminal_too() -> None:
    for ended in (in_file("loud", "json", "ends"), on_terminal("loud", "json", "ends")):
        lines = [json.loads(line) for line in ended.written.splitlines()]

        assert len(lines) == 48 + 2
        assert {"time", "level", "logger", "message"} <= set(lines[-2])
        assert lines[-2]["outcomes"][0] == {
            "tenant": "acme",
            "source": "usage",
            "requests": 1234,
            "rows": 56789,
            "new": 5,
            "changed": 3,
            "retried": 1,
            "seconds": 12.34,
        }


@pytest.mark.parametrize("form", ["text", "json"])
def test_quiet_is_silent(form: str) -> None:
    assert in_file("quiet", form, "ends").written == ""
    assert on_terminal("quiet", form, "ends").written == ""


def test_a_terminal_that_cannot_move_its_cursor_gets_lines() -> None:
    written = on_terminal("loud", "text", "ends", term="dumb").written

    assert "\x1b" not in written
    assert sorted(unlabelled(written).splitlines()[:48]) == EXPECTED_LINES
