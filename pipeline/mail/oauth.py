"""A token for the mail server, from the server that issues them.

Asked for are client credentials (RFC 6749, 4.4), or what a signed assertion stands for
(RFC 7523, 2.1). A token endpoint's own text is not repeated: it might quote what was
sent. Its code is.
"""

import re
import time
from base64 import urlsafe_b64encode

import httpx
import msgspec

from pipeline.config import MailOauth
from pipeline.mail.failures import SendError
from pipeline.tenant.auth import read_token
from pipeline.tenant.client import client

_ASSERTION = "urn:ietf:params:oauth:grant-type:jwt-bearer"
_ASSERTION_SECONDS = 3600
_TRANSIENT = frozenset({429, 500, 502, 503, 504})

# A word of RFC 6749, and Microsoft's number, which says it more closely.
_WORD = re.compile("[a-z_]{1,40}")
_NUMBER = re.compile("AADSTS[0-9]{4,10}")

_SECRET = "set a new mail.oauth_client_secret"  # noqa: S105 (what to do)
_REMEDIES = {
    "AADSTS7000222": f"{_SECRET}: this one has expired",
    "AADSTS7000215": f"{_SECRET}: the value, not the id of the secret",
    "AADSTS700016": "check mail.oauth_client_id, and the directory in the token URL",
    "AADSTS90002": "check the directory in mail.oauth_token_url",
    "AADSTS900023": "check the directory in mail.oauth_token_url",
    "AADSTS500011": "check mail.oauth_scope: the directory does not know it",
    "AADSTS1002012": 'check mail.oauth_scope: for an app it ends in "/.default"',
    "AADSTS70011": "check mail.oauth_scope",
    "invalid_scope": "check mail.oauth_scope",
}
_OF_CLIENTS = {
    "invalid_client": "check mail.oauth_client_id and mail.oauth_client_secret",
    "unauthorized_client": "let the app have tokens of its own: client credentials",
}
_OF_ACCOUNTS = {
    "invalid_client": "check mail.oauth_service_account: the account is not known",
    "invalid_grant": "check mail.user, this machine's clock, and the account's key",
    "unauthorized_client": (
        "give the service account domain-wide delegation for the scope, and a quarter"
        " of an hour"
    ),
}
_OTHERWISE = "check mail.oauth_token_url and what stands between it and this machine"


class _Refusal(msgspec.Struct):
    error: str = ""
    error_description: str = ""


class TokenError(SendError):
    """There is no token, so that no message can be sent."""


def fetch(oauth: MailOauth, user: str, timeout: float) -> tuple[str, float]:
    """A token for *user*'s mail, and its lifetime in seconds.

    *timeout* is for the request, in seconds.

    Raises:
        TokenError: There was none, or no answer.
    """
    form = _form(oauth, user)
    try:
        with client(oauth.token_url, timeout, oauth.proxy) as http:
            response = http.post(oauth.token_url, data=form)
    except httpx.TimeoutException:
        raise _unreachable(oauth, "no answer in time") from None
    except httpx.RequestError as exc:
        raise _unreachable(oauth, str(exc) or "no answer") from None
    if not response.is_success:
        raise _status_error(oauth, response)
    try:
        return read_token(response.content)
    except (httpx.DecodingError, msgspec.ValidationError):
        reason = f"{_host(oauth)} answered with something else than a token"
        raise TokenError(reason, _OTHERWISE, is_transient=False) from None


def _form(oauth: MailOauth, user: str) -> dict[str, str]:
    if oauth.private_key is not None:
        assertion = _assertion(oauth, oauth.private_key, user)
        return {"grant_type": _ASSERTION, "assertion": assertion}
    return {
        "grant_type": "client_credentials",
        "client_id": oauth.client_id,
        "client_secret": oauth.client_secret or "",
        "scope": oauth.scope,
    }


def _assertion(oauth: MailOauth, private_key: str, user: str) -> str:
    """A JSON Web Token that the service account signs, for *user* (RFC 7515, RS256)."""
    now = int(time.time())
    header = {"alg": "RS256", "typ": "JWT", "kid": oauth.private_key_id}
    claims = {
        "iss": oauth.client_id,
        "sub": user,
        "scope": oauth.scope,
        "aud": oauth.token_url,
        "iat": now,
        "exp": now + _ASSERTION_SECONDS,
    }
    parts = b".".join(_encoded(msgspec.json.encode(one)) for one in (header, claims))
    return (parts + b"." + _encoded(_signature(private_key, parts))).decode()


def _signature(private_key: str, content: bytes) -> bytes:
    """RSASSA-PKCS1-v1_5 with SHA-256, by a key in PEM."""
    try:
        from cryptography.hazmat.primitives import (  # noqa: PLC0415 (an extra)
            hashes,
            serialization,
        )
        from cryptography.hazmat.primitives.asymmetric import (  # noqa: PLC0415
            padding,
            rsa,
        )
    except ImportError:
        remedy = "install it with the package: pip install 'chargeback[google]'"
        reason = "a service account's key needs the package cryptography"
        raise TokenError(reason, remedy, is_transient=False) from None
    try:
        key = serialization.load_pem_private_key(private_key.encode(), password=None)
    except (ValueError, TypeError):
        key = None
    if not isinstance(key, rsa.RSAPrivateKey):
        reason = "the private key of mail.oauth_service_account is not an RSA key"
        remedy = "make a new key of the account, and set it"
        raise TokenError(reason, remedy, is_transient=False)
    return key.sign(content, padding.PKCS1v15(), hashes.SHA256())


def _encoded(content: bytes) -> bytes:
    return urlsafe_b64encode(content).rstrip(b"=")


def _unreachable(oauth: MailOauth, why: str) -> TokenError:
    remedy = "check mail.oauth_token_url, and whether a firewall or proxy is between"
    return TokenError(f"{_host(oauth)}: {why}", remedy, is_transient=True)


def _status_error(oauth: MailOauth, response: httpx.Response) -> TokenError:
    """What the endpoint answered, as its code, and what to do about it."""
    try:
        said = msgspec.json.decode(response.content, type=_Refusal)
    except msgspec.DecodeError:
        said = _Refusal()
    word = said.error if _WORD.fullmatch(said.error) else ""
    number = _NUMBER.match(said.error_description)
    code = number[0] if number else ""
    named = " ".join(filter(None, (str(response.status_code), word, code)))
    of_kind = _OF_ACCOUNTS if oauth.private_key is not None else _OF_CLIENTS
    known = {**of_kind, **_REMEDIES}
    return TokenError(
        f"{_host(oauth)} gives no token: {named}",
        known.get(code) or known.get(word) or _OTHERWISE,
        is_transient=response.status_code in _TRANSIENT,
    )


def _host(oauth: MailOauth) -> str:
    return httpx.URL(oauth.token_url).host
