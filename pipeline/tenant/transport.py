"""HTTP to one origin over kept connections: an answer by the deadline, or none.

This is httpcore, the engine of httpx, without the client around it: half the CPU a
page, and a place to hold every read to one deadline. httpx's own timeout starts again
with each chunk, in headers too, so that a byte a second would hold a worker for ever.
"""

import socket
import ssl
import sys
import threading
import time
import zlib
from collections.abc import Iterable, Sequence
from urllib.parse import unquote, urlsplit
from urllib.request import getproxies, proxy_bypass

import httpcore

from pipeline.tenant.responses import Answer, Broken, Malformed, Oversized

# Far above any real page; a gzip bomb ends here instead of filling the memory.
MAX_BODY_BYTES = 64 * 2**20

_GZIP = zlib.MAX_WBITS | 16
_KEPT_SECONDS = 30

Header = tuple[bytes, bytes]


class Wire:
    """Sends requests to *url*'s origin and nowhere else, from any number of threads."""

    def __init__(self, url: str, timeout: float) -> None:
        parts = urlsplit(url)
        self._scheme = parts.scheme.encode()
        self._host = (parts.hostname or "").encode("idna")
        self._port = parts.port
        self._timeout = timeout
        self._deadline = _Deadline()
        self._headers: list[Header] = [
            (b"Host", parts.netloc.encode("idna")),
            (b"Accept", b"application/json"),
            (b"Accept-Encoding", b"gzip"),
            (b"User-Agent", b"chargeback"),
        ]
        # Proxies and certificates of the machine are for the world outside; plain
        # http is for loopback only.
        secure = parts.scheme == "https"
        self._pool = httpcore.ConnectionPool(
            ssl_context=ssl.create_default_context() if secure else None,
            proxy=_proxy(parts.hostname or "") if secure else None,
            max_connections=sys.maxsize,
            keepalive_expiry=_KEPT_SECONDS,
            network_backend=_Backend(self._deadline),
        )

    def close(self) -> None:
        """Close the connections."""
        self._pool.close()

    def send(
        self, method: str, target: str, headers: Iterable[Header], content: bytes = b""
    ) -> Answer:
        """The answer, whatever its status; *target* is path and query.

        Raises:
            Broken: The connection failed, or the answer was not whole in time.
            Malformed: The body is not in the coding that its headers say.
            Oversized: The body is larger than any page can be.
        """
        self._deadline.ends_at = time.monotonic() + self._timeout
        url = httpcore.URL(
            scheme=self._scheme,
            host=self._host,
            port=self._port,
            target=target.encode("ascii"),
        )
        lines = [*self._headers, *headers]
        if content:
            lines.append((b"Content-Length", b"%d" % len(content)))
        request = httpcore.Request(method, url, headers=lines, content=content)
        try:
            return self._exchange(request)
        except httpcore.TimeoutException:
            raise Broken("the answer took too long") from None
        except httpcore.NetworkError as exc:
            raise Broken(str(exc) or "the connection broke off") from None
        except httpcore.ProxyError:
            raise Broken("the proxy does not let the request through") from None
        except httpcore.ProtocolError:
            # Its message may quote headers: the tenant's, or ours with the key.
            raise Broken("the connection broke off, or that was not HTTP") from None

    def _exchange(self, request: httpcore.Request) -> Answer:
        response = self._pool.handle_request(request)
        try:
            headers = {name.lower(): value for name, value in response.headers}
            stream = response.iter_stream()
            body, received = _body(stream, headers.get(b"content-encoding", b""))
        finally:
            response.close()
        return Answer(response.status, headers, body, received)


