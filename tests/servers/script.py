"""A server on loopback that says what a test tells it to, byte for byte if need be."""

import json
import ssl
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any


@dataclass(frozen=True)
class Answer:
    """What is sent back.

    *cut* closes the connection after that many bytes; *trickle* is a pause in seconds
    before each byte. *reason* is what stands behind the status.
    """

    body: Any = None
    status: int = 200
    headers: dict[str, str] = field(default_factory=dict)
    cut: int | None = None
    trickle: float = 0
    reason: str | None = None

    @property
    def content(self) -> bytes:
        return (
            self.body
            if isinstance(self.body, bytes)
            else json.dumps(self.body).encode()
        )


def page(*records: Any, next_href: Any = None) -> Answer:
    return Answer({"data": list(records), "links": {"next": {"href": next_href}}})


@dataclass
class Script:
    """Answers by path and query, else *default*; the last of a path is repeated."""

    url: str = ""
    routes: dict[str, list[Answer]] = field(default_factory=dict)
    requests: list[tuple[str, str, dict[str, str]]] = field(default_factory=list)
    bodies: list[bytes] = field(default_factory=list)
    default: Answer = Answer({"errors": []}, status=404)

    def paths(self) -> list[str]:
        return [path for _, path, _ in self.requests]

    def take(self, path: str) -> Answer:
        answers = self.routes.get(path, [self.default])
        return answers.pop(0) if len(answers) > 1 else answers[0]


@contextmanager
def serve(pem: Path | None = None) -> Iterator[Script]:
    """Serve a script; over TLS for `localhost`, certified by *pem*, if there is one."""
    script = Script()
    server = _Server(("127.0.0.1", 0), _handler(script))
    server.daemon_threads = True
    thread = threading.Thread(target=server.serve_forever, args=(0.01,))
    thread.start()
    script.url = f"http://127.0.0.1:{server.server_port}"
    if pem is not None:
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(pem)
        server.socket = context.wrap_socket(server.socket, server_side=True)
        script.url = f"https://localhost:{server.server_port}"
    try:
        yield script
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


class _Server(ThreadingHTTPServer):
    def handle_error(self, request: Any, client_address: Any) -> None:
        """A client that goes away in mid-answer is no defect; anything else is told."""
        if not isinstance(sys.exception(), OSError):
            super().handle_error(request, client_address)


def _handler(script: Script) -> Callable[..., BaseHTTPRequestHandler]:
    lock = threading.Lock()

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"
        disable_nagle_algorithm = True

        def do_GET(self) -> None:
            length = int(self.headers.get("Content-Length") or 0)
            body = self.rfile.read(length)
            with lock:
                script.bodies.append(body)
                script.requests.append(
                    (self.command, self.path, dict(self.headers.items()))
                )
                answer = script.take(self.path)
            self._send(answer)

        do_POST = do_GET  # noqa: N815 (the name http.server looks for)

        def _send(self, answer: Answer) -> None:
            self.send_response_only(answer.status, answer.reason)
            self.send_header("Content-Length", str(len(answer.content)))
            if "Date" not in answer.headers:
                self.send_header("Date", self.date_time_string())
            for name, value in answer.headers.items():
                self.send_header(name, value)
            self.end_headers()
            content = answer.content[: answer.cut]
            self.close_connection = answer.cut is not None
            with suppress(ConnectionError):
                for at in range(0, len(content), 1 if answer.trickle else len(content)):
                    time.sleep(answer.trickle)
                    self.wfile.write(
                        content[at:] if not answer.trickle else content[at : at + 1]
                    )

        def log_message(self, *_: object) -> None:
            """Say nothing: a test looks at `requests`."""

    return Handler
