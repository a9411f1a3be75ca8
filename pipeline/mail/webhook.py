"""A chat's webhook: a few lines of text, in the form that the chat takes.

The URL is the secret of whoever may post: no message, log line or trace holds it.
"""

import re
from collections.abc import Sequence
from typing import Any

import httpx
import msgspec
import stamina

from pipeline.errors import DeliveryError
from pipeline.tenant.client import client

_TRIES = 3
_WAIT_SECONDS = (1.0, 15.0)
_AGAIN_LATER = frozenset({429, 502, 503, 504})
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


def post(url: str, content: bytes, timeout: float, proxy: str | None = None) -> None:
    """Send *content* to *url* and to nowhere else; what may pass is tried again.

    A try takes *timeout* seconds at most.

    Raises:
        WebhookError: It was refused, or nobody answered.
    """
    first, longest = _WAIT_SECONDS
    with client(url, timeout, proxy) as http:
        for attempt in stamina.retry_context(
            on=_is_passing,
            attempts=_TRIES,
            timeout=None,
            wait_initial=first,
            wait_max=longest,
        ):
            with attempt:
                _post(http, url, content)


def _post(http: httpx.Client, url: str, content: bytes) -> None:
    """One try; a redirect is not followed: the figures are for the configured URL."""
    headers = {"Content-Type": "application/json"}
    try:
        response = http.post(url, content=content, headers=headers)
    except httpx.TimeoutException:
        # Perhaps it has arrived: a second try at once would show it twice.
        raise WebhookError("no answer in time", is_passing=False) from None
    except (httpx.NetworkError, httpx.ProxyError) as exc:
        raise WebhookError(str(exc), is_passing=True) from None
    except httpx.RequestError:
        raise WebhookError("no answer", is_passing=False) from None
    if not response.is_success:
        status = response.status_code
        is_passing = status in _AGAIN_LATER
        raise WebhookError(f"answered with {status}", is_passing=is_passing)


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
