"""A thousand small tenants on loopback: one server, whose every address is a tenant."""

import json
import re
import threading
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import unquote, urlsplit

from pipeline.config import TenantAccess

_DAY = re.compile(r'date ge "(\S+)"')


@dataclass
class Hosts:
    """What was asked of each address; connections at one time, and threads, at most.

    Threads of the server itself, one a connection, are not counted.
    """

    port: int = 0
    requests: Counter[str] = field(default_factory=Counter)
    open: int = 0
    most_open: int = 0
    most_threads: int = 0

    def url(self, number: int) -> str:
        """The address of the tenant of a *number*, all of whose bytes are its own."""
        return f"http://127.{number // 250 + 1}.{number % 250 + 1}.1:{self.port}"

    def accesses(self, count: int) -> tuple[TenantAccess, ...]:
        return tuple(
            TenantAccess(f"t{n}", self.url(n), api_key=f"key-of-{n}")
            for n in range(count)
        )

    def answer(self, host: str, target: str) -> Any:
        """One automation of one owner, which ran as often as its address says."""
        path = urlsplit(target).path
        if path == "/api/v1/tenants/me":
            return {"id": host}
        records: list[dict[str, Any]] = []
        if path.endswith("/usage") and (day := _DAY.search(unquote(target))):
            automation = {"guid": "a1", "name": "n", "ownerId": f"o-{host}"}
            named = {"date": day[1], "name": "runs", "automation": automation}
            records = [{**named, "value": int(host.split(".")[2])}]
        return {"data": records, "links": {"next": {"href": None}}}


@contextmanager
def serve() -> Iterator[Hosts]:
    hosts = Hosts()
    lock = threading.Lock()

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def setup(self) -> None:
            super().setup()
            with lock:
                hosts.open += 1
                hosts.most_open = max(hosts.most_open, hosts.open)
                own = threading.active_count() - hosts.open
                hosts.most_threads = max(hosts.most_threads, own)

        def finish(self) -> None:
            super().finish()
            with lock:
                hosts.open -= 1

        def do_GET(self) -> None:
            host = self.headers["Host"].partition(":")[0]
            hosts.requests[host] += 1
            body = json.dumps(hosts.answer(host, self.path)).encode()
            self.send_response(200)
            self.send_header("Content-Type", "application/json")
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_: object) -> None:
            """Say nothing."""

    server = ThreadingHTTPServer(("0.0.0.0", 0), Handler)  # noqa: S104 (127.x.y.1)
    server.daemon_threads = True
    thread = threading.Thread(target=server.serve_forever, args=(0.01,))
    thread.start()
    hosts.port = server.server_port
    try:
        yield hosts
    finally:
        server.shutdown()
        thread.join()
        server.server_close()
