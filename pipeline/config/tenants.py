"""`[[tenant]]` → where each tenant is, and how it is spoken to."""

from collections.abc import Sequence
from dataclasses import replace
from urllib.parse import urlsplit

from pipeline.config.parts import Part
from pipeline.config.proxies import proxy_for
from pipeline.config.secrets import Env, secret
from pipeline.config.sections import Section
from pipeline.config.settings import TenantAccess
from pipeline.config.urls import is_host, is_loopback, is_url
from pipeline.dates import EARLIEST_DAY, is_plausible
from pipeline.errors import ConfigError


def tenants(
    found: Sequence[Section], env: Env, part: Part | None = None
) -> tuple[TenantAccess, ...]:
    """The tenants of the sections *found*, or those of them that are in *part*.

    Raises:
        ConfigError: A section is malformed, or two have one name.
    """
    named: dict[str, Section] = {}
    for section in found:
        with section.placing():
            _check_name(section, named)
            _check_day(section)
    _check_formerly(found)
    read = []
    for section in found:
        if part is None or part.has(section.keys.name):
            with section.placing():
                read.append(_tenant(section, env))
    return tuple(read)


def _check_name(section: Section, named: dict[str, Section]) -> None:
    name = section.keys.name.lower()
    if (other := named.setdefault(name, section)) is not section:
        also = "" if other.path == section.path else f", in {other.path} too"
        raise ConfigError(
            f"{section.where}.name: {name!r} is there twice{also}; names"
            " are folders, and must differ in more than upper and lower case"
        )


def _check_day(section: Section) -> None:
    """Refuse a day that cannot be meant: each since then would be asked for."""
    day = section.keys.first_day
    if day is not None and not is_plausible(day):
        first = f"{EARLIEST_DAY:%Y-%m-%d}"
        raise ConfigError(f"{section.where}.first_day: {day} is no day from {first} on")


def _check_formerly(found: Sequence[Section]) -> None:
    """Refuse a former name that is a tenant's today, or that two tenants had."""
    today = {section.keys.name.lower() for section in found}
    claimed: dict[str, str] = {}
    for section in found:
        with section.placing():
            for name in section.keys.formerly:
                _check_former(section, name, today, claimed)


def _check_former(
    section: Section, name: str, today: set[str], claimed: dict[str, str]
) -> None:
    where = f"{section.where}.formerly: {name!r}"
    if name.lower() in today:
        raise ConfigError(
            f"{where} is the name of a tenant that is configured; a former"
            " name is one that no tenant has today"
        )
    other = claimed.setdefault(name.lower(), section.keys.name)
    if other != section.keys.name:
        raise ConfigError(f"{where} stands with {other} too; a name was one tenant's")


def _tenant(section: Section, env: Env) -> TenantAccess:
    where, path, keys = section.where, section.path, section.keys
    url = _tenant_url(f"{where}.url", keys.url)
    access = TenantAccess(
        keys.name,
        url,
        proxy=proxy_for(url, env),
        first_day=keys.first_day,
        formerly=tuple(keys.formerly),
    )
    if keys.api_key is not None:
        if keys.oauth_client_id or keys.oauth_client_secret:
            raise ConfigError(f"{where}: api_key or oauth_client_…, not both")
        key = secret(f"{where}.api_key", keys.api_key, path, env)
        return replace(access, api_key=key)
    if not (keys.oauth_client_id and keys.oauth_client_secret):
        raise ConfigError(
            f"{where}: no credentials; set api_key, or oauth_client_id and"
            " oauth_client_secret"
        )
    client_secret = secret(
        f"{where}.oauth_client_secret", keys.oauth_client_secret, path, env
    )
    return replace(access, client_id=keys.oauth_client_id, client_secret=client_secret)


def _tenant_url(where: str, url: str) -> str:
    expected = f'{where}: expected one like "https://acme.eu.qlikcloud.com"'
    try:
        parts = urlsplit(url)
        host, _ = parts.hostname, parts.port
    except ValueError as exc:
        raise ConfigError(f"{expected}: {exc}") from exc
    if parts.username or parts.password:
        raise ConfigError(f"{expected}, without a user or password in it")
    if not host or parts.query or parts.fragment or parts.path not in {"", "/"}:
        raise ConfigError(f"{expected}, without path or query")
    if not is_host(host):
        raise ConfigError(f"{expected}: {host!r} is no name of a host")
    if parts.scheme == "http" and not is_loopback(host):
        raise ConfigError(f"{expected}; http is for loopback addresses only")
    if not is_url(url):
        raise ConfigError(f"{expected}; {url!r} is no URL")
    return url.rstrip("/")
