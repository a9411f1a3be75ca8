"""How we sign in to the mail server: by a password, or by a token that is fetched.

XOAUTH2 is documented at https://developers.google.com/workspace/gmail/imap and in
Microsoft's "Authenticate an IMAP, POP or SMTP connection using OAuth".
"""

import smtplib
import time

from pipeline.config import Mail
from pipeline.mail import oauth
from pipeline.tenant.redaction import Redaction

# A token is renewed this long before its end.
_MARGIN_SECONDS = 60


class SignIn:
    """The sign-in of *configured*, for all connections of a delivery."""

    def __init__(self, configured: Mail) -> None:
        self._mail = configured
        self._redaction = Redaction(configured.password or "")
        self._token = ""
        self._ends_at = 0.0

    def prepare(self, timeout: float) -> None:
        """Fetch a token if one is needed, before anybody waits for it.

        Raises:
            TokenError: There is none.
        """
        configured = self._mail
        if configured.oauth is None or time.monotonic() < self._ends_at:
            return
        user = configured.user or configured.sender
        self._token, lifetime = oauth.fetch(configured.oauth, user, timeout)
        self._ends_at = time.monotonic() + max(lifetime - _MARGIN_SECONDS, 0)
        self._redaction = Redaction(self._token, configured.oauth.client_secret or "")

    def sign_in(self, smtp: smtplib.SMTP) -> None:
        """Sign in over *smtp*, which is encrypted; it raises what smtplib raises."""
        configured = self._mail
        if configured.oauth is not None:
            self._by_token(smtp)
        elif configured.user and configured.password:
            smtp.login(configured.user, configured.password)

    def redact(self, text: str) -> str:
        """*text* without the secrets that we sign in with."""
        return self._redaction(text)

    def _by_token(self, smtp: smtplib.SMTP) -> None:
        smtp.ehlo_or_helo_if_needed()
        if "XOAUTH2" not in smtp.esmtp_features.get("auth", "").upper().split():
            raise smtplib.SMTPNotSupportedError("it takes no tokens: XOAUTH2")
        smtp.auth("XOAUTH2", self._answer, initial_response_ok=True)

    def _answer(self, challenge: bytes | None = None) -> str:
        """The token; and nothing to a challenge, which says why it was not taken."""
        if challenge is not None:
            self._ends_at = 0.0
            return ""
        user = self._mail.user or self._mail.sender
        return f"user={user}\1auth=Bearer {self._token}\1\1"
