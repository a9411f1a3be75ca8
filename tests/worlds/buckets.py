"""Machines that share a lake in a bucket: what a command of one of them opens."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path

from pipeline.config import Bucket, Run, Settings, TenantAccess
from pipeline.endpoints import TABLES
from pipeline.errors import CheckError
from pipeline.lake import Lake
from pipeline.lake.bucket import Caller, opened
from pipeline.lake.claim import Clock, Holder
from servers import bucket as servers

NOW = datetime(2026, 11, 3, 2, tzinfo=UTC)
PATIENCE = timedelta(minutes=30)


@dataclass
class Machine:
    """A data folder on a host, whose lake is in the bucket of *server*."""

    server: servers.Bucket
    folder: Path
    host: str = "one"
    now: datetime = NOW
    tenants: tuple[str, ...] = ("acme",)
    reached: dict[str, object] = field(default_factory=dict)
    is_closed_whole: bool = True
    _taken: int = 0

    @property
    def settings(self) -> Settings:
        given = {
            "endpoint": self.server.url,
            "access_key_id": servers.KEY_ID,
            "secret_access_key": servers.SECRET,
            "retries": 0,
            **self.reached,
        }
        bucket = Bucket(self.server.name, "lake", **given)  # type: ignore[arg-type]
        named = (TenantAccess(one, f"http://127.0.0.1/{one}") for one in self.tenants)
        return Settings(tuple(named), self.folder, bucket=bucket)

    @property
    def lake(self) -> Lake:
        return Lake(self.settings.lake)

    @property
    def run(self) -> Run:
        return Run(self.settings, self.now.date(), self.now)

    @contextmanager
    def opened(self, part: str = "", command: str = "run") -> Iterator[Lake]:
        self._taken += 1
        token, settings = f"{self.host}-{self._taken}", self.settings
        own = Holder(token, self.host, self.host, command, part, self.now, self.now)

        def check() -> None:
            if not self.is_closed_whole:
                raise CheckError("not as it was when its month was closed")

        caller = Caller(
            own,
            Clock(lambda: self.now, PATIENCE),
            None,
            check,
            self.tenants if part else None,
        )
        assert settings.bucket
        names = [one.name for one in TABLES]
        with opened(settings, settings.bucket, names, caller):
            yield self.lake

    def files(self) -> dict[str, bytes]:
        """What the mirror has, by name."""
        root = self.settings.lake
        paths = [path for path in root.rglob("*") if path.is_file()]
        return {path.relative_to(root).as_posix(): path.read_bytes() for path in paths}

    def stored(self) -> dict[str, bytes]:
        """What the bucket has of the lake, by name."""
        named = {key.removeprefix("lake/"): value for key, value in self._objects()}
        return {key: value for key, value in named.items() if key[0] != "_"}

    def _objects(self) -> list[tuple[str, bytes]]:
        return list(self.server.objects.items())
