"""A chat's webhook: a few lines of text, in the form that the chat takes.

The URL is the secret of whoever may post: no message, log line or trace holds it.
"""

import re
from collections.abc import Sequence
from http.client import HTTPException
from threading import Thread
from typing import Any
from urllib.error import HTTPError, URLError
from urllib.request import HTTPRedirectHandler, Request, build_opener

import msgspec
import stamina

from pipeline.errors import DeliveryError

_TRIES = 3
_WAIT_SECONDS = (1.0, 15.0)
# urllib's timeout is for each piece of an answer; this many of them for all of it.
_PATIENCE = 5
_AGAIN_LATER = frozenset({429, 502, 503, 504})
_REFUSED = 400
_MARKS = re.compile(r"([\\`*_\[\]<>])")
_CARD = "application/vnd.microsoft.card.adaptive"


class WebhookError(DeliveryError):
    """The webhook did not take it; perhaps it does a moment later."""

    def __init__(self, reason: str, *, is_passing: bool) -> None:
        super().__init__(reason)
        self.reason = reason
        self.remedy = "check mail.webhook and mail.webhook_format"
        self.is_passing = is_passing


def payload(form: str, lines: Sequence[str]) -> bytes:
    """*lines*, the first a title, as text (Slack) or as a card (Teams)."""
    return msgspec.json.encode(_card(lines) if form == "card" else _text(lines))


def post(url: str, content: bytes, timeout: float) -> None:
    """Send *content* to *url* and to nowhere else; what may pass is tried again.

    Raises:
        WebhookError: It was refused, or nobody answered.
    """
    first, longest = _WAIT_SECONDS
    for attempt in stamina.retry_context(
        on=_is_passing,
        attempts=_TRIES,
        timeout=None,
        wait_initial=first,
        wait_max=longest,
    ):
        with attempt:
            _bounded(url, content, timeout)


def _bounded(url: str, content: bytes, timeout: float) -> None:
    """One try, which a server that never comes to an end cannot hold up."""
    ended: list[WebhookError | None] = []
    work = Thread(
        target=lambda: ended.append(_post(url, content, timeout)), daemon=True
    )
    work.start()
    work.join(timeout * _PATIENCE)
    error = ended[0] if ended else WebhookError("no answer in time", is_passing=False)
    if error:
        raise error


def _post(url: str, content: bytes, timeout: float) -> WebhookError | None:
    """What went wrong, if anything."""
    # The URL is https, or a loopback address: the configuration says so.
    request = Request(  # noqa: S310
        url, data=content, headers={"Content-Type": "application/json"}, method="POST"
    )
    try:
        with build_opener(_Straight).open(request, timeout=timeout) as answer:
            status = answer.status
    except HTTPError as exc:
        exc.close()
        status = exc.code
    except (URLError, HTTPException, OSError, ValueError) as exc:
        # The error itself might hold the URL.
        is_passing = isinstance(exc, URLError) and not _is_timeout(exc)
        return WebhookError(_reason(exc), is_passing=is_passing)
    if status >= _REFUSED or status in range(300, 400):
        is_passing = status in _AGAIN_LATER
        return WebhookError(f"answered with {status}", is_passing=is_passing)
    return None


class _Straight(HTTPRedirectHandler):
    """Follows nothing: the figures are for the URL that was configured."""

    def redirect_request(self, *_: Any) -> None:
        return None


def _is_timeout(exc: URLError) -> bool:
    """Perhaps it has arrived: a second try at once would show it twice."""
    return isinstance(exc.reason, TimeoutError)


def _reason(exc: Exception) -> str:
    cause = exc.reason if isinstance(exc, URLError) else exc
    if isinstance(cause, OSError) and cause.strerror:
        return cause.strerror
    return "no answer in time" if isinstance(cause, TimeoutError) else "no answer"


def _is_passing(exc: Exception) -> bool:
    return isinstance(exc, WebhookError) and exc.is_passing


def _text(lines: Sequence[str]) -> dict[str, Any]:
    """Plain text: `<!channel>` and links are made of what is escaped here."""
    text = "\n".join(lines)
    for sign, name in (("&", "&amp;"), ("<", "&lt;"), (">", "&gt;")):
        text = text.replace(sign, name)
    return {"text": text, "mrkdwn": False, "unfurl_links": False}


def _card(lines: Sequence[str]) -> dict[str, Any]:
    """The smallest card: a block of text a line; marks of Markdown are escaped."""
    blocks = [
        {"type": "TextBlock", "text": _MARKS.sub(r"\\\1", line), "wrap": True}
        for line in lines
    ]
    blocks[0] |= {"weight": "Bolder", "size": "Medium"}
    content = {
        "$schema": "http://adaptivecards.io/schemas/adaptive-card.json",
        "type": "AdaptiveCard",
        "version": "1.2",
        "body": blocks,
    }
    return {
        "type": "message",
        "attachments": [{"contentType": _CARD, "content": content}],
    }
