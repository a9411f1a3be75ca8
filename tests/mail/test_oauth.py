"""A mail server that takes tokens and a server that issues them, both on loopback."""

import json
from base64 import urlsafe_b64decode
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs

import pytest
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import padding, rsa

from pipeline.config import Mail, MailOauth, load
from pipeline.doctor.mail import mail as examined
from pipeline.doctor.secrets import secrets
from pipeline.errors import ConfigError
from pipeline.mail import oauth
from pipeline.mail.sign_in import SignIn
from pipeline.mail.smtp import MailServer, NotAcceptedError, UnreachableError
from servers import mail as mail_server
from servers import script
from servers.mail import USER, Inbox
from servers.script import Answer, Script

TOKEN = "canary-token-0123456789"
SECRET = "canary-secret-0123456789"
PATH = "/directory/oauth2/v2.0/token"
SCOPE = "https://outlook.office365.com/.default"
ISSUED = Answer({"token_type": "Bearer", "expires_in": 3599, "access_token": TOKEN})
MESSAGE = b"Subject: hello\r\n\r\nhello\r\n"

pytestmark = pytest.mark.usefixtures("fast_retries")


@pytest.fixture(scope="module")
def pem(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return mail_server.certificate(tmp_path_factory.mktemp("oauth"))


@pytest.fixture
def issuer() -> Iterator[Script]:
    with script.serve() as served:
        served.routes[PATH] = [ISSUED]
        yield served


@pytest.fixture
def server(pem: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Inbox]:
    monkeypatch.setenv("SSL_CERT_FILE", str(pem))
    with mail_server.serve(pem, security="starttls", token=TOKEN) as inbox:
        yield inbox


def configured(inbox: Inbox, issuer: Script, **changed: Any) -> Mail:
    app = MailOauth(issuer.url + PATH, SCOPE, "the-app", SECRET)
    to = ("b@example.com",)
    mail = Mail("localhost", inbox.port, "starttls", "a@example.com", to, USER)
    return replace(mail, oauth=replace(app, **changed), timeout_seconds=5)


def form(issuer: Script, index: int = 0) -> dict[str, str]:
    return {key: one for key, (one,) in parse_qs(issuer.bodies[index].decode()).items()}


def test_a_token_is_fetched_once_for_all_mails_of_a_delivery(
    server: Inbox, issuer: Script
) -> None:
    with MailServer(configured(server, issuer)) as connection:
        connection.send(MESSAGE, "b@example.com")
        server.refuses["c@example.com"] = "421 4.7.0 too many"
        with pytest.raises(NotAcceptedError):
            connection.send(MESSAGE, "c@example.com")
        connection.send(MESSAGE, "d@example.com")

    assert server.recipients == ["b@example.com", "d@example.com"]
    assert set(server.logins) == {True}
    assert issuer.requests[0][:2] == ("POST", PATH)
    assert len(issuer.requests) == 1
    assert form(issuer) == {
        "grant_type": "client_credentials",
        "client_id": "the-app",
        "client_secret": SECRET,
        "scope": SCOPE,
    }


def test_a_token_that_ends_is_renewed(server: Inbox, issuer: Script) -> None:
    issuer.routes[PATH] = [Answer({"access_token": TOKEN, "expires_in": "30"})]
    sign_in = SignIn(configured(server, issuer))
    for _ in range(2):
        sign_in.prepare(5)

    assert len(issuer.requests) == 2


def test_the_doctor_signs_in_with_a_token(server: Inbox, issuer: Script) -> None:
    found = examined(configured(server, issuer))

    assert found.state == "ok", found
    assert f"logged in as {USER}, with a token" in found.found
    assert server.verbs == ["EHLO", "STARTTLS", "EHLO", "AUTH", "QUIT"]
    assert server.taken == []


@pytest.mark.parametrize(
    ("answer", "found", "remedy"),
    [
        (
            (401, "invalid_client", f"AADSTS7000222: keys expired {SECRET}"),
            "gives no token: 401 invalid_client AADSTS7000222",
            "set a new mail.oauth_client_secret: this one has expired",
        ),
        (
            (401, "invalid_client", "AADSTS7000215: Invalid client secret"),
            "AADSTS7000215",
            "the value, not the id of the secret",
        ),
        ((400, "unauthorized_client", "AADSTS700016: x"), "700016", "oauth_client_id"),
        ((400, "invalid_request", "AADSTS90002: Tenant"), "AADSTS90002", "directory"),
        ((400, "invalid_scope", "AADSTS1002012: x"), "1002012", '"/.default"'),
        ((400, "invalid_scope", "another"), "invalid_scope", "mail.oauth_scope"),
        ((404, "<script>", ""), "gives no token: 404", "mail.oauth_token_url"),
        ((503, "temporarily_unavailable", ""), "503", "mail.oauth_token_url"),
    ],
)
def test_a_refusal_says_what_to_do_and_repeats_no_secret(
    server: Inbox,
    issuer: Script,
    answer: tuple[int, str, str],
    found: str,
    remedy: str,
) -> None:
    status, word, words = answer
    body = {"error": word, "error_description": words}
    issuer.routes[PATH] = [Answer(body, status=status)]

    seen = examined(configured(server, issuer))

    assert (seen.state, seen.exit_code) == ("fail", 6)
    assert found in seen.found
    assert remedy in seen.remedy
    assert SECRET not in str(seen)
    assert "script" not in str(seen)
    assert server.verbs == []  # nobody waits at the mail server meanwhile


@pytest.mark.parametrize(
    "body", [b"<html>sign in</html>", {"access_token": "a\nb"}, {"token": TOKEN}, []]
)
def test_what_is_no_token_is_not_sent_on(
    server: Inbox, issuer: Script, body: Any
) -> None:
    issuer.routes[PATH] = [Answer(body)]

    seen = examined(configured(server, issuer))

    assert "something else than a token" in seen.found
    assert server.verbs == []


def test_a_server_of_tokens_that_is_busy_is_asked_again(
    server: Inbox, issuer: Script
) -> None:
    issuer.routes[PATH] = [Answer({"error": "slow_down"}, status=429), ISSUED]
    with MailServer(configured(server, issuer)) as connection:
        connection.send(MESSAGE, "b@example.com")

    assert len(issuer.requests) == 2
    assert server.recipients == ["b@example.com"]


def test_an_issuer_that_is_not_there_is_described(
    server: Inbox, issuer: Script
) -> None:
    nowhere = configured(server, issuer, token_url="http://127.0.0.1:1/token")

    seen = examined(nowhere)

    assert seen.found.startswith("127.0.0.1: ")
    assert "firewall" in seen.remedy


def test_a_token_that_is_not_taken_names_what_the_mailbox_lacks(
    server: Inbox, issuer: Script
) -> None:
    """The server says what it was given; nobody else does."""
    issuer.routes[PATH] = [Answer({"access_token": "canary-another-token"})]
    with (
        pytest.raises(UnreachableError) as caught,
        MailServer(configured(server, issuer)) as connection,
    ):
        connection.send(MESSAGE, "b@example.com")

    assert "refused with 535 5.7.3" in caught.value.reason
    assert "SMTP.SendAsApp" in caught.value.remedy
    assert "canary" not in f"{caught.value} {caught.value.remedy}"
    assert "answered b''" in server.verbs  # to the challenge, as XOAUTH2 has it


def test_a_server_without_tokens_is_told(
    pem: Path, issuer: Script, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SSL_CERT_FILE", str(pem))
    with mail_server.serve(pem, security="starttls", password="x") as inbox:
        seen = examined(configured(inbox, issuer))

    assert "XOAUTH2" in seen.found
    assert 'auth = "password"' in seen.remedy


def test_what_a_server_repeats_of_the_token_is_hidden(
    server: Inbox, issuer: Script
) -> None:
    server.refuses["b@example.com"] = f"550 5.1.1 no {TOKEN} here"
    with (
        pytest.raises(NotAcceptedError) as caught,
        MailServer(configured(server, issuer)) as connection,
    ):
        connection.send(MESSAGE, "b@example.com")

    assert "[hidden]" in caught.value.reason
    assert TOKEN not in str(caught.value)


@pytest.fixture(scope="module")
def key() -> rsa.RSAPrivateKey:
    return rsa.generate_private_key(public_exponent=65537, key_size=2048)


def pem_of(key: rsa.RSAPrivateKey) -> str:
    return key.private_bytes(
        serialization.Encoding.PEM,
        serialization.PrivateFormat.PKCS8,
        serialization.NoEncryption(),
    ).decode()


def test_a_service_account_signs_for_the_mailbox(
    server: Inbox, issuer: Script, key: rsa.RSAPrivateKey
) -> None:
    """Its assertion is that of RFC 7523, for the user as `sub`."""
    account = configured(
        server,
        issuer,
        client_id="robot@acme.iam.example",
        client_secret=None,
        private_key=pem_of(key),
        private_key_id="k1",
        scope="https://mail.google.com/",
    )
    with MailServer(account) as connection:
        connection.send(MESSAGE, "b@example.com")

    sent = form(issuer)
    assert sent["grant_type"] == "urn:ietf:params:oauth:grant-type:jwt-bearer"
    head, claims, signature = sent["assertion"].split(".")
    key.public_key().verify(
        decoded(signature),
        f"{head}.{claims}".encode(),
        padding.PKCS1v15(),
        hashes.SHA256(),
    )
    assert json.loads(decoded(head)) == {"alg": "RS256", "typ": "JWT", "kid": "k1"}
    said = json.loads(decoded(claims))
    assert said["exp"] - said["iat"] == 3600
    assert {name: said[name] for name in ("iss", "sub", "scope", "aud")} == {
        "iss": "robot@acme.iam.example",
        "sub": USER,
        "scope": "https://mail.google.com/",
        "aud": issuer.url + PATH,
    }
    assert server.recipients == ["b@example.com"]


def decoded(part: str) -> bytes:
    return urlsafe_b64decode(part + "=" * (-len(part) % 4))


def test_a_key_that_signs_nothing_is_told(issuer: Script) -> None:
    with pytest.raises(oauth.TokenError) as caught:
        oauth.fetch(
            MailOauth(issuer.url + PATH, SCOPE, "a", private_key="canary-key"), "u", 5
        )

    assert "not an RSA key" in caught.value.reason
    assert "canary" not in str(caught.value)
    assert issuer.requests == []


BASE = """
[[tenant]]
name = "acme"
url = "https://acme.eu.qlikcloud.com"
api_key = "env:KEY"

[mail]
host = "smtp.example.com"
from = "Chargeback <a@example.com>"
recipients = ["b@example.com"]
"""
APP = {
    "auth": '"oauth"',
    "oauth_token_url": '"https://login.example.com/token"',
    "oauth_client_id": '"the-app"',
    "oauth_client_secret": '"env:MAIL_SECRET"',
}
ENV = {"KEY": "a-key", "MAIL_SECRET": SECRET}


def written(tmp_path: Path, keys: dict[str, str | None]) -> Path:
    path = tmp_path / "chargeback.toml"
    lines = [f"{name} = {text}\n" for name, text in keys.items() if text]
    path.write_text(BASE + "".join(lines))
    return path


def test_an_app_is_configured(tmp_path: Path) -> None:
    """The mailbox is that of the sender, unless there is a user."""
    mail = load(written(tmp_path, {**APP}), ENV).mail

    assert mail is not None
    assert mail.user == "a@example.com"
    assert mail.oauth == MailOauth(
        "https://login.example.com/token", SCOPE, "the-app", SECRET
    )
    assert SECRET not in repr(mail)


@pytest.mark.parametrize(
    ("keys", "named"),
    [
        ({"auth": None}, 'mail.oauth_token_url.*auth = "oauth"'),
        ({"password": '"env:KEY"'}, "mail.password"),
        ({"security": '"none"'}, "mail.security: a token needs"),
        ({"oauth_client_id": None}, "mail.oauth_client_id: required"),
        ({"oauth_client_secret": f'"{SECRET}"'}, "a secret is not written here"),
        ({"oauth_token_url": '"http://login.example.com/token"'}, "begin with https"),
        ({"oauth_token_url": '"login"'}, "mail.oauth_token_url.*is not a URL"),
        ({"oauth_service_account": '"env:MAIL_SECRET"'}, "mail.oauth_token_url: stand"),
        ({"auth": '"token"'}, "mail.auth"),
    ],
)
def test_what_could_not_sign_in_is_refused(
    tmp_path: Path, keys: dict[str, str | None], named: str
) -> None:
    with pytest.raises(ConfigError, match=named) as caught:
        load(written(tmp_path, {**APP, **keys}), ENV)

    assert SECRET not in str(caught.value)


ACCOUNT: dict[str, str | None] = {
    "auth": '"oauth"',
    "oauth_service_account": '"file:account.json"',
}


def test_a_service_account_is_configured_by_its_key_file(tmp_path: Path) -> None:
    account = {
        "type": "service_account",
        "private_key_id": "k1",
        "private_key": "-----BEGIN PRIVATE KEY-----\ncanary\n",
        "client_email": "robot@acme.iam.example",
        "token_uri": "https://oauth2.example.com/token",
    }
    file = tmp_path / "account.json"
    file.write_text(json.dumps(account, indent=2))
    file.chmod(0o600)
    path = written(tmp_path, ACCOUNT)

    mail = load(path, ENV).mail

    assert mail is not None
    assert mail.oauth is not None
    assert mail.oauth.client_id == "robot@acme.iam.example"
    assert mail.oauth.scope == "https://mail.google.com/"
    assert "canary" not in repr(mail)
    found = {one.subject: one.state for one in secrets(path, ENV)}
    assert found["mail: service account"] == "ok"


@pytest.mark.parametrize("text", ["canary", '{"private_key": "canary"}', "[1]"])
def test_a_file_that_is_no_key_of_an_account_is_refused(
    tmp_path: Path, text: str
) -> None:
    (tmp_path / "account.json").write_text(text)
    (tmp_path / "account.json").chmod(0o600)

    with pytest.raises(ConfigError, match="not the key of a service account") as caught:
        load(written(tmp_path, ACCOUNT), ENV)

    assert "canary" not in str(caught.value)
