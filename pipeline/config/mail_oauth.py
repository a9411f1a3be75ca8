"""`[mail]` with `auth = "oauth"`: whose token is asked for, where, and for what.

Two ways lead to a token without a person: client credentials (RFC 6749, 4.4), as
Microsoft 365 has them, and a signed assertion (RFC 7523), as Google has it for service
accounts.
"""

from dataclasses import dataclass, field
from pathlib import Path
from typing import Annotated
from urllib.parse import urlsplit

import msgspec

from pipeline.config.keys import MailKeys
from pipeline.config.proxies import proxy_for
from pipeline.config.secrets import Env, secret
from pipeline.config.urls import is_loopback, is_url
from pipeline.errors import ConfigError

# Who may send as an app: https://learn.microsoft.com/exchange/client-developer/
# legacy-protocols/how-to-authenticate-an-imap-pop-smtp-application-by-using-oauth
_MICROSOFT_SCOPE = "https://outlook.office365.com/.default"
# https://developers.google.com/workspace/gmail/imap/xoauth2-protocol
_GOOGLE_SCOPE = "https://mail.google.com/"

_Text = Annotated[str, msgspec.Meta(min_length=1, max_length=16_384)]


class _KeyFile(msgspec.Struct):
    """What is needed of the key file of a service account."""

    client_email: _Text
    private_key: _Text
    token_uri: _Text
    private_key_id: str = ""


@dataclass(frozen=True, slots=True)
class MailOauth:
    """Where a token for the mail server is asked for, and with what.

    With a *private_key* (PEM) the request is signed for the account *client_id*, else
    *client_secret* goes with it. *proxy* is a URL.
    """

    token_url: str
    scope: str
    client_id: str
    client_secret: str | None = field(default=None, repr=False)
    private_key: str | None = field(default=None, repr=False)
    private_key_id: str = ""
    proxy: str | None = field(default=None, repr=False)


def mail_oauth(path: Path, keys: MailKeys, env: Env) -> MailOauth | None:
    """What the section of the file at *path* says of tokens; None with a password.

    Raises:
        ConfigError: Something is missing, too much, or would go over plain text.
    """
    given = _given(keys)
    if keys.auth != "oauth":
        if given:
            what = "is for servers that take tokens"
            raise ConfigError(
                f'{path}: mail.{given[0]}: {what}; write auth = "oauth", too'
            )
        return None
    if keys.password is not None:
        raise ConfigError(f'{path}: mail.password: auth = "oauth" takes none')
    if keys.security == "none":
        raise ConfigError(
            f"{path}: mail.security: a token needs starttls or tls; it is never sent"
            " over plain text"
        )
    if keys.oauth_service_account is not None:
        return _service_account(path, keys, env)
    return _client(path, keys, env)


def _given(keys: MailKeys) -> list[str]:
    names = [one for one in MailKeys.__struct_fields__ if one.startswith("oauth_")]
    return [name for name in names if getattr(keys, name) is not None]


def _client(path: Path, keys: MailKeys, env: Env) -> MailOauth:
    for name in ("oauth_token_url", "oauth_client_id", "oauth_client_secret"):
        if getattr(keys, name) is None:
            raise ConfigError(
                f'{path}: mail.{name}: required with auth = "oauth", not set'
            )
    where = f"{path}: mail.oauth_client_secret"
    return MailOauth(
        token_url=(url := _url(f"{path}: mail.oauth_token_url", keys.oauth_token_url)),
        scope=keys.oauth_scope or _MICROSOFT_SCOPE,
        client_id=keys.oauth_client_id or "",
        client_secret=secret(where, keys.oauth_client_secret or "", path, env),
        proxy=proxy_for(url, env),
    )


def _service_account(path: Path, keys: MailKeys, env: Env) -> MailOauth:
    for name in ("oauth_token_url", "oauth_client_id", "oauth_client_secret"):
        if getattr(keys, name) is not None:
            raise ConfigError(
                f"{path}: mail.{name}: stands in the key file of the service account"
            )
    where = f"{path}: mail.oauth_service_account"
    text = secret(where, keys.oauth_service_account or "", path, env, lines=True)
    scope = keys.oauth_scope or _GOOGLE_SCOPE
    if env is None:
        return MailOauth("", scope, "")
    try:
        key = msgspec.json.decode(text, type=_KeyFile)
    except msgspec.DecodeError:
        # Its message could quote the key.
        raise ConfigError(
            f"{where}: not the key of a service account in JSON, as Google makes it"
        ) from None
    url = _url(f"{where}: token_uri", key.token_uri)
    return MailOauth(
        token_url=url,
        scope=scope,
        client_id=key.client_email,
        private_key=key.private_key,
        private_key_id=key.private_key_id,
        proxy=proxy_for(url, env),
    )


def _url(where: str, url: str | None) -> str:
    """The address that tokens are asked of, over TLS or on this machine."""
    if not url or not is_url(url) or "@" in urlsplit(url).netloc:
        raise ConfigError(f"{where}: {url!r} is not a URL")
    parts = urlsplit(url)
    if parts.scheme != "https" and not is_loopback(parts.hostname or ""):
        raise ConfigError(
            f"{where}: {url!r} must begin with https; http is for loopback addresses"
            " only"
        )
    return url
