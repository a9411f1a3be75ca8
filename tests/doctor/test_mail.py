"""The doctor greets the mail server as a delivery would, and sends nothing."""

import sys
from dataclasses import replace
from pathlib import Path

import pytest

from pipeline.config import Charge, Mail, Settings
from pipeline.doctor.mail import mail, recipients
from servers import mail as mail_server

PASSWORD = "canary-password"


@pytest.fixture(scope="module")
def pem(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return mail_server.certificate(tmp_path_factory.mktemp("mail"))


def configured(port: int, security: str, password: str | None = PASSWORD) -> Mail:
    to = ("b@example.com",)
    user = "us" if password else None
    return Mail("localhost", port, security, "a@example.com", to, user, password)


@pytest.mark.parametrize("security", ["starttls", "tls", "none"])
def test_a_mail_server_is_logged_in_to_and_sent_nothing(
    pem: Path, security: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Over plain text there is no login: the configuration refuses a password."""
    monkeypatch.setenv("SSL_CERT_FILE", str(pem))
    password = None if security == "none" else PASSWORD
    with mail_server.serve(pem, security=security, password=PASSWORD) as inbox:
        found = mail(configured(inbox.port, security, password))

    assert found.state == "ok", found
    greeting = ["EHLO", "STARTTLS", "EHLO"] if security == "starttls" else ["EHLO"]
    assert inbox.verbs == [*greeting, *(["AUTH"] if password else []), "QUIT"]


@pytest.mark.parametrize(
    ("offers", "asks", "takes", "words", "mend"),
    [
        ("starttls", "starttls", "other", "refused with 535", "mail.password"),
        ("none", "starttls", PASSWORD, "STARTTLS", "mail.security"),
        ("none", "tls", PASSWORD, "none", "mail.security"),
    ],
)
def test_a_mail_server_that_would_not_take_mail_is_told(  # noqa: PLR0913
    *,
    pem: Path,
    monkeypatch: pytest.MonkeyPatch,
    offers: str,
    asks: str,
    takes: str,
    words: str,
    mend: str,
) -> None:
    monkeypatch.setenv("SSL_CERT_FILE", str(pem))
    with mail_server.serve(pem, security=offers, password=takes) as inbox:
        found = mail(configured(inbox.port, asks))

    assert (found.state, found.exit_code) == ("fail", 6)
    assert words in found.found or words == "none"
    assert mend in found.remedy
    assert PASSWORD not in str(found)


@pytest.mark.parametrize("security", ["starttls", "tls"])
def test_a_certificate_that_nobody_vouches_for_is_told(
    pem: Path, security: str
) -> None:
    """The password is not sent to whoever answers there."""
    with mail_server.serve(pem, security=security, password=PASSWORD) as inbox:
        found = mail(configured(inbox.port, security))

    assert (found.state, found.exit_code) == ("fail", 6)
    assert "is not trusted" in found.found
    assert "certificate" in found.remedy
    assert "AUTH" not in inbox.verbs
    assert inbox.logins == []


def test_a_mail_server_that_is_not_there_is_told() -> None:
    found = mail(configured(1, "starttls"))

    assert (found.state, found.exit_code) == ("fail", 6)
    assert "refused" in found.found
    assert "mail.port" in found.remedy


def test_a_mail_server_that_says_nothing_is_told(pem: Path) -> None:
    """It waits for TLS from the start, and we for its greeting."""
    with mail_server.serve(pem, security="tls") as inbox:
        found = mail(configured(inbox.port, "starttls"), timeout=0.3)

    assert found.state == "fail"
    assert "mail.security" in found.remedy


def test_a_cost_centre_that_no_file_names_is_told(tmp_path: Path) -> None:
    """And the webhook's secret is not."""
    rules = tmp_path / "rules.csv"
    rules.write_text("priority,cost_center,owner\n10,Sales,*\n")
    to = {"Sales": ("b@example.com",), "Saless": ("b@example.com",)}
    hook = "https://chat.example/canary-secret"
    configured_mail = replace(configured(1, "tls"), cost_centers=to, webhook=hook)
    charge = Charge(cost_centers=rules)

    found = list(
        recipients(Settings((), tmp_path, charge=charge, mail=configured_mail))
    )

    assert [one.state for one in found] == ["ok", "warn", "ok"]
    assert "'Saless'" in found[1].found
    assert "chat.example" in found[2].found
    assert "canary" not in str(found)


def test_whether_pdfs_can_be_made_is_told(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    attaching = replace(configured(1, "tls"), attach=("pdf",))
    settings = Settings((), tmp_path, mail=attaching)

    (_, found) = recipients(settings)
    monkeypatch.setitem(sys.modules, "weasyprint", None)
    (_, without) = recipients(settings)

    assert (found.state, found.found) == ("ok", "PDFs can be made")
    assert without.state == "fail"
    assert "pip install 'chargeback[pdf]'" in without.found + without.remedy


def test_without_a_mail_server_nothing_is_wrong() -> None:
    assert mail(None).state == "ok"
