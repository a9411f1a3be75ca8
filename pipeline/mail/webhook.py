"""A chat's webhook: a few lines, as text or as a card.

The URL is a secret: no message, log line or trace contains it.
"""

import re
from collections.abc import Mapping, Sequence
from typing import Any

import httpx
import msgspec

from pipeline.mail.failures import SendError, attempts
from pipeline.tenant.client import client

_TRANSIENT = frozenset({429, 502, 503, 504})
_MARKS = re.compile(r"([\\`*_\[\]<>])")
_CARD = "application/vnd.microsoft.card.adaptive"


class WebhookError(SendError):
    """The webhook did not accept the lines."""

    def __init__(self, reason: str, *, is_transient: bool) -> None:
        remedy = "check mail.webhook and mail.webhook_format"
        super().__init__(reason, remedy, is_transient=is_transient)


def payload(
    form: str,
    paragraphs: Sequence[Sequence[str]],
    parts: Sequence[Mapping[str, Any]] = (),
) -> bytes:
    """*paragraphs* of lines as text (Slack), as a card (Teams), or as JSON.

    The first line of the first one is a title. JSON, which is for programs, has the
    *parts* that the paragraphs are made of, too.
    """
    if form == "json":
        title, text = paragraphs[0][0], _joined(paragraphs)
        content = {"title": title, "text": text, "alerts": list(parts)}
    else:
        content = _card(paragraphs) if form == "card" else _text(paragraphs)
    return msgspec.json.encode(content)


def post(url: str, content: bytes, timeout: float, proxy: str | None = None) -> None:
    """Send *content* to *url* only, with a few tries of *timeout* seconds at most.

    Raises:
        WebhookError: It was refused, or there was no answer.
    """
    with client(url, timeout, proxy) as http:
        for attempt in attempts():
            with attempt:
                _post(http, url, content)


def _post(http: httpx.Client, url: str, content: bytes) -> None:
    """One try; a redirect is not followed: the figures are for the configured URL."""
    headers = {"Content-Type": "application/json"}
    try:
        response = http.post(url, content=content, headers=headers)
    except httpx.TimeoutException:
        # It may have arrived, and a second try would show it twice.
        raise WebhookError("no answer in time", is_transient=False) from None
    except (httpx.NetworkError, httpx.ProxyError) as exc:
        raise WebhookError(str(exc), is_transient=True) from None
    except httpx.RequestError:
        raise WebhookError("no answer", is_transient=False) from None
    if not response.is_success:
        status = response.status_code
        is_transient = status in _TRANSIENT
        raise WebhookError(f"answered with {status}", is_transient=is_transient)


def _joined(paragraphs: Sequence[Sequence[str]]) -> str:
    return "\n\n".join("\n".join(lines) for lines in paragraphs)


def _text(paragraphs: Sequence[Sequence[str]]) -> dict[str, Any]:
    """Plain text, escaped so that it contains no link and no `<!channel>`."""
    text = _joined(paragraphs)
    for sign, name in (("&", "&amp;"), ("<", "&lt;"), (">", "&gt;")):
        text = text.replace(sign, name)
    return {"text": text, "mrkdwn": False, "unfurl_links": False}


def _card(paragraphs: Sequence[Sequence[str]]) -> dict[str, Any]:
    """A card with a block of text for each line; Markdown is escaped."""
    blocks: list[dict[str, Any]] = []
    for lines in paragraphs:
        first = len(blocks)
        blocks += [
            {"type": "TextBlock", "text": _MARKS.sub(r"\\\1", line), "wrap": True}
            for line in lines
        ]
        blocks[first] |= {"weight": "Bolder", "separator": True}
    blocks[0] |= {"size": "Medium", "separator": False}
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
