"""An HTTP proxy on loopback that tunnels to wherever it is asked to."""

import selectors
import socket
import ssl
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path


@dataclass
class Proxy:
    """Where it is; the tunnels that it was asked for, with their headers.

    If it *refuses*, it says that, in its status line and in its headers.
    """

    port: int = 0
    refuses: str = ""
    tunnels: list[tuple[str, dict[str, str]]] = field(default_factory=list)


@contextmanager
def serve(pem: Path | None = None) -> Iterator[Proxy]:
    """Serve a proxy; over TLS, certified by *pem*, if there is one."""
    proxy = Proxy()
    with ThreadingHTTPServer(("127.0.0.1", 0), _handler(proxy)) as server:
        if pem is not None:
            context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
            context.load_cert_chain(pem)
            server.socket = context.wrap_socket(server.socket, server_side=True)
        proxy.port = server.server_port
        thread = threading.Thread(target=server.serve_forever, args=(0.01,))
        thread.start()
        try:
            yield proxy
        finally:
            server.shutdown()
            thread.join()


def _handler(proxy: Proxy) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        def do_CONNECT(self) -> None:
            proxy.tunnels.append((self.path, dict(self.headers.items())))
            if proxy.refuses:
                self.send_response_only(407, proxy.refuses)
                self.send_header("Proxy-Authenticate", f'Basic realm="{proxy.refuses}"')
                self.end_headers()
                return
            host, _, port = self.path.rpartition(":")
            with socket.create_connection((host, int(port))) as far:
                self.send_response_only(200)
                self.end_headers()
                _pump(self.connection, far)
            self.close_connection = True

        def log_message(self, *_: object) -> None:
            """Say nothing: a test looks at `tunnels`."""

    return Handler


def _pump(near: socket.socket, far: socket.socket) -> None:
    """Pass bytes in both directions until one side has no more."""
    ways = {near: far, far: near}
    with selectors.DefaultSelector() as selector:
        for one in ways:
            selector.register(one, selectors.EVENT_READ, one)
        while True:
            for key, _ in selector.select():
                side: socket.socket = key.data
                data = side.recv(65_536)
                # TLS may hold bytes that select does not see.
                while isinstance(side, ssl.SSLSocket) and side.pending():
                    data += side.recv(side.pending())
                if not data:
                    return
                ways[side].sendall(data)
