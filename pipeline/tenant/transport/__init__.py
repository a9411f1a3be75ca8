"""httpx's transport to one origin: a whole response by its deadline, or an error.

httpx's own timeout starts again with each chunk, in headers too, so that a byte a
second holds a worker for ever; and its decoders make a gigabyte of a megabyte of gzip.
Here a request has one deadline from the first packet to the last, its body is read and
decoded up to a cap, and no byte goes to another origin.
"""

import ssl
import sys
import time
from collections.abc import Sequence
from urllib.parse import unquote, urlsplit

import httpcore
import httpx

from pipeline.config import proxies
from pipeline.errors import ConfigError
from pipeline.tenant.transport.body import read_body
from pipeline.tenant.transport.network import Backend, Deadline

_KEPT_SECONDS = 30

_OF_THE_SENT_BODY = (b"content-length", b"transfer-encoding")

Header = tuple[bytes, bytes]


class OriginError(httpx.RequestError):
    """A request to another origin than the transport's; nothing was sent."""


# What certificates are held to; None for what the machine trusts.
Trust = ssl.SSLContext | None


class Transport(httpx.BaseTransport):
    """Requests to *origin* over kept connections, from any number of threads.

    *timeout* is for a whole request, in seconds. *proxy* is a URL. Certificates are
    those that the machine trusts, which *trust* has if there is one: to read them takes
    20 ms and 1 MB.

    Raises:
        ConfigError: *origin* is not a URL, or *proxy* cannot be spoken to.
    """

    def __init__(
        self,
        origin: str,
        timeout: float,
        proxy: str | None = None,
        trust: Trust = None,
    ) -> None:
        proxies.check(proxy)
        try:
            url = httpx.URL(origin)
            self._origin = _origin(url)
        except (httpx.InvalidURL, UnicodeError):
            raise ConfigError(
                "a URL has a host that is not valid\ncheck tenant.url and mail.webhook"
            ) from None  # it quotes the URL
        self._timeout = timeout
        self._deadline = Deadline()
        is_secure = url.scheme == "https"
        trusted = (trust or ssl.create_default_context()) if is_secure else None
        self._pool = httpcore.ConnectionPool(
            ssl_context=trusted,
            proxy=_proxy(proxy) if proxy else None,
            max_connections=sys.maxsize,
            keepalive_expiry=_KEPT_SECONDS,
            network_backend=Backend(self._deadline),
        )

    def close(self) -> None:
        """Close the connections; a later request opens others."""
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
