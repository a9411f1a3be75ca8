"""How a disrupted answer is sent: cut off, late, or in small pieces."""

import socket
import struct
import time
from http import HTTPStatus
from typing import Literal, get_args

from pipeline.sandbox.api.routes import Answer

Disruption = Literal[
    "reset", "reset_headers", "reset_body", "cut", "stall", "trickle", "trickle_head"
]
DISRUPTIONS: tuple[str, ...] = get_args(Disruption)


def send(
    kind: str, connection: socket.socket, answer: Answer, pieces: int, pause: float
) -> bool:
    """Send what *kind* leaves of the answer; whether the connection stays open."""
    head, body = _head(answer), answer.body
    slowly = {
        "stall": (b"", head + body, b"", 1),
        "trickle": (head, body, b"", pieces),
        "trickle_head": (b"", head, body, pieces),
    }
    if kind in slowly:
        at_once, in_pieces, at_end, count = slowly[kind]
        connection.sendall(at_once)
        _trickle(connection, in_pieces, count, pause)
        connection.sendall(at_end)
        return True
    half = len(body) // 2
    sent = {
        "reset": b"",
        "reset_headers": head[: len(head) // 2],
        "reset_body": head + body[:half],
        "cut": head + body[:half],
    }
    connection.sendall(sent[kind])
    if kind != "cut":
        # Closing a socket that does not linger sends a reset instead of an end.
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
    """Send *text* in so many *pieces*, with a *pause* in seconds before each."""
    size = max(1, -(-len(text) // pieces))
    for begin in range(0, len(text), size):
        time.sleep(pause)
        connection.sendall(text[begin : begin + size])
