"""Commands, as processes or in this one, in a folder with a configuration."""

import logging
import os
import re
import subprocess
import sys
from collections.abc import Mapping
from contextlib import redirect_stderr, redirect_stdout
from dataclasses import dataclass
from datetime import UTC, datetime
from io import StringIO
from pathlib import Path

import pytest

from pipeline.cli import clock, main
from pipeline.sandbox import SandboxServer

KEY = "key-of-the-sandbox"
AS_OF = "2026-03-03"

# A command on another day than this one, at two o'clock.
_AT = """
import sys
from datetime import UTC, datetime
from pipeline.cli import clock, main
now = datetime.fromisoformat(sys.argv.pop(1)).replace(tzinfo=UTC)
clock.now = lambda: now
main()
"""


def call(
    *args: str, folder: Path, env: Mapping[str, str], today: str = ""
) -> subprocess.CompletedProcess[str]:
    """Run a command in this process: it starts at once, and nothing is imported anew.

    For what a command does. How it starts, ends and is interrupted is a process's. Its
    clock shows two o'clock of *today*, or another hour if that has one (`T09`).
    """
    printed, told = StringIO(), StringIO()
    level = logging.root.level
    with (
        pytest.MonkeyPatch.context() as patch,
        redirect_stdout(printed),
        redirect_stderr(told),
    ):
        patch.chdir(folder)
        patch.setattr(sys, "argv", ["chargeback", *args])
        patch.setattr(logging.root, "handlers", [])
        for name, value in env.items():
            patch.setenv(name, value)
        if today:
            moment = today if "T" in today else f"{today}T02"
            now = datetime.fromisoformat(moment).replace(tzinfo=UTC)
            patch.setattr(clock, "now", lambda: now)
        code = _exit_code()
    logging.root.setLevel(level)
    said = unlabelled(told.getvalue())
    return subprocess.CompletedProcess(args, code, printed.getvalue(), said)


# Lines that every run has: how long a stage took, and how the run ended.
_OF_EVERY_RUN = re.compile(
    r"^\S+Z .*info: (\w+: (ok|error|interrupted), [\d.,]+ s|\w+ \S+: exit .*)\n",
    re.MULTILINE,
)

# Time, run and tenant of a line, and the level of one that is no news; or, of a second
# line, all that is before its indent.
_LABELS = re.compile(
    r"^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ( \d{8}T\d{6}Z-[0-9a-f]{6})?( [\w-]+)?"
    r" (info: (  )?|(?=(warning|error): \S)|(warning|error):   )",
    re.MULTILINE,
)
_TIME = re.compile(r"^\d\d:\d\d:\d\dZ ", re.MULTILINE)


def unlabelled(lines: str) -> str:
    """Log *lines* without what all have, as they were said; JSON as it is."""
    return _TIME.sub("", _LABELS.sub("", _OF_EVERY_RUN.sub("", lines)))


def _exit_code() -> int:
    with pytest.raises(SystemExit) as ended:
        main()
    assert isinstance(ended.value.code, int)
    return ended.value.code


@dataclass
class Folder:
    """A working folder with a configuration of a sandbox tenant.

    The clock of a command shows *today*, and AS_OF where that is an argument.
    """

    path: Path
    server: SandboxServer
    today: str = ""

    def chargeback(
        self, *args: str, key: str = KEY, **env: str
    ) -> subprocess.CompletedProcess[str]:
        """What a command says, in this process."""
        env = {"SANDBOX_KEY": key, **env}
        return call(*args, folder=self.path, env=env, today=self._today(args))

    def process(
        self, *args: str, key: str = KEY, **env: str
    ) -> subprocess.CompletedProcess[str]:
        """What a command says, as a process of its own."""
        night = self.start(*args, key=key, **env)
        printed, told = night.communicate()
        code = night.returncode
        return subprocess.CompletedProcess(args, code, printed, unlabelled(told))

    def start(self, *args: str, key: str = KEY, **env: str) -> subprocess.Popen[str]:
        today = self._today(args)
        start = ["-c", _AT, f"{today}T02:00"] if today else ["-m", "pipeline"]
        return subprocess.Popen(
            [sys.executable, *start, *args],
            cwd=self.path,
            env={**os.environ, "SANDBOX_KEY": key, **env},
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )

    def _today(self, args: tuple[str, ...]) -> str:
        return self.today or (AS_OF if AS_OF in args else "")

    def configure(
        self,
        more: str = "",
        url: str = "",
        first_day: str = "2026-02-01",
        extract: str = "requests_per_minute = 600000",
    ) -> None:
        text = f"""
first_day = {first_day}
{more}
[[tenant]]
name = "acme"
url = "{url or self.server.url}"
api_key = "env:SANDBOX_KEY"
[extract]
{extract}
retries = 0
"""
        (self.path / "chargeback.toml").write_text(text)
