"""Deliver: to each what is theirs, once, whatever the mail server does."""

import io
import logging
import re
import smtplib
import socket
import threading
import traceback
from base64 import b64encode
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from datetime import date, timedelta
from decimal import Decimal
from pathlib import Path

import pytest

from pipeline.errors import DeliveryError
from servers import mail as mail_server
from servers.mail import USER, Inbox
from tools.printed import page_of
from worlds.mail_office import (
    ANNA,
    AS_OF,
    CLOSE,
    FINANCE,
    MORE,
    NOW,
    SALES,
    Office,
    body,
)

pytestmark = [pytest.mark.slow, pytest.mark.usefixtures("fast_retries")]

OWNER = "own@acme.example"
PASSWORD = "canary-password"
ALL = [FINANCE, ANNA, SALES]


@pytest.fixture(scope="module")
def pem(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return mail_server.certificate(tmp_path_factory.mktemp("certificate"))


def test_each_gets_what_is_theirs_and_nobody_sees_another(
    office: Office, inbox: Inbox
) -> None:
    office.deliver()

    assert inbox.recipients == ALL
    assert [str(mail["To"]) for mail in inbox.mails] == ALL
    assert {str(mail["From"]) for mail in inbox.mails} == {
        "Chargeback <chargeback@acme.example>"
    }
    subjects = {str(mail["Subject"]) for mail in inbox.mails}
    assert len(subjects) == 3
    sales = "CC-200 Sales, October 2026 is provisional: €83.62, €58.09 more than in"
    assert f"{sales} September 2026" in subjects
    assert "CC-200 Sales" in body(inbox.mail_to(FINANCE), "plain")
    for part in ("plain", "html"):
        of_anna = body(inbox.mail_to(ANNA), part)
        assert "83.62" not in of_anna
        assert "CC-300" not in of_anna
        assert of_anna.count("CC-200 Sales") == 1, "where an automation moved to"


def test_an_owner_gets_what_nobody_else_is_named_for(
    office: Office, inbox: Inbox
) -> None:
    """The owner in the file of cost centres, unless [mail] names somebody."""
    office.change(
        "update marts.cost_centers set owner_email = 'own@acme.example'"
        " where cost_center != 'CC-300 Operations'"
    )

    office.deliver(cost_centers={"CC-200": (SALES,), "CC-200 Sales": (ANNA,)})
    sent = [str(mail["Subject"]) for mail in inbox.mails if OWNER in str(mail["To"])]

    assert inbox.recipients.count(SALES) == inbox.recipients.count(ANNA) == 1
    assert sorted(one.partition(" is provisional: ")[0] for one in sent) == [
        "CC-100 Finance, October 2026",
        "CC-900 Research, October 2026",
        "Unallocated, October 2026",
    ]


def test_a_recipient_may_be_named_by_what_a_cost_centre_is_called_today(
    office: Office, inbox: Inbox
) -> None:
    office.change(
        "update marts.cost_centers set label = 'CC-200 Key Accounts'"
        " where code = 'CC-200'"
    )

    office.deliver(cost_centers={"CC-200 Key Accounts": (SALES,)})

    assert "CC-200 Sales" in body(inbox.mail_to(SALES), "plain")


def test_a_repeat_sends_nothing(office: Office, inbox: Inbox) -> None:
    office.deliver()
    before = office.notes()

    office.deliver(AS_OF + timedelta(1), NOW + timedelta(1))

    assert inbox.recipients == ALL
    assert office.notes() == before


def test_a_new_address_gets_what_it_has_not_had(office: Office, inbox: Inbox) -> None:
    office.deliver()

    office.deliver(recipients=(FINANCE, "cfo@acme.example"))

    assert inbox.recipients == [*ALL, "cfo@acme.example"]


def test_a_month_that_was_not_read_whole_waits(
    office: Office, inbox: Inbox, caplog: pytest.LogCaptureFixture
) -> None:
    office.change("update marts.tenant_monthly set is_complete = false")

    office.deliver()

    assert inbox.taken == []
    waits = r"2026-10 waits: \d+ of 31 days of [\w, ]+ are read; for [\w@., ]+"
    assert re.search(waits, caplog.text)


def test_a_closed_month_is_mailed_again_at_once(office: Office, inbox: Inbox) -> None:
    """It says what the reader saw last, also where nothing else has changed."""
    office.deliver()
    provisional = inbox.mail_to(ANNA)
    inbox.taken.clear()
    office.change(CLOSE)

    office.deliver(AS_OF + timedelta(1))
    office.deliver(AS_OF + timedelta(2))

    assert inbox.recipients == ALL
    final = inbox.mail_to(ANNA)
    assert "October 2026 is final: €" in final["Subject"]
    assert final["Message-ID"] != provisional["Message-ID"]
    assert "Since the mail of Nov 24, 2026 no amount" in body(final, "plain")
    assert "Since the mail of Nov 24, 2026 no amount" in body(final, "html")


def test_a_changed_amount_names_the_former_one(office: Office, inbox: Inbox) -> None:
    """Not every night, and to those only whom it concerns."""
    office.deliver()
    was = amount(office)
    inbox.taken.clear()
    office.change(MORE)

    office.deliver(AS_OF + timedelta(6))
    early = inbox.recipients
    office.deliver(AS_OF + timedelta(7))
    office.deliver(AS_OF + timedelta(14))

    assert early == []
    assert inbox.recipients == [FINANCE, ANNA]
    for kind in ("plain", "html"):
        text = body(inbox.mail_to(ANNA), kind)
        assert f"Changed since the mail of Nov 24, 2026: it said €{was}" in text
        assert f"€{was + 5}" in text
    assert "changed Dec 1, 2026" in inbox.mail_to(ANNA)["Subject"]


def test_a_changed_amount_says_in_which_lines(office: Office, inbox: Inbox) -> None:
    """Of a mail of an earlier version it is not known: then nothing is said."""
    office.deliver()
    inbox.taken.clear()
    office.change(MORE)
    office.change(
        "update marts.statement_lines set amount = amount + 5 where item = 'Licence"
        " fee' and month = date '2026-10-01' and cost_center = 'CC-100 Finance'"
    )

    office.deliver(AS_OF + timedelta(7))

    mail = inbox.mail_to(ANNA)
    assert "Licence fee: was €20.00, is €25.00" in body(mail, "plain")
    assert re.search(r"Licence fee\W*€20.00\W*€25.00", page_of(body(mail, "html")).text)
    for kind in ("plain", "html"):
        assert "Bandwidth: was" not in body(mail, kind)
        assert "Days covered: then" not in body(mail, kind)


def amount(office: Office) -> Decimal:
    ((found,),) = office.ask(
        "select amount from marts.statement where cost_center = 'CC-100 Finance'"
        " and month = date '2026-10-01'"
    )
    return Decimal(found).quantize(Decimal("0.01"))


@pytest.mark.parametrize("security", ["starttls", "tls"])
def test_the_password_goes_over_an_encrypted_line(
    *,
    pem: Path,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    security: str,
) -> None:
    monkeypatch.setenv("SSL_CERT_FILE", str(pem))
    with mail_server.serve(pem, security=security, password=PASSWORD) as inbox:
        office = Office.of(tmp_path, inbox.port)
        office.deliver(security=security, user=USER, password=PASSWORD)

    assert inbox.recipients == ALL
    assert inbox.logins == [True]


def test_a_wrong_password_ends_in_6_and_is_told_to_nobody(
    *,
    pem: Path,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
) -> None:
    monkeypatch.setenv("SSL_CERT_FILE", str(pem))
    with mail_server.serve(pem, security="starttls", password="another") as inbox:
        office = Office.of(tmp_path, inbox.port)
        with pytest.raises(DeliveryError) as caught:
            office.deliver(security="starttls", user=USER, password=PASSWORD)

    assert caught.value.exit_code == 6
    assert "refused with 535" in str(caught.value)
    assert "check mail.user and mail.password" in str(caught.value)
    assert PASSWORD not in str(caught.value) + caplog.text
    assert inbox.taken == []


def test_without_encryption_no_password_is_sent(tmp_path: Path, inbox: Inbox) -> None:
    """The server offers no STARTTLS, perhaps because somebody took it away."""
    office = Office.of(tmp_path, inbox.port)

    with pytest.raises(DeliveryError, match=r"mail\.security"):
        office.deliver(security="starttls", user=USER, password=PASSWORD)

    assert inbox.logins == []
    assert inbox.taken == []


def test_one_bad_recipient_of_three_does_not_stop_the_others(
    office: Office, inbox: Inbox
) -> None:
    inbox.refuses[ANNA] = f"550 5.1.1 no such\x1b[2J user, {'x' * 400}"

    with pytest.raises(DeliveryError) as caught:
        office.deliver()
    first = inbox.recipients
    inbox.refuses.clear()
    office.deliver(AS_OF + timedelta(1))

    assert caught.value.exit_code == 6
    what = str(caught.value).partition("\n")[0]
    assert what.startswith(
        f"1 of 3 not delivered: {ANNA}: recipient refused with 550 5.1.1, and said"
        ' "no such[2J user, xxx'
    )
    assert len(what) < 400
    assert "check the address" in str(caught.value)
    assert first == [FINANCE, SALES]
    assert inbox.recipients == [FINANCE, SALES, ANNA]


@pytest.mark.parametrize(
    ("refusal", "remedy"),
    [
        ("552 5.3.4 message too big", "attach less"),
        ("552 size", "attach less"),
        ("550 5.2.3 longer than we take", "attach less"),
        ("530 5.7.0 authentication required", "set mail.user and mail.password"),
        ("550 5.7.1 not yours", "check mail.from"),
    ],
)
def test_a_sender_that_is_refused_is_told_why(
    office: Office, inbox: Inbox, refusal: str, remedy: str
) -> None:
    inbox.refuses["chargeback@acme.example"] = refusal

    with pytest.raises(DeliveryError, match=f"sender refused(?s:.)*{remedy}"):
        office.deliver()


def test_a_mailbox_that_is_full_is_told(office: Office, inbox: Inbox) -> None:
    inbox.refuses[ANNA] = "552 5.2.2 over quota"

    with pytest.raises(DeliveryError, match="mailbox is full"):
        office.deliver()


def test_what_passes_is_tried_again_at_once(office: Office, inbox: Inbox) -> None:
    inbox.busy = 2

    office.deliver()

    assert inbox.recipients == ALL
    assert inbox.asked_for == [FINANCE, *[FINANCE] * 2, ANNA, SALES]


def test_a_drop_after_data_is_repeated_under_the_same_message_id(
    office: Office, inbox: Inbox
) -> None:
    """The server has the mail, and nobody heard it say so: rather twice than never."""
    inbox.drops = 1

    with pytest.raises(DeliveryError, match="the connection was lost before"):
        office.deliver()
    first = inbox.recipients
    office.deliver(AS_OF + timedelta(1), NOW + timedelta(1))

    assert first == ALL
    assert inbox.recipients == [*ALL, FINANCE]
    assert inbox.mails[0]["Message-ID"] == inbox.mails[3]["Message-ID"]


def test_a_server_that_is_down_delays_the_mail(tmp_path: Path, inbox: Inbox) -> None:
    office = Office.of(tmp_path, port=1)

    with pytest.raises(DeliveryError) as caught:
        office.deliver()
    office.port = inbox.port
    office.deliver(date(2026, 12, 2))

    assert "3 of 3 not delivered" in str(caught.value)
    assert "check mail.host and mail.port" in str(caught.value)
    assert "chargeback deliver sends just what is missing" in str(caught.value)
    assert inbox.recipients == ALL


def test_a_greeting_that_never_ends_is_cut(tmp_path: Path) -> None:
    """Each byte comes in time; the whole of it never does."""
    with socket.create_server(("127.0.0.1", 0)) as listening:
        office = Office.of(tmp_path, listening.getsockname()[1])
        thread = threading.Thread(target=_trickle, args=(listening,))
        thread.start()
        with pytest.raises(DeliveryError, match="3 of 3 not delivered"):
            office.deliver(timeout_seconds=0.1)
        thread.join()


def _trickle(listening: socket.socket) -> None:
    for _ in range(3):
        talk, _ = listening.accept()
        with talk, suppress(OSError):
            talk.settimeout(0.02)
            while True:
                talk.sendall(b"2")
                with suppress(TimeoutError):
                    if not talk.recv(1):
                        break


def test_after_three_losses_in_a_row_the_others_wait(
    office: Office, inbox: Inbox
) -> None:
    inbox.drops = 9
    more = tuple(f"{n}@acme.example" for n in range(4))

    with pytest.raises(DeliveryError, match="4 of 4 not delivered"):
        office.deliver(recipients=more, cost_centers={})

    assert inbox.recipients == list(more[:3])


def test_a_note_that_nobody_can_read_is_told(office: Office) -> None:
    office.deliver()
    note = next((office.path / "state" / "delivered").glob("2026-10/*.json"))
    note.write_text("{")

    with pytest.raises(DeliveryError, match=note.name):
        office.deliver()


@pytest.fixture
def forgotten(office: Office, inbox: Inbox) -> Path:
    """Where the note of Anna's mail was, before it and all others were removed."""
    office.deliver()
    folder = office.path / "state" / "delivered"
    (note,) = (path for path in folder.glob("*/*.json") if ANNA in path.read_text())
    for path in folder.rglob("*.json"):
        path.unlink()
    inbox.taken.clear()
    return note


def test_what_cannot_be_noted_is_not_sent_and_stops_no_other(
    office: Office, inbox: Inbox, forgotten: Path
) -> None:
    obstacle = forgotten.with_name(f".{forgotten.name}.partial")
    obstacle.mkdir()

    for _ in range(2):
        with pytest.raises(
            DeliveryError, match=f"of . not delivered: {ANNA}: .*partial"
        ):
            office.deliver()
    assert inbox.recipients == [FINANCE, SALES]

    obstacle.rmdir()
    office.deliver()
    assert inbox.recipients == [FINANCE, SALES, ANNA]


def test_a_note_that_is_a_folder_is_told(office: Office, forgotten: Path) -> None:
    forgotten.mkdir()

    with pytest.raises(DeliveryError, match=f"{forgotten.name}: not readable"):
        office.deliver()


@pytest.mark.parametrize("content", [b"", b"{", b"[]", b"\xff\xfe", b"{}"])
def test_a_damaged_note_holds_back_its_month_alone(
    office: Office, inbox: Inbox, content: bytes
) -> None:
    """Nobody gets a mail twice because it is not known any more what was sent."""
    other = office.path / "state" / "delivered" / "2026-09" / "note.json"
    other.parent.mkdir(parents=True)
    other.write_bytes(content)

    office.deliver()
    sent = [*inbox.recipients]
    note = next(p for p in office.notes() if p.parent.name == "2026-10")
    whole = note.read_bytes()
    note.write_bytes(content)
    with pytest.raises(DeliveryError, match=f"{note}: not readable") as caught:
        office.deliver()
    held = [*inbox.recipients]
    note.write_bytes(whole)
    office.deliver()

    assert sorted(sent) == sorted([FINANCE, ANNA, SALES])
    assert held == inbox.recipients == sent
    assert "restore it from a backup" in str(caught.value)
    assert len(str(caught.value).splitlines()) == 2


@pytest.mark.parametrize("content", [b"", b"[{", b"\xff\xfe", b"{}", None])
def test_who_began_when_is_made_anew_of_what_was_delivered(
    office: Office,
    inbox: Inbox,
    caplog: pytest.LogCaptureFixture,
    content: bytes | None,
) -> None:
    office.deliver(recipients=(FINANCE,), cost_centers={})
    path = office.path / "state" / "delivered" / "recipients.json"
    before = path.read_bytes()
    path.unlink()
    if content is None:
        path.mkdir()
    else:
        path.write_bytes(content)

    office.deliver()

    assert sorted(inbox.recipients) == sorted([FINANCE, ANNA, SALES])
    assert f"{path}: not readable as what was delivered" in caplog.text
    assert before.decode().strip("[]\n ") in path.read_text()
    assert path.with_name("recipients.json.damaged").exists()


def test_where_nothing_can_be_noted_nothing_is_sent(
    office: Office, inbox: Inbox
) -> None:
    (office.path / "state").mkdir(exist_ok=True)
    (office.path / "state" / "delivered").write_text("in the way")

    with pytest.raises(DeliveryError, match=r"nothing is delivered: .*\nmake room"):
        office.deliver()

    assert inbox.recipients == []


def test_a_dry_run_writes_files_and_nothing_else(
    office: Office, inbox: Inbox, tmp_path: Path
) -> None:
    office.deliver(dry_run=tmp_path / "a")
    office.deliver(dry_run=tmp_path / "b")

    written = {path.name: path.read_bytes() for path in (tmp_path / "a").iterdir()}
    again = {path.name: path.read_bytes() for path in (tmp_path / "b").iterdir()}
    assert written == again
    assert len(written) == 3
    assert all(name.endswith(".eml") for name in written)
    assert inbox.taken == []
    assert office.notes() == {}


def test_the_same_mail_is_the_same_bytes(office: Office, inbox: Inbox) -> None:
    """What a dry run shows is what is sent."""
    office.deliver(dry_run=office.path / "shown")
    office.deliver()

    shown = {path.read_bytes() for path in (office.path / "shown").iterdir()}
    assert {content for _, content in inbox.taken} == shown


def test_the_stock_client_speaks_to_our_server(inbox: Inbox) -> None:
    """What the tests stand on: a mail that is sent is kept as it was sent."""
    with smtplib.SMTP("localhost", inbox.port) as client:
        client.sendmail(FINANCE, ANNA, b"Subject: x\r\n\r\nbody\r\n")

    assert inbox.taken == [(ANNA, b"Subject: x\r\n\r\nbody\r\n")]


@pytest.mark.parametrize("place", ["AUTH", "chargeback@acme.example", FINANCE, "DATA"])
def test_what_a_server_repeats_of_the_password_is_shown_to_nobody(
    office: Office, pem: Path, monkeypatch: pytest.MonkeyPatch, place: str
) -> None:
    """Not in a message, a log line or a trace, whatever it is asked."""
    monkeypatch.setenv("SSL_CERT_FILE", str(pem))
    told = io.StringIO()
    takes = "another" if place == "AUTH" else PASSWORD
    with mail_server.serve(pem, security="starttls", password=takes) as inbox:
        echo = f"{PASSWORD} {b64encode(PASSWORD.encode()).decode()}"
        inbox.refuses = {place: f"550 5.7.1 for {echo}", "QUIT": f"221 {echo}"}
        office.port = inbox.port
        with pytest.raises(DeliveryError) as caught, logged(told):
            office.deliver(security="starttls", user=USER, password=PASSWORD)

    seen = told.getvalue() + "".join(traceback.format_exception(caught.value))
    notes = b"".join(office.notes().values()).decode()
    for secret in (PASSWORD, b64encode(PASSWORD.encode()).decode()):
        assert secret not in seen + notes


@contextmanager
def logged(reported: io.StringIO) -> Iterator[None]:
    """All that we log, with the traces of errors, goes to *reported*."""
    handler = logging.StreamHandler(reported)
    ours = logging.getLogger("pipeline")
    ours.addHandler(handler)
    ours.setLevel(logging.DEBUG)
    try:
        yield
    finally:
        ours.removeHandler(handler)
        ours.setLevel(logging.NOTSET)


def test_a_clock_that_was_set_back_mails_nothing(office: Office, inbox: Inbox) -> None:
    """On an earlier day the month was not closed: whoever has it FINAL keeps it so."""
    office.change(CLOSE)
    office.deliver()
    inbox.taken.clear()

    office.change(CLOSE.replace("true", "false").replace("FINAL", "PROVISIONAL"))
    office.deliver(as_of=AS_OF - timedelta(days=30))
    office.change(CLOSE)
    office.deliver()

    assert inbox.recipients == []
