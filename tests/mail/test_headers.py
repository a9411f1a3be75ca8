"""Headers arrive as what was meant, in every program that reads them."""

from email import message_from_bytes, policy
from email.header import decode_header, make_header
from email.parser import BytesParser
from email.utils import getaddresses
from typing import Any

import pytest

from pipeline.mail.headers import address_header, text_header

ODD = [
    "=?u?q?=0D=0AReply-To:_x@evil.example=0D=0AX:?=",
    "=?utf-8?b?DQpCY2M6IHhAZXZpbC5leGFtcGxlDQo=?=",
    "=?utf-8?q?=0A=0A<script>?=",
    "=?iso-2022-jp?b?GyRC?=",
    "=?utf-8?q?=E2=80=AE?= reversed",
    "a =?u?q?b?= c " * 9,
    "=?",
    "?=",
    "==??==",
    "CC-100 Finance, EMEA",
    'R&D "Labs" <x@evil.example>',
    "Reply-To: x@evil.example",
    "Zürich, Genève & Łódź " * 6,
    "\N{MONEY BAG}" * 70,
    "one-word-" * 17,
    "(comment) [x]; a:b,c@d\\e",
    "",
    "\N{GREEK SMALL LETTER ALPHA WITH YPOGEGRAMMENI}"
    + "\N{COMBINING ACUTE ACCENT}" * 99,
]
PARSERS = [policy.compat32, policy.default, policy.SMTP]


def parsed(line: bytes, rules: Any) -> Any:
    return BytesParser(policy=rules).parsebytes(line + b"\r\nthe body")


def decoded(value: object) -> str:
    return str(make_header(decode_header(str(value))))


@pytest.mark.parametrize("text", ODD, ids=lambda text: ascii(text)[:30])
def test_a_subject_arrives_as_text(text: str) -> None:
    line = text_header("Subject", text)

    assert all(len(each) <= 76 for each in line.split(b"\r\n"))
    for rules in PARSERS:
        read = parsed(line, rules)
        assert read.keys() == ["Subject"]
        assert read.get_payload().strip() == "the body"
    assert decoded(message_from_bytes(line)["Subject"]).split() == text.split()


@pytest.mark.parametrize("name", ODD, ids=lambda text: ascii(text)[:30])
def test_a_sender_is_one_address_whatever_its_name(name: str) -> None:
    line = address_header("From", name, "billing@example.com")

    read = message_from_bytes(line + b"\r\n")
    ((shown, address),) = getaddresses([read["From"]])
    assert read.keys() == ["From"]
    assert address == "billing@example.com"
    assert decoded(shown).split() == name.split()
    modern = parsed(line, policy.default)["From"]
    assert [one.addr_spec for one in modern.addresses] == ["billing@example.com"]


def test_a_short_plain_text_stays_readable() -> None:
    assert text_header("Subject", "Chargeback") == b"Subject: Chargeback\r\n"
    assert address_header("To", "", "a@b.c") == b"To: a@b.c\r\n"
    named = address_header("From", "Chargeback team", "a@b.c")
    assert named == b"From: Chargeback team <a@b.c>\r\n"
