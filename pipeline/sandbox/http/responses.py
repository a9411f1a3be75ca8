"""How an answer that meets a fault goes on the wire: broken off, late, in drops."""

import socket
import struct
import time
from http import HTTPStatus
from typing import Literal, get_args

from pipeline.sandbox.api.routes import Answer

Way = Literal[
    "reset", "reset_headers", "reset_body", "cut", "stall", "trickle", "trickle_head"
]
WAYS: tuple[str, ...] = get_args(Way)


def send(
    way: str, connection: socket.socket, answer: Answer, pieces: int, pause: float
) -> bool:
    """Send as much of the answer as gets through; whether the connection lives on."""
    head, body = _head(answer), answer.body
    slowly = {
        "stall": (b"", head + body, b"", 1),
        "trickle": (head, body, b"", pieces),
        "trickle_head": (b"", head, body, pieces),
    }
    if way in slowly:
        before, drops, after, count = slowly[way]
        connection.sendall(before)
        _trickle(connection, drops, count, pause)
        connection.sendall(after)
        return True
    half = len(body) // 2
    sent = {
        "reset": b"",
        "reset_headers": head[: len(head) // 2],
        "reset_body": head + body[:half],
        "cut": head + body[:half],
    }
    connection.sendall(sent[way])
    if way != "cut":
        # Closing with unsent data and no patience is a reset, not an end.
        linger = struct.pack("ii", 1, 0)
        connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, linger)
        connection.close()
    return False


def _head(answer: Answer) -> bytes:
    phrase = HTTPStatus(answer.status).phrase
    lines = [f"HTTP/1.1 {answer.status} {phrase}"]
    lines += [f"{name}: {value}" for name, value in answer.headers.items()]
    lines.append(f"Content-Length: {len(answer.body)}")
    return "\r\n".join((*lines, "", "")).encode()


def _trickle(connection: socket.socket, text: bytes, pieces: int, pause: float) -> None:
    """All of it, a little at a time."""
    size = max(1, -(-len(text) // pieces))
    for begin in range(0, len(text), size):
        time.sleep(pause)
        connection.sendall(text[begin : begin + size])
