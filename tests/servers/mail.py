"""A whole mail server on loopback: it keeps what it takes, and fails as it is told."""

import asyncio
import shutil
import ssl
import subprocess
import threading
from base64 import b64decode
from collections.abc import Callable, Coroutine, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from email import message_from_bytes
from email.message import EmailMessage
from email.policy import default
from pathlib import Path
from typing import Any

import pytest
from aiosmtpd.smtp import (
    MISSING,
    SMTP,
    AuthResult,
    Envelope,
    LoginPassword,
    Session,
)

USER = "us"


@dataclass
class Inbox:
    """Where the server is, what it received and has taken, and what it refuses.

    That is addresses, `DATA` and `QUIT`, each with the words that it says.
    """

    port: int = 0
    password: str = ""
    token: str = ""
    verbs: list[str] = field(default_factory=list)
    taken: list[tuple[str, bytes]] = field(default_factory=list)
    asked_for: list[str] = field(default_factory=list)
    logins: list[bool] = field(default_factory=list)
    refuses: dict[str, str] = field(default_factory=dict)
    busy: int = 0
    drops: int = 0

    @property
    def recipients(self) -> list[str]:
        return [recipient for recipient, _ in self.taken]

    @property
    def mails(self) -> list[EmailMessage]:
        return [parsed(content) for _, content in self.taken]

    def mail_to(self, recipient: str) -> EmailMessage:
        """The one mail that was taken for *recipient*."""
        (content,) = (mail for to, mail in self.taken if to == recipient)
        return parsed(content)


def parsed(content: bytes) -> EmailMessage:
    return message_from_bytes(content, policy=default)


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
    pem: Path | None = None,
    *,
    security: str = "none",
    password: str = "",
    token: str = "",
) -> Iterator[Inbox]:
    """Serve with *security* (starttls, tls or none), certified by *pem*.

    *password* is the one that it takes, from USER; with a *token*, it takes that by
    XOAUTH2 instead.
    """
    context = None
    if pem is not None:
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(pem)
    inbox = Inbox(password=password, token=token)
    loop = asyncio.new_event_loop()
    thread = threading.Thread(target=loop.run_forever)
    thread.start()
    started = _run(loop, _start(loop, inbox, security, context))
    inbox.port = started.sockets[0].getsockname()[1]
    try:
        yield inbox
    finally:
        _run(loop, _stop(started))
        loop.call_soon_threadsafe(loop.stop)
        thread.join()
        loop.close()


async def _start(
    loop: asyncio.AbstractEventLoop,
    inbox: Inbox,
    security: str,
    context: ssl.SSLContext | None,
) -> asyncio.Server:
    def protocol() -> SMTP:
        return SMTP(
            _Handler(inbox),
            hostname="localhost",
            loop=loop,
            tls_context=context if security == "starttls" else None,
            require_starttls=security == "starttls",
            auth_require_tls=security == "starttls",
            authenticator=_authenticator(inbox),
            auth_exclude_mechanism=["LOGIN", "PLAIN"] if inbox.token else ["XOAUTH2"],
        )

    return await loop.create_server(
        protocol, "127.0.0.1", 0, ssl=context if security == "tls" else None
    )


async def _stop(server: asyncio.Server) -> None:
    """Whoever is still connected is left, and every task has its end."""
    server.close()
    tasks = asyncio.all_tasks() - {asyncio.current_task()}
    for task in tasks:
        task.cancel()
    await asyncio.gather(*tasks, return_exceptions=True)


def _run(loop: asyncio.AbstractEventLoop, work: Coroutine[Any, Any, Any]) -> Any:
    return asyncio.run_coroutine_threadsafe(work, loop).result(timeout=10)


def _authenticator(inbox: Inbox) -> Callable[..., AuthResult]:
    def authenticate(*args: Any) -> AuthResult:
        given: LoginPassword = args[-1]
        is_right = given == LoginPassword(USER.encode(), inbox.password.encode())
        inbox.logins.append(is_right)
        if is_right:
            return AuthResult(success=True, handled=False)
        words = f"535 5.7.8 not {given.password.decode()}"  # some servers do so
        return AuthResult(success=False, handled=False, message=words)

    return authenticate


class _Handler:
    def __init__(self, inbox: Inbox) -> None:
        self.inbox = inbox

    async def handle_EHLO(  # noqa: N802 (the library's)
        self,
        _server: SMTP,
        session: Session,
        _envelope: Envelope,
        hostname: str,
        answer: list[str],
    ) -> list[str]:
        self.inbox.verbs.append("EHLO")
        session.host_name = hostname
        return answer

    def handle_STARTTLS(  # noqa: N802 (the library's)
        self, _server: SMTP, _session: Session, _envelope: Envelope
    ) -> bool:
        self.inbox.verbs.append("STARTTLS")
        return True

    async def handle_AUTH(  # noqa: N802 (the library's)
        self, _server: SMTP, _session: Session, _envelope: Envelope, _args: list[str]
    ) -> object:
        self.inbox.verbs.append("AUTH")
        return MISSING  # so that the library answers

    async def auth_XOAUTH2(  # noqa: N802 (the library's)
        self, server: SMTP, args: list[str]
    ) -> AuthResult:
        """Take the token, or say why not as Google does: a challenge, then 535."""
        inbox = self.inbox
        given = b64decode(args[1])
        inbox.logins.append(
            given == f"user={USER}\1auth=Bearer {inbox.token}\1\1".encode()
        )
        if inbox.logins[-1]:
            return AuthResult(success=True, auth_data=USER)
        why = '{"status":"401","schemes":"bearer","scope":"https://mail.google.com/"}'
        answer = await server.challenge_auth(why)
        inbox.verbs.append(f"answered {answer!r}")
        words = f"535 5.7.3 Authentication unsuccessful {given!r}"
        return AuthResult(success=False, handled=False, message=words)

    async def handle_QUIT(  # noqa: N802 (the library's)
        self, _server: SMTP, _session: Session, _envelope: Envelope
    ) -> str:
        self.inbox.verbs.append("QUIT")
        return self.inbox.refuses.get("QUIT", "221 Bye")

    async def handle_MAIL(  # noqa: N802 (the library's)
        self,
        _server: SMTP,
        _session: Session,
        envelope: Envelope,
        address: str,
        options: list[str],
    ) -> str:
        self.inbox.verbs.append("MAIL")
        if refusal := self.inbox.refuses.get(address):
            return refusal
        envelope.mail_from = address
        envelope.mail_options.extend(options)
        return "250 OK"

    async def handle_RCPT(  # noqa: N802 (the library's)
        self,
        _server: SMTP,
        _session: Session,
        envelope: Envelope,
        address: str,
        _options: list[str],
    ) -> str:
        inbox = self.inbox
        inbox.asked_for.append(address)
        if inbox.busy:
            inbox.busy -= 1
            return "451 4.7.1 not now"
        if refusal := inbox.refuses.get(address):
            return refusal
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(  # noqa: N802 (the library's)
        self, server: SMTP, _session: Session, envelope: Envelope
    ) -> str:
        if refusal := self.inbox.refuses.get("DATA"):
            return refusal
        content = envelope.content
        assert isinstance(content, bytes)
        self.inbox.taken += [(to, content) for to in envelope.rcpt_tos]
        if self.inbox.drops:
            self.inbox.drops -= 1
            assert server.transport is not None
            server.transport.close()
        return "250 OK"