def _body(chunks: Iterable[bytes], coding: bytes) -> tuple[bytes, int]:
    """The decoded body, and its bytes on the wire; never much more than the cap."""
    if coding.lower() not in {b"", b"identity", b"gzip"}:
        raise Malformed("the answer came in a coding that was not asked for")
    unzip = zlib.decompressobj(_GZIP) if coding.lower() == b"gzip" else None
    parts: list[bytes] = []
    size = received = 0
    for chunk in chunks:
        received += len(chunk)
        parts.append(_decoded(unzip, chunk, MAX_BODY_BYTES + 1 - size))
        size += len(parts[-1])
        if size > MAX_BODY_BYTES:
            raise Oversized(f"an answer of more than {MAX_BODY_BYTES >> 20} MiB")
    if unzip is not None and received and not unzip.eof:
        raise Malformed("the answer's gzip was cut short")
    return b"".join(parts), received


def _decoded(unzip: "zlib._Decompress | None", chunk: bytes, most: int) -> bytes:
    """At most so many bytes: one chunk of a bomb is a thousand chunks of memory."""
    if unzip is None:
        return chunk
    try:
        return unzip.decompress(chunk, most)
    except zlib.error:
        raise Malformed("the answer's gzip is broken") from None


def _proxy(host: str) -> httpcore.Proxy | None:
    """The proxy that this machine's settings ask for on the way to *host*."""
    found = getproxies().get("https")
    if not found or proxy_bypass(host):
        return None
    parts = urlsplit(found if "://" in found else f"http://{found}")
    auth = unquote(parts.username or ""), unquote(parts.password or "")
    url = f"{parts.scheme}://{parts.netloc.rpartition('@')[2]}"
    return httpcore.Proxy(url, auth=auth if any(auth) else None)


class _Deadline(threading.local):
    """When the request of this thread is given up; each thread has one at a time."""

    ends_at = 0.0

    def left(self) -> float:
        left = self.ends_at - time.monotonic()
        if left <= 0:
            raise httpcore.ReadTimeout
        return left


class _Backend(httpcore.NetworkBackend):
    """Connections whose every wait ends at the deadline."""

    def __init__(self, deadline: _Deadline) -> None:
        self._deadline = deadline
        self._plain = httpcore.SyncBackend()

    def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: float | None = None,  # noqa: ARG002 (there is one deadline for all)
        local_address: str | None = None,
        socket_options: Iterable[httpcore.SOCKET_OPTION] | None = None,
    ) -> httpcore.NetworkStream:
        addresses = _addresses(host, port)
        for number, address in enumerate(addresses, 1):
            # One that swallows everything leaves time for the others.
            share = self._deadline.left() / (len(addresses) - number + 1)
            try:
                stream = self._plain.connect_tcp(
                    address, port, share, local_address, socket_options
                )
                return _Stream(stream, self._deadline)
            except (httpcore.ConnectError, httpcore.ConnectTimeout):
                if number == len(addresses):
                    raise
        raise httpcore.ConnectError(f"{host} has no address")


def _addresses(host: str, port: int) -> Sequence[str]:
    try:
        found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    except OSError as exc:
        raise httpcore.ConnectError(f"{host}: {exc.strerror}") from None
    return [str(address[0]) for *_, address in found]


class _Stream(httpcore.NetworkStream):
    """A connection whose every wait ends at the deadline."""

    def __init__(self, stream: httpcore.NetworkStream, deadline: _Deadline) -> None:
        self._stream = stream
        self._deadline = deadline

    def read(self, max_bytes: int, timeout: float | None = None) -> bytes:  # noqa: ARG002
        return self._stream.read(max_bytes, self._deadline.left())

    def write(self, buffer: bytes, timeout: float | None = None) -> None:  # noqa: ARG002
        self._stream.write(buffer, self._deadline.left())

    def close(self) -> None:
        self._stream.close()

    def start_tls(
        self,
        ssl_context: ssl.SSLContext,
        server_hostname: str | None = None,
        timeout: float | None = None,  # noqa: ARG002
    ) -> httpcore.NetworkStream:
        left = self._deadline.left()
        stream = self._stream.start_tls(ssl_context, server_hostname, left)
        return _Stream(stream, self._deadline)

    def get_extra_info(self, info: str) -> object:
        return self._stream.get_extra_info(info)
