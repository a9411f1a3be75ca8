"""Commands as processes, in a folder with a configuration of a sandbox tenant."""

import os
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

from pipeline.sandbox import SandboxServer

KEY = "key-of-the-sandbox"
AS_OF = "2026-03-03"


@dataclass
class Folder:
    """A working folder with a configuration of a sandbox tenant."""

    path: Path
    server: SandboxServer

    def chargeback(
        self, *args: str, key: str = KEY, **env: str
    ) -> subprocess.CompletedProcess[str]:
        night = self.start(*args, key=key, **env)
        printed, told = night.communicate()
        return subprocess.CompletedProcess(args, night.returncode, printed, told)

    def start(self, *args: str, key: str = KEY, **env: str) -> subprocess.Popen[str]:
        return subprocess.Popen(
            [sys.executable, "-m", "pipeline", *args],
            cwd=self.path,
            env={**os.environ, "SANDBOX_KEY": key, **env},
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )

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
