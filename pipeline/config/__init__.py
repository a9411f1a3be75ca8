"""`chargeback.toml` → frozen settings; an error names the file, the key, the remedy."""

from collections.abc import Mapping
from pathlib import Path
from urllib.parse import urlsplit

from babel import Locale, UnknownLocaleError
from babel.numbers import is_currency

from pipeline.config.charge import Charge, charge
from pipeline.config.keys import Extract, Report, Sources, TenantKeys, decode
from pipeline.config.mail import Mail, mail
from pipeline.config.proxies import proxy_for
from pipeline.config.run import Run
from pipeline.config.secrets import secret
from pipeline.config.settings import DEFAULT_FILE, Settings, TenantAccess
from pipeline.config.urls import is_loopback
from pipeline.errors import ConfigError

__all__ = [
    "DEFAULT_FILE",
    "Charge",
    "Extract",
    "Mail",
    "Report",
    "Run",
    "Settings",
    "Sources",
    "TenantAccess",
    "load",
]


def load(path: Path, env: Mapping[str, str]) -> Settings:
    """Read settings from *path*, secrets from *env* and from files.

    Relative paths in the file are relative to the file's own folder, so that cron
    and a person in another folder mean the same data.

    Raises:
        ConfigError: The file is missing or malformed, or a secret is not there.
    """
    keys = decode(path)
    here = path.absolute().parent
    _check_currency(path, keys.currency)
    _check_locale(path, keys.report.locale)
    _check_sources(path, keys.sources)
    return Settings(
        tenants=_tenants(path, keys.tenant, env),
        data_dir=here / keys.data_dir,
        currency=keys.currency,
        first_day=keys.first_day,
        extract=keys.extract,
        sources=keys.sources,
        charge=charge(path, keys.charge),
        report=keys.report,
        mail=mail(path, keys.mail, env),
    )


def _check_currency(path: Path, currency: str) -> None:
    if not (currency.isupper() and is_currency(currency)):
        raise ConfigError(
            f"{path}: currency: {currency!r} is not an ISO 4217 code; write one like"
            ' "EUR"'
        )


def _check_locale(path: Path, locale: str) -> None:
    try:
        Locale.parse(locale.replace("-", "_"))
    except (ValueError, UnknownLocaleError) as exc:
        raise ConfigError(
            f'{path}: report.locale: {locale!r} is not a locale; write one like "de"'
        ) from exc


def _check_sources(path: Path, sources: Sources) -> None:
    if sources.audit_archive_from and not sources.audit_events:
        raise ConfigError(
            f"{path}: sources.audit_archive_from: needs audit_events = true beside it"
        )


def _tenants(
    path: Path, sections: list[TenantKeys], env: Mapping[str, str]
) -> tuple[TenantAccess, ...]:
    names = [section.name.lower() for section in sections]
    for number, name in enumerate(names):
        if name in names[:number]:
            raise ConfigError(
                f"{path}: tenant[{number}].name: {name!r} is there twice; names"
                " are folders, and must differ in more than upper and lower case"
            )
    return tuple(
        _tenant(f"{path}: tenant[{number}]", path, section, env)
        for number, section in enumerate(sections)
    )


def _tenant(
    where: str, path: Path, keys: TenantKeys, env: Mapping[str, str]
) -> TenantAccess:
    url = _tenant_url(f"{where}.url", keys.url)
    proxy = proxy_for(url, env)
    if keys.api_key is not None:
        if keys.oauth_client_id or keys.oauth_client_secret:
            raise ConfigError(f"{where}: api_key or oauth_client_…, not both")
        key = secret(f"{where}.api_key", keys.api_key, path, env)
        return TenantAccess(keys.name, url, api_key=key, proxy=proxy)
    if not (keys.oauth_client_id and keys.oauth_client_secret):
        raise ConfigError(
            f"{where}: no credentials; set api_key, or oauth_client_id and"
            " oauth_client_secret"
        )
    client_secret = secret(
        f"{where}.oauth_client_secret", keys.oauth_client_secret, path, env
    )
    return TenantAccess(
        keys.name,
        url,
        client_id=keys.oauth_client_id,
        client_secret=client_secret,
        proxy=proxy,
    )


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
    if parts.scheme == "http" and not is_loopback(host):
        raise ConfigError(f"{expected}; http is for loopback addresses only")
    if parts.scheme not in {"http", "https"}:
        raise ConfigError(expected)
    return url.rstrip("/")
