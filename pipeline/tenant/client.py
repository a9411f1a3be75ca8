"""The HTTP client of whatever speaks HTTP: one origin, one deadline, no cookies."""

import logging
from http.cookiejar import CookieJar, DefaultCookiePolicy
from importlib.metadata import version

import httpx

from pipeline.tenant.transport import Transport

# At INFO it logs each URL, and a webhook's URL is a secret.
logging.getLogger("httpx").setLevel(logging.WARNING)

HEADERS = {
    # Redirects are documented as text/html.
    "Accept": "application/json, */*;q=0.1",
    "Accept-Encoding": "gzip",
    "Connection": "keep-alive",
    "User-Agent": f"chargeback/{version('chargeback')}",
}


def client(origin: str, timeout: float, proxy: str | None = None) -> httpx.Client:
    """A client for *origin* alone; *timeout* is for a whole request, in seconds.

    It raises what `Transport` raises, keeps no cookie, and follows no redirect unless
    it is asked to: then to *origin* only. The environment is not read.

    Raises:
        ConfigError: *origin* is not a URL, or *proxy* cannot be spoken to.
    """
    return httpx.Client(
        headers=HEADERS,
        cookies=CookieJar(DefaultCookiePolicy(allowed_domains=())),
        timeout=None,  # noqa: S113 (the transport has one for all of it)
        transport=Transport(origin, timeout, proxy),
        trust_env=False,
    )
