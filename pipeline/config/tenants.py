"""`[[tenant]]` → where each tenant is, and how it is spoken to."""

from dataclasses import replace
from pathlib import Path
from urllib.parse import urlsplit

from pipeline.config.keys import TenantKeys
from pipeline.config.parts import Part
from pipeline.config.proxies import proxy_for
from pipeline.config.secrets import Env, secret
from pipeline.config.settings import TenantAccess
from pipeline.config.urls import is_host, is_loopback, is_url
from pipeline.errors import ConfigError


def tenants(
    path: Path, sections: list[TenantKeys], env: Env, part: Part | None = None
) -> tuple[TenantAccess, ...]:
    """The sections of the file at *path*, or those of them that are in *part*.

    Raises:
        ConfigError: A section is malformed, or two have one name.
    """
    names = [section.name.lower() for section in sections]
    for number, name in enumerate(names):
        if name in names[:number]:
            raise ConfigError(
                f"{path}: tenant[{number}].name: {name!r} is there twice; names"
                " are folders, and must differ in more than upper and lower case"
            )
    _check_formerly(path, sections)
    return tuple(
        _tenant(f"{path}: tenant[{number}]", path, section, env)
        for number, section in enumerate(sections)
        if part is None or part.has(section.name)
    )


def _check_formerly(path: Path, sections: list[TenantKeys]) -> None:
    """Refuse a former name that is a tenant's today, or that two tenants had."""
    today = {section.name.lower() for section in sections}
    claimed: dict[str, str] = {}
    for number, section in enumerate(sections):
        for name in section.formerly:
            where = f"{path}: tenant[{number}].formerly: {name!r}"
            if name.lower() in today:
                raise ConfigError(
                    f"{where} is the name of a tenant that is configured; a former"
                    " name is one that no tenant has today"
                )
            if (other := claimed.setdefault(name.lower(), section.name)) and (
                other != section.name
            ):
                raise ConfigError(
                    f"{where} stands with {other} too; a name was one tenant's"
                )


def _tenant(where: str, path: Path, keys: TenantKeys, env: Env) -> TenantAccess:
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
