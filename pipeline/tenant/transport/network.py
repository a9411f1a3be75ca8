"""Connections whose every wait ends at the deadline of a request."""

import re
import socket
import ssl
import threading
import time
from collections.abc import Iterable, Sequence

import httpcore

# A header's name and the blanks behind it, which RFC 9112 (5.1) lets a client remove.
_BLANK_BEFORE_COLON = re.compile(rb"(?m)^([!#-'*+.0-9A-Z^-z|~-]+)[ \t]+:")
_END = re.compile(rb"\r?\n\r?\n")
_LONGEST_HEAD = 65_536


class Deadline(threading.local):
    """When the request of this thread is given up; each thread has one at a time."""

    ends_at = 0.0

    def left(self) -> float:
        """The seconds until then, of which there are some.

        Raises:
            httpcore.ReadTimeout: There are none.
        """
        left = self.ends_at - time.monotonic()
        if left <= 0:
            raise httpcore.ReadTimeout
        return left


class Backend(httpcore.NetworkBackend):
    """Connections whose every wait ends at the deadline."""

    def __init__(self, deadline: Deadline) -> None:
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
        """A connection to the first address of *host* where somebody listens."""
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
    except UnicodeError:
        raise httpcore.ConnectError("its name is none") from None
    except OSError as exc:
        raise httpcore.ConnectError(str(exc.strerror)) from None
    return [str(address[0]) for *_, address in found]


class _Stream(httpcore.NetworkStream):
    """A connection whose every wait ends at the deadline.

    What some gateways write before the colon of a header, blanks, is taken out.
    """

    def __init__(self, stream: httpcore.NetworkStream, deadline: Deadline) -> None:
        self._stream = stream
        self._deadline = deadline
        self._is_head_next = True

    def read(self, max_bytes: int, timeout: float | None = None) -> bytes:  # noqa: ARG002
        received = self._stream.read(max_bytes, self._deadline.left())
        if not self._is_head_next:
            return received
        self._is_head_next = False
        while received and len(received) < _LONGEST_HEAD and not _END.search(received):
            more = self._stream.read(max_bytes, self._deadline.left())
            if not more:
                break
            received += more
        head, end, body = received.partition(b"\r\n\r\n")
        return _BLANK_BEFORE_COLON.sub(rb"\1:", head) + end + body

    def write(self, buffer: bytes, timeout: float | None = None) -> None:  # noqa: ARG002
        self._is_head_next = True
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
