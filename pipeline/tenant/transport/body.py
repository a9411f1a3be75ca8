"""The body of a response: decoded piece by piece, never much more than a cap."""

import zlib
from collections.abc import Iterable

import httpx

# Far above any real page; a gzip bomb ends here instead of filling the memory.
MAX_BODY_BYTES = 64 * 2**20

_GZIP = zlib.MAX_WBITS | 16


class ResponseTooLargeError(httpx.RequestError):
    """A body larger than any page can be; asking again would bring it again."""


def read_body(chunks: Iterable[bytes], coding: str) -> tuple[bytes, int]:
    """The decoded body, and its size in bytes as it was sent.

    Raises:
        httpx.DecodingError: It is not in this *coding*, or not in one we asked for.
        ResponseTooLargeError: It is larger than any page can be.
    """
    if coding not in {"", "identity", "gzip", "x-gzip"}:
        raise httpx.DecodingError("the response is in a coding that was not asked for")
    unzip = _Gunzip() if coding.endswith("gzip") else None
    parts: list[bytes] = []
    size = received = 0
    for chunk in chunks:
        received += len(chunk)
        most = MAX_BODY_BYTES + 1 - size
        parts.append(unzip.decoded(chunk, most) if unzip else chunk)
        size += len(parts[-1])
        if size > MAX_BODY_BYTES:
            most_shown = MAX_BODY_BYTES >> 20
            raise ResponseTooLargeError(f"a response of more than {most_shown} MiB")
    if unzip is not None and received and not unzip.is_whole:
        raise httpx.DecodingError("the response's gzip was cut short")
    return b"".join(parts), received


class _Gunzip:
    """Gzip that comes in chunks, of one member or several (RFC 1952, 2.2)."""

    def __init__(self) -> None:
        self._member = zlib.decompressobj(_GZIP)

    @property
    def is_whole(self) -> bool:
        """Whether the last member has its end."""
        return self._member.eof

    def decoded(self, chunk: bytes, most: int) -> bytes:
        """At most so many bytes: one chunk of a bomb is a thousand chunks of memory."""
        parts: list[bytes] = []
        try:
            while chunk and most > 0:
                if self._member.eof:
                    chunk = chunk.lstrip(b"\0")  # what some servers pad it with
                    if not chunk:
                        break
                    self._member = zlib.decompressobj(_GZIP)
                parts.append(self._member.decompress(chunk, most))
                most -= len(parts[-1])
                chunk = self._member.unused_data
        except zlib.error:
            raise httpx.DecodingError("the response's gzip is broken") from None
        return b"".join(parts)
