"""The sandbox tenant over real HTTP: keep-alive connections, a thread each."""

import logging
import socket
import sys
from collections.abc import Iterable
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread
from typing import Any, NamedTuple, Self

from pipeline.sandbox.api.request_context import ListingCache
from pipeline.sandbox.api.routes import Answer, Api
from pipeline.sandbox.api.tenant_options import Options
from pipeline.sandbox.http.faults import Fault, FaultPlan
from pipeline.sandbox.http.limits import RateLimit
from pipeline.sandbox.world.world import World

_LOG = logging.getLogger(__name__)
_REMEMBERED = 50_000


class Request(NamedTuple):
    """A request as it was received; its headers may hold the key."""

    method: str
    path: str
    query: str
    headers: dict[str, str]

    def __repr__(self) -> str:
        return f"Request({self.method} {self.path}?{self.query})"


class SandboxServer:
    """Serves *world* at `url` until it is closed; `requests` are those received.

    Use it as a context manager, or call `serve_forever` for a server in the foreground.
    *options* are those of `Options`: `api_key="…"`, `shape="mixed"`, `role="user"`.
    """

    def __init__(
        self,
        world: World,
        *,
        host: str = "127.0.0.1",
        port: int = 0,
        faults: Iterable[Fault] = (),
        **options: Any,
    ) -> None:
        self.options = Options(**options)
        self.faults = FaultPlan(faults)
        self.requests: list[Request] = []
        self._http = _Http((host, port), _Handler)
        self._http.sandbox = self
        self.url = f"http://{host}:{self._http.server_address[1]}"
        self.api = Api(world, self.options, self.url)
        self.limit = RateLimit(
            self.options.requests_per_minute, self.options.window_seconds
        )
        self._thread: Thread | None = None

    @property
    def world(self) -> World:
        """The world that is served; its clock may be moved, and it may be replaced."""
        return self.api.world

    @world.setter
    def world(self, world: World) -> None:
        self.api.world, self.api.cache = world, ListingCache()

    def __enter__(self) -> Self:
        self._thread = Thread(
            target=self._http.serve_forever, args=(0.02,), name="sandbox", daemon=True
        )
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def serve_forever(self) -> None:
        """Serve in this thread, until it is interrupted."""
        self._http.serve_forever()

    def close(self) -> None:
        """Stop serving, and drop the connections that are open."""
        if self._thread is not None:
            self._http.shutdown()
            self._thread.join()
            self._thread = None
        self._http.server_close()
        self._http.drop_connections()

    def reply(self, request: Request, body: bytes) -> tuple[Answer, Fault | None]:
        """The answer to a request, and the fault that applies to it, if any."""
        self.requests.append(request)
        if len(self.requests) > _REMEMBERED:
            del self.requests[: _REMEMBERED // 2]
        wait = self.limit.wait()
        if wait is not None:
            answer = self.api.error_answer(429, "rate limit exceeded")
            headers = {**answer.headers, "retry-after": str(wait)}
            return answer._replace(headers=headers), None
        query = f"?{request.query}" if request.query else ""
        target = request.path + query
        fault = self.faults.pick(f"{request.method} {target}")
        if fault is not None and fault.answers:
            return fault.answer(self.api, self.url + target), fault
        answer = self.api.answer(request.method, target, request.headers, body)
        if fault is not None:
            answer = fault.altered(answer, self.url + target)
        return answer, fault


class _Http(ThreadingHTTPServer):
    daemon_threads = True
    block_on_close = False
    request_queue_size = 128
    sandbox: SandboxServer

    def __init__(self, *args: Any) -> None:
        self._open: set[socket.socket] = set()
        super().__init__(*args)

    def process_request(self, request: Any, client_address: Any) -> None:
        self._open.add(request)
        super().process_request(request, client_address)

    def shutdown_request(self, request: Any) -> None:
        self._open.discard(request)
        super().shutdown_request(request)

    def drop_connections(self) -> None:
        """End the keep-alive connections, so that their threads end too."""
        for connection in list(self._open):
            try:
                connection.shutdown(socket.SHUT_RDWR)
            except OSError:
                _LOG.debug("connection was closed already")

    def handle_error(self, request: Any, client_address: Any) -> None:  # noqa: ARG002
        """Log a connection that the client closed as debug, a defect as an error."""
        level = logging.DEBUG if isinstance(sys.exception(), OSError) else logging.ERROR
        _LOG.log(level, "connection from %s broke", client_address, exc_info=True)


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    server_version = "sandbox"
    disable_nagle_algorithm = True
    wbufsize = -1
    server: _Http

    def _serve(self) -> None:
        length = int(self.headers.get("Content-Length") or 0)
        body = self.rfile.read(length)
        path, _, query = self.path.partition("?")
        headers = {name.title(): value for name, value in self.headers.items()}
        request = Request(self.command, path, query, headers)
        answer, fault = self.server.sandbox.reply(request, body)
        if fault is not None and fault.breaks:
            self.close_connection = not fault.send(self.connection, answer)
            return
        self.send_response(answer.status)
        for name, value in answer.headers.items():
            self.send_header(name, value)
        self.send_header("Content-Length", str(len(answer.body)))
        self.end_headers()
        self.wfile.write(answer.body)
        self.wfile.flush()

    do_GET = do_POST = do_PUT = do_PATCH = do_DELETE = _serve  # noqa: N815

    def log_message(self, format: str, *args: Any) -> None:  # noqa: A002
        """Log a line for each request."""
        _LOG.debug(format, *args)
