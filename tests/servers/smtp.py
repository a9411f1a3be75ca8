"""A mail server on loopback that greets, encrypts and checks a login; no more."""

import base64
import contextlib
import shutil
import socketserver
import ssl
import subprocess
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest


@dataclass
class MailServer:
    """Where it is, and what it was told."""

    port: int = 0
    commands: list[str] = field(default_factory=list)


def certificate(folder: Path) -> Path:
    """A self-signed certificate for localhost, and its key, in one file."""
    if shutil.which("openssl") is None:
        pytest.skip("the openssl command is not here to make a certificate with")
    path = folder / "localhost.pem"
    subprocess.run(
        [
            *("openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes"),
            *("-subj", "/CN=localhost", "-addext", "subjectAltName=DNS:localhost"),
            *("-days", "2", "-keyout", str(path), "-out", str(folder / "cert")),
        ],
        check=True,
        capture_output=True,
    )
    path.write_bytes(path.read_bytes() + (folder / "cert").read_bytes())
    return path


@contextmanager
def serve(
    pem: Path, *, security: str = "starttls", password: str = ""
) -> Iterator[MailServer]:
    """Serve with *security* (starttls, tls or none); *password* is the one it takes."""
    with _Server(("127.0.0.1", 0), _Handler) as server:
        server.context.load_cert_chain(pem)
        server.security, server.password = security, password
        server.told.port = server.server_address[1]
        thread = threading.Thread(target=server.serve_forever, args=(0.02,))
        thread.start()
        try:
            yield server.told
        finally:
            server.shutdown()
            thread.join()


class _Server(socketserver.ThreadingTCPServer):
    allow_reuse_address = True

    def __init__(self, *args: Any) -> None:
        self.context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        self.told = MailServer()
        self.security = self.password = ""
        super().__init__(*args)


class _Handler(socketserver.BaseRequestHandler):
    server: _Server

    def handle(self) -> None:
        self.offers_tls = self.server.security == "starttls"
        with contextlib.suppress(OSError):
            if self.server.security == "tls":
                self.encrypt()
            self.talk()
        self.request.close()

    def encrypt(self) -> None:
        self.request = self.server.context.wrap_socket(self.request, server_side=True)

    def say(self, *lines: str) -> None:
        self.request.sendall("".join(f"{line}\r\n" for line in lines).encode())

    def talk(self) -> None:
        self.say("220 localhost ESMTP")
        while line := self.request.recv(4096).decode().strip():
            self.server.told.commands.append(line)
            verb = line.split()[0].upper()
            getattr(self, f"on_{verb.lower()}", self.on_other)(line)

    def on_ehlo(self, _: str) -> None:
        tls = ["250-STARTTLS"] if self.offers_tls else []
        self.say("250-localhost", *tls, "250 AUTH PLAIN")

    def on_starttls(self, _: str) -> None:
        self.say("220 go ahead")
        self.encrypt()
        self.offers_tls = False

    def on_auth(self, line: str) -> None:
        given = base64.b64decode(line.split()[2]).decode().split("\0")[2]
        is_right = given == self.server.password
        self.say("235 ok" if is_right else f"535 not {given}")

    def on_quit(self, _: str) -> None:
        self.say("221 bye")

    def on_other(self, _: str) -> None:
        self.say("500 what?")
