"""`[mail]`: the server, the sender, the recipients, the webhook."""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from pipeline.config.keys import MailKeys
from pipeline.config.mail_oauth import MailOauth, mail_oauth
from pipeline.config.proxies import proxy_for
from pipeline.config.secrets import Env, secret
from pipeline.config.urls import check_secret_url, is_host
from pipeline.errors import ConfigError

_LONGEST = 254
_ATOM = r"[A-Za-z0-9!#$%&'*+/=?^_`{|}~-]+"
_LOCAL = re.compile(rf"{_ATOM}(\.{_ATOM})*")
_LABEL = re.compile(r"[A-Za-z0-9]([A-Za-z0-9-]{0,61}[A-Za-z0-9])?")
# What begins a word that a header would decode, line breaks and all.
_ENCODED = "=?"
_NAMED = re.compile(r'"?(?P<name>[^<>"]*)"? *<(?P<address>[^<>]*)>')


@dataclass(frozen=True, slots=True)
class Mail:
    """The mail server, the recipients and how often they get mail, the webhook.

    With *oauth* the *user* signs in with a token, else with the *password*. *file* is
    where this is configured.
    """

    host: str
    port: int
    security: str
    sender: str
    recipients: tuple[str, ...]
    user: str | None = None
    password: str | None = field(default=None, repr=False)
    oauth: MailOauth | None = None
    sender_name: str = ""
    cost_centers: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    timeout_seconds: float = 60
    attach: tuple[str, ...] = ("xlsx", "csv")
    open_month: str = "monthly"
    webhook: str | None = field(default=None, repr=False)
    webhook_format: str = "text"
    webhook_proxy: str | None = field(default=None, repr=False)
    file: Path | None = None


def mail(path: Path, keys: MailKeys | None, env: Env) -> Mail | None:
    """The section of the file at *path*, with its secrets from *env* and files.

    Raises:
        ConfigError: An address is invalid, or a secret is not there or would be sent
            in plain text.
    """
    if keys is None:
        return None
    _check_login(path, keys)
    if not is_host(keys.host):
        raise ConfigError(f"{path}: mail.host: {keys.host!r} is no name of a host")
    name, sender = _sender(f"{path}: mail.from", keys.sender)
    webhook = _webhook(path, keys.webhook, env)
    return Mail(
        host=keys.host,
        port=keys.port,
        security=keys.security,
        sender=sender,
        sender_name=name,
        recipients=addresses(f"{path}: mail.recipients", keys.recipients),
        user=keys.user or (sender if keys.auth == "oauth" else None),
        oauth=mail_oauth(path, keys, env),
        password=_optional(path, "password", keys.password, env),
        cost_centers={
            center: addresses(f"{path}: mail.cost_centers.{center!r}", written)
            for center, written in keys.cost_centers.items()
        },
        timeout_seconds=keys.timeout_seconds,
        attach=tuple(dict.fromkeys(keys.attach)),
        open_month=keys.open_month,
        webhook=webhook,
        webhook_format=keys.webhook_format,
        webhook_proxy=proxy_for(webhook, env) if webhook else None,
        file=path,
    )


def _check_login(path: Path, keys: MailKeys) -> None:
    if keys.password is not None and keys.security == "none":
        raise ConfigError(
            f"{path}: mail.security: a password needs starttls or tls; it is never"
            " sent over plain text"
        )
    if keys.auth == "password" and (keys.user is None) != (keys.password is None):
        raise ConfigError(f"{path}: mail.user: a user and a password, or neither")
    if keys.user is not None and not (keys.user.isascii() and keys.user.isprintable()):
        raise ConfigError(f"{path}: mail.user: {keys.user!r} holds odd characters")


def _optional(path: Path, key: str, reference: str | None, env: Env) -> str | None:
    if reference is None:
        return None
    return secret(f"{path}: mail.{key}", reference, path, env)


def _sender(where: str, text: str) -> tuple[str, str]:
    """The name, which may be empty, and the address of `Name <address>`."""
    if named := _NAMED.fullmatch(text):
        if not named["name"].isprintable() or _ENCODED in named["name"]:
            raise ConfigError(f"{where}: {text!r} holds odd characters")
        return named["name"].strip(), address(where, named["address"])
    return "", address(where, text)


def addresses(where: str, written: Iterable[str]) -> tuple[str, ...]:
    """Each address once, in the order in which they are written."""
    return tuple(dict.fromkeys(address(where, text) for text in written))


def address(where: str, text: str) -> str:
    """One address as a mail server takes it: the domain in lower case and in ASCII."""
    local, _, domain = text.strip().rpartition("@")
    try:
        host = domain.encode("idna").decode("ascii").lower()
    except UnicodeError:
        host = ""
    is_name = bool(host) and all(map(_LABEL.fullmatch, host.split(".")))
    is_plain = bool(_LOCAL.fullmatch(local)) and _ENCODED not in local
    if not (is_name and is_plain) or len(text) > _LONGEST:
        raise ConfigError(
            f"{where}: {text!r} is not an address; write one like"
            ' "finance@example.com", before the @ in ASCII'
        )
    return f"{local}@{host}"


def _webhook(path: Path, reference: str | None, env: Env) -> str | None:
    """The webhook's URL, which is a secret: no message repeats it."""
    url = _optional(path, "webhook", reference, env)
    if not url:
        return None
    check_secret_url(f"{path}: mail.webhook", url)
    return url
