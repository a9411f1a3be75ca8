"""httpx's transport to one origin: a whole response by its deadline, or an error.

httpx's own timeout starts again with each chunk, in headers too, so that a byte a
second holds a worker for ever; and its decoders make a gigabyte of a megabyte of gzip.
Here a request has one deadline from the first packet to the last, its body is read and
decoded up to a cap, and no byte goes to another origin.
"""

import socket
import ssl
import sys
import threading
import time
from collections.abc import Iterable, Sequence
from urllib.parse import unquote, urlsplit

import httpcore
import httpx

from pipeline.config import proxies
from pipeline.errors import ConfigError
from pipeline.tenant.body import read_body

_KEPT_SECONDS = 30

_OF_THE_SENT_BODY = (b"content-length", b"transfer-encoding")

Header = tuple[bytes, bytes]


class OriginError(httpx.RequestError):
    """A request to another origin than the transport's; nothing was sent."""


class Transport(httpx.BaseTransport):
    """Requests to *origin* over kept connections, from any number of threads.

    *timeout* is for a whole request, in seconds. *proxy* is a URL. Certificates are
    those that the machine trusts.

    Raises:
        ConfigError: *origin* is not a URL, or *proxy* cannot be spoken to.
    """

    def __init__(self, origin: str, timeout: float, proxy: str | None = None) -> None:
        proxies.check(proxy)
        try:
            url = httpx.URL(origin)
        except httpx.InvalidURL:
            raise ConfigError(
                "a URL has a host that is not valid\ncheck tenant.url and mail.webhook"
            ) from None  # it quotes the URL
        self._origin = _origin(url)
        self._timeout = timeout
        self._deadline = _Deadline()
        trusted = ssl.create_default_context() if url.scheme == "https" else None
        self._pool = httpcore.ConnectionPool(
            ssl_context=trusted,
            proxy=_proxy(proxy) if proxy else None,
            max_connections=sys.maxsize,
            keepalive_expiry=_KEPT_SECONDS,
            network_backend=_Backend(self._deadline),
        )

    def close(self) -> None:
        """Close the connections."""
        self._pool.close()

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        """The response, whatever its status, with its body decoded.

        Its extension `received_bytes` is the size of the body as it was sent.

        Raises:
            OriginError: The request is for another origin.
            httpx.TransportError: The connection failed, or the response was not whole
                in time. The message holds neither URL nor headers.
            httpx.DecodingError: The body is not in the coding that its headers say.
            ResponseTooLargeError: The body is larger than any page can be.
        """
        if _origin(request.url) != self._origin:
            raise OriginError("another origin is not asked")
        self._deadline.ends_at = time.monotonic() + self._timeout
        try:
            return self._exchange(request)
        except (
            httpcore.TimeoutException,
            httpcore.NetworkError,
            httpcore.ProxyError,
            httpcore.ProtocolError,
        ) as exc:
            raise _as_httpx(exc) from None

    def _exchange(self, request: httpx.Request) -> httpx.Response:
        url = request.url
        response = self._pool.handle_request(
            httpcore.Request(
                request.method,
                httpcore.URL(
                    scheme=url.raw_scheme,
                    host=url.raw_host,
                    port=url.port,
                    target=url.raw_path,
                ),
                headers=request.headers.raw,
                content=request.read(),
            )
        )
        headers, coding = _headers(response.headers)
        try:
            body, received = read_body(response.iter_stream(), coding)
        finally:
            response.close()
        return httpx.Response(
            response.status,
            headers=headers,
            content=body,
            extensions={"received_bytes": received},
        )


def _origin(url: httpx.URL) -> tuple[str, str, int | None]:
    return url.scheme, url.host, url.port


def _headers(received: Sequence[Header]) -> tuple[list[Header], str]:
    """The headers for httpx, and the coding of the body.

    What describes the body as it was sent is left out: httpx is handed the decoded one.
    """
    kept = []
    coding = b""
    for name, value in received:
        if (lowered := name.lower()) == b"content-encoding":
            coding = value
        elif lowered not in _OF_THE_SENT_BODY:
            kept.append((name, value))
    return kept, coding.decode("latin-1").strip().lower()


def _as_httpx(exc: Exception) -> httpx.TransportError:
    """The same failure; httpcore's message may quote headers, ours with the key."""
    if isinstance(exc, httpcore.TimeoutException):
        return httpx.ReadTimeout("the response took too long")
    if isinstance(exc, httpcore.ProxyError):
        return httpx.ProxyError("the proxy does not let the request through")
    if isinstance(exc, httpcore.ProtocolError):
        broken = "the connection broke off, or that was not HTTP"
        return httpx.RemoteProtocolError(broken)
    said = exc.args[0] if exc.args else ""
    reason = (said.strerror if isinstance(said, OSError) else "") or str(said)
    reason = reason or "the connection broke off"
    if isinstance(exc, httpcore.ConnectError):
        return httpx.ConnectError(reason)
    return httpx.ReadError(reason)


def _proxy(url: str) -> httpcore.Proxy:
    parts = urlsplit(url)
    auth = unquote(parts.username or ""), unquote(parts.password or "")
    secure = parts.scheme == "https"
    return httpcore.Proxy(
        f"{parts.scheme}://{parts.netloc.rpartition('@')[2]}",
        auth=auth if any(auth) else None,
        ssl_context=ssl.create_default_context() if secure else None,
    )


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
        raise httpcore.ConnectError("its name has no address")


def _addresses(host: str, port: int) -> Sequence[str]:
    try:
        found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    except OSError as exc:
        raise httpcore.ConnectError(str(exc.strerror)) from None
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
