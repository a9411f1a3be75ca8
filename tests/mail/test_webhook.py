"""The webhook: totals in a chat, once, and its URL in no message."""

import json
import logging
import socket
import threading
import traceback
from collections.abc import Iterator
from contextlib import nullcontext, suppress
from datetime import timedelta

import pytest

from pipeline.errors import DeliveryError
from pipeline.mail import webhook
from servers import script as script_server
from servers.mail import Inbox
from servers.script import Answer, Script
from worlds.mail_office import AS_OF, CLOSE, MORE, Office

pytestmark = pytest.mark.usefixtures("fast_retries")

PLACE = "/hooks/canary-secret"


@pytest.fixture
def chat() -> Iterator[Script]:
    with script_server.serve() as served:
        served.routes[PLACE] = [Answer("ok")]
        yield served


def test_the_totals_are_posted_once_a_version(office: Office, chat: Script) -> None:
    ((total,),) = office.ask(
        "select sum(amount) from marts.statement where month = date '2026-10-01'"
    )
    for days in (0, 1):
        office.deliver(AS_OF + timedelta(days), webhook=chat.url + PLACE)
    office.change(CLOSE)
    office.deliver(AS_OF + timedelta(2), webhook=chat.url + PLACE)

    said = [json.loads(body)["text"] for body in chat.bodies]
    change = "€133.09 more than in September 2026"
    assert [text.splitlines()[0] for text in said] == [
        f"Qlik Automate: October 2026 is provisional: €{total:.2f}, {change}",
        f"Qlik Automate: October 2026 is final: €{total:.2f}, {change}",
    ]
    assert f"Charged: €{total:.2f}" in said[0]
    (_, _, headers), _ = chat.requests
    assert headers["Content-Type"] == "application/json"


def test_a_failing_webhook_ends_in_6_and_holds_no_mail_back(
    office: Office, inbox: Inbox, chat: Script, caplog: pytest.LogCaptureFixture
) -> None:
    chat.routes[PLACE] = [Answer("no such hook", status=404), Answer("ok")]

    with pytest.raises(DeliveryError) as caught:
        office.deliver(webhook=chat.url + PLACE)
    mailed = len(inbox.taken)
    office.deliver(webhook=chat.url + PLACE)

    assert caught.value.exit_code == 6
    assert "1 of 4 not delivered: webhook: answered with 404" in str(caught.value)
    assert "check mail.webhook" in str(caught.value)
    assert "canary" not in str(caught.value) + caplog.text
    assert (mailed, len(inbox.taken)) == (3, 3)
    assert len(chat.bodies) == 2


def test_mail_that_fails_holds_no_totals_back(office: Office, chat: Script) -> None:
    office.port = 1

    with pytest.raises(DeliveryError, match="3 of 4 not delivered"):
        office.deliver(webhook=chat.url + PLACE)

    assert len(chat.bodies) == 1


def test_a_busy_webhook_is_asked_again(office: Office, chat: Script) -> None:
    chat.routes[PLACE] = [Answer("", status=503), Answer("ok")]

    office.deliver(webhook=chat.url + PLACE)

    assert len(chat.bodies) == 2


def test_a_webhook_is_not_followed_to_elsewhere(office: Office, chat: Script) -> None:
    away = {"Location": f"{chat.url}/elsewhere"}
    chat.routes[PLACE] = [Answer("", status=307, headers=away)]

    with pytest.raises(DeliveryError, match="answered with 307"):
        office.deliver(webhook=chat.url + PLACE)

    assert chat.paths() == [PLACE]


def test_a_webhook_that_says_nothing_is_not_asked_twice() -> None:
    """It may have shown the totals all the same."""
    with socket.create_server(("127.0.0.1", 0)) as silent:
        url = f"http://127.0.0.1:{silent.getsockname()[1]}{PLACE}"
        with pytest.raises(webhook.WebhookError) as caught:
            webhook.post(url, b"{}", timeout=0.2)

    assert str(caught.value) == "no answer in time"
    assert not caught.value.is_transient


def test_a_webhook_that_never_comes_to_an_end_is_left() -> None:
    """Each byte is in time, all of them never."""
    with socket.create_server(("127.0.0.1", 0)) as endless:
        url = f"http://127.0.0.1:{endless.getsockname()[1]}{PLACE}"
        over = threading.Event()
        talk = threading.Thread(target=_talk, args=(endless, over))
        talk.start()
        try:
            with pytest.raises(webhook.WebhookError, match="no answer in time"):
                webhook.post(url, b"{}", timeout=0.1)
        finally:
            over.set()
            talk.join()


def _talk(server: socket.socket, over: threading.Event) -> None:
    connection, _ = server.accept()
    with connection, suppress(OSError):
        connection.sendall(b"HTTP/1.1 200 OK\r\nX-Endless: ")
        while not over.wait(0.02):
            connection.sendall(b"x")


@pytest.mark.parametrize("status", [200, 302, 400, 404, 500])
def test_a_chat_that_repeats_the_url_is_not_quoted(
    office: Office, chat: Script, caplog: pytest.LogCaptureFixture, status: int
) -> None:
    caplog.set_level(logging.INFO)
    url = chat.url + PLACE
    echo = {"Location": url, "Deprecation": url, "Set-Cookie": url, "Retry-After": url}
    body = {"errors": [{"code": url, "title": url}], "traceId": url, "error": url}
    chat.routes[PLACE] = [Answer(body, status, echo, reason=url)]

    refused = status != 200
    with pytest.raises(DeliveryError) if refused else nullcontext() as caught:
        office.deliver(webhook=url)

    trace = "".join(traceback.format_exception(caught.value)) if caught else ""
    assert "canary" not in trace + caplog.text
    assert b"canary" not in b"".join(office.notes().values())


def test_a_webhook_where_nobody_is_is_not_named(office: Office) -> None:
    with pytest.raises(DeliveryError, match="webhook: Connection refused") as caught:
        office.deliver(webhook=f"http://127.0.0.1:1{PLACE}")

    assert "canary" not in str(caught.value)


def test_names_and_links_mean_nothing_in_a_chat() -> None:
    lines = ["<!channel> *a*", "<http://x|y> & [z](http://x)"]

    text = json.loads(webhook.payload("text", [lines]))["text"]
    card = json.loads(webhook.payload("card", [lines]))["attachments"][0]["content"]

    assert text == "&lt;!channel&gt; *a*\n&lt;http://x|y&gt; &amp; [z](http://x)"
    assert card["type"] == "AdaptiveCard"
    assert card["body"][0]["text"] == r"\<!channel\> \*a\*"
    assert card["body"][1]["text"] == r"\<http://x|y\> & \[z\](http://x)"


def test_a_changed_total_says_so(office: Office, chat: Script) -> None:
    office.deliver(webhook=chat.url + PLACE)
    office.change(MORE)
    office.deliver(AS_OF + timedelta(7), webhook=chat.url + PLACE)

    assert "changed Dec 1, 2026" in json.loads(chat.bodies[1])["text"]
