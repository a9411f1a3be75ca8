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
    if coding not in {"", "identity", "gzip"}:
        raise httpx.DecodingError("the response is in a coding that was not asked for")
    unzip = zlib.decompressobj(_GZIP) if coding == "gzip" else None
    parts: list[bytes] = []
    size = received = 0
    for chunk in chunks:
        received += len(chunk)
        parts.append(_decoded(unzip, chunk, MAX_BODY_BYTES + 1 - size))
        size += len(parts[-1])
        if size > MAX_BODY_BYTES:
            most = MAX_BODY_BYTES >> 20
            raise ResponseTooLargeError(f"a response of more than {most} MiB")
    if unzip is not None and received and not unzip.eof:
        raise httpx.DecodingError("the response's gzip was cut short")
    return b"".join(parts), received


def _decoded(unzip: "zlib._Decompress | None", chunk: bytes, most: int) -> bytes:
    """At most so many bytes: one chunk of a bomb is a thousand chunks of memory."""
    if unzip is None:
        return chunk
    try:
        return unzip.decompress(chunk, most)
    except zlib.error:
        raise httpx.DecodingError("the response's gzip is broken") from None
