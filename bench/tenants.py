"""What a nightly run of many small tenants takes in one process: time, memory, threads.

Each is a sandbox tenant of a few automations with an address of its own on loopback,
all served by one process of their own, so that what is counted is the client's. Each is
asked at the pace that the configuration has by default. Two runs: the first reads a
week, the second what the day after it adds.
"""

import argparse
import os
import tempfile
import threading
import time
from collections import defaultdict
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, date, datetime, timedelta
from multiprocessing import Pipe, Process
from multiprocessing.connection import Connection
from pathlib import Path

from measure import OURS, ROOT

from pipeline.config import Extract
from pipeline.sandbox import SandboxServer, World
from pipeline.sandbox.api.routes import Answer, Api
from pipeline.sandbox.http.faults import Fault
from pipeline.sandbox.http.server import Request

KEY = "key-of-the-bench"
FIRST = date(2026, 11, 8)
DAYS = (date(2026, 11, 15), date(2026, 11, 16))


class Tenants(SandboxServer):
    """A server whose every address 127.x.y.1 is a sandbox tenant of its own."""

    def __init__(self, automations: int) -> None:
        self._size = automations
        super().__init__(self._world(0), host="0.0.0.0", api_key=KEY)  # noqa: S104
        self._apis: dict[str, Api] = {}
        self._lock = threading.Lock()
        self.today = DAYS[0]
        self.asked: dict[str, list[float]] = defaultdict(list)

    def _world(self, seed: int) -> World:
        now = datetime.combine(DAYS[0], datetime.min.time(), UTC)
        return World(
            now=now, start=FIRST, seed=seed, automations=self._size, owners=3, spaces=2
        )

    def reply(self, request: Request, body: bytes) -> tuple[Answer, Fault | None]:
        """The answer of the tenant that the request names as its host."""
        host = request.headers["Host"]
        target = request.path + (f"?{request.query}" if request.query else "")
        with self._lock:
            self.asked[host].append(time.monotonic())
            if host not in self._apis:
                world = self._world(len(self._apis) + 1)
                self._apis[host] = Api(world, self.options, f"http://{host}")
            api = self._apis[host]
        api.world.now = datetime.combine(self.today, datetime.min.time(), UTC)
        api.world.now += timedelta(hours=2)
        return api.answer(request.method, target, request.headers, body), None


def serve(automations: int, pipe: Connection) -> None:
    """Serve until the pipe says None; after each run, send what was asked, how fast."""
    with Tenants(automations) as server:
        pipe.send(server.url.rpartition(":")[2])
        while (day := pipe.recv()) is not None:
            server.today = day
            asked, server.asked = server.asked, defaultdict(list)
            pipe.send(
                (
                    sum(map(len, asked.values())),
                    max(map(_rate, asked.values()), default=0.0),
                )
            )


def _rate(times: list[float]) -> float:
    """The most requests a minute, by any six of a tenant that follow each other."""
    gaps = [last - first for first, last in zip(times, times[5:], strict=False)]
    return 60 * 5 / min(gaps, default=60.0)


@contextmanager
def watched(pid: int) -> Iterator[dict[str, int]]:
    """The most threads and memory (kB) of a process until it ends."""
    most = {"Threads": 0, "VmHWM": 0}
    ended = threading.Event()

    def look() -> None:
        while not ended.wait(0.05):
            try:
                status = Path(f"/proc/{pid}/status").read_text(encoding="utf-8")
            except OSError:
                return
            for line in status.splitlines():
                name, _, value = line.partition(":")
                if name in most:
                    most[name] = max(most[name], int(value.split()[0]))

    thread = threading.Thread(target=look)
    thread.start()
    try:
        yield most
    finally:
        ended.set()
        thread.join()


def extract(folder: Path, as_of: date) -> str:
    """What the extraction of a day takes."""
    log = folder / f"{as_of}.log"
    command = [OURS, "-m", "pipeline", "extract", "--as-of", str(as_of)]
    environment = {**os.environ, "PYTHONPATH": str(ROOT), "KEY": KEY}
    began = time.perf_counter()
    with log.open("wb") as out:
        files = [(os.POSIX_SPAWN_DUP2, out.fileno(), number) for number in (1, 2)]
        os.chdir(folder)
        pid = os.posix_spawn(
            OURS, [*map(str, command)], environment, file_actions=files
        )
    with watched(pid) as most:
        _, status, used = os.wait4(pid, 0)
    if status:
        raise SystemExit(log.read_text(encoding="utf-8")[-3000:])
    took = time.perf_counter() - began
    cpu = used.ru_utime + used.ru_stime
    return (
        f"{took:.0f} s, {cpu:.0f} CPU s, {used.ru_maxrss / 1024:,.0f} MB,"
        f" {most['Threads']} threads"
    )


def configure(folder: Path, count: int, port: str) -> None:
    """A configuration of so many tenants, a file each."""
    sections = folder / "tenants.d"
    sections.mkdir()
    for n in range(count):
        address = f"127.{n // 250 + 1}.{n % 250 + 1}.1:{port}"
        (sections / f"t{n}.toml").write_text(
            f'[[tenant]]\nname = "t{n}"\nurl = "http://{address}"\n'
            'api_key = "env:KEY"\n',
            encoding="utf-8",
        )
    (folder / "chargeback.toml").write_text(
        f'tenants = "tenants.d"\nfirst_day = {FIRST}\n', encoding="utf-8"
    )


def main() -> None:
    """Two runs of many tenants."""
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--tenants", type=int, default=1000)
    options.add_argument("--automations", type=int, default=5)
    given = options.parse_args()
    ours, theirs = Pipe()
    server = Process(target=serve, args=(given.automations, theirs), daemon=True)
    server.start()
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        configure(folder, given.tenants, ours.recv())
        for day in DAYS:
            ours.send(day)
            ours.recv()
            took = extract(folder, day)
            ours.send(day)
            asked, fastest = ours.recv()
            print(
                f"{day}: {given.tenants} tenants, {asked} requests, {took};"
                f" at most {fastest:.0f} requests a minute of a tenant,"
                f" {Extract().requests_per_minute} are allowed"
            )
    ours.send(None)
    server.join()


if __name__ == "__main__":
    main()
