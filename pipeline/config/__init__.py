"""`chargeback.toml` → frozen settings; an error names the file, the key, the remedy."""

import os
from contextlib import suppress
from dataclasses import replace
from pathlib import Path

from babel import Locale, UnknownLocaleError

from pipeline import seeds
from pipeline.config.bucket import Bucket, bucket
from pipeline.config.charge import Charge, charge
from pipeline.config.decoded import Decoded, decode
from pipeline.config.holidays import check_holidays, holidays
from pipeline.config.keys import Engine, Extract, File, Privacy, Report, Sources
from pipeline.config.look import Logo, Look, look
from pipeline.config.mail import Mail, mail
from pipeline.config.mail_oauth import MailOauth
from pipeline.config.notices import Alerts, Monitor, alerts, fail_on, monitor
from pipeline.config.parts import Part
from pipeline.config.paths import resolved
from pipeline.config.run import Run
from pipeline.config.secrets import Env
from pipeline.config.sections import folder_of, sections
from pipeline.config.settings import DEFAULT_FILE, Settings, TenantAccess
from pipeline.config.tenants import tenants
from pipeline.config.urls import is_url
from pipeline.dates import EARLIEST_DAY, is_plausible
from pipeline.errors import ConfigError
from pipeline.files.access import Access
from pipeline.formats.language import has_words, languages

__all__ = [
    "DEFAULT_FILE",
    "Alerts",
    "Bucket",
    "Charge",
    "Engine",
    "Env",
    "Extract",
    "Logo",
    "Look",
    "Mail",
    "MailOauth",
    "Monitor",
    "Part",
    "Privacy",
    "Report",
    "Run",
    "Settings",
    "Sources",
    "TenantAccess",
    "check_holidays",
    "for_report",
    "holidays",
    "load",
]


_SETTINGS = "/etc"


def load(
    path: Path, env: Env, bucket_env: Env = None, part: Part | None = None
) -> Settings:
    """Read settings from *path*, secrets from *env* and from files.

    Without *env* no secret is read: for what speaks to nobody, or only to the bucket
    of the lake, whose secrets are then those in *bucket_env*. Of a *part* of the
    tenants, only theirs are read, and they are all that there are.

    Relative paths in the file are relative to the file's own folder, so that cron
    and a person in another folder mean the same data.

    Raises:
        ConfigError: The file is missing or malformed, or a secret is not there.
    """
    decoded = decode(path)
    with decoded.placing():
        keys = decoded.keys
        settings = _settings(decoded, keys, env, part)
        found = bucket(path, keys.lake, keys.bucket, env or bucket_env)
        return replace(settings, bucket=found, marts=_marts(path, keys, settings))


def for_report(path: Path, env: Env) -> Settings:
    """The settings in *path*, with what can be read of mail, monitor and alerts.

    For a run that a secret was missing for, to say so to whom it can.

    Raises:
        ConfigError: It is not a secret that is missing.
    """
    settings, keys = load(path, None), decode(path).keys
    with suppress(ConfigError):
        settings = replace(settings, monitor=monitor(path, keys.monitor, env))
    with suppress(ConfigError):
        mailed = mail(path, keys.mail, env)
        reported = alerts(path, keys.alerts, mailed, env)
        return replace(settings, mail=mailed, alerts=reported)
    return replace(settings, alerts=None)


def _settings(decoded: Decoded, keys: File, env: Env, part: Part | None) -> Settings:
    path = decoded.path
    data_dir = resolved(path, "data_dir", keys.data_dir)
    _check_currency(path, keys.currency)
    _check_folder(path, data_dir)
    _check_place(path, keys.data_dir, data_dir)
    _check_language(path, keys.report)
    _check_url(path, keys.report.url)
    _check_sources(path, keys.sources)
    _check_days(path, keys)
    _check_engine(path, keys)
    accesses = tenants(sections(decoded), env, part)
    mailed = mail(path, keys.mail, env)
    return Settings(
        tenants=accesses,
        data_dir=data_dir,
        currency=keys.currency,
        first_day=keys.first_day,
        extract=keys.extract,
        sources=keys.sources,
        charge=charge(path, keys.charge, keys.currency),
        report=keys.report,
        look=look(path, keys.report),
        files=Access(int(keys.files.mode, 8), keys.files.group),
        mail=mailed,
        fail_on=fail_on(path, keys.checks.fail_on),
        monitor=monitor(path, keys.monitor, env),
        alerts=alerts(path, keys.alerts, mailed, env),
        privacy=keys.privacy,
        part=str(part or ""),
        engine=keys.engine,
        tenants_folder=folder_of(path, keys),
    )


def _check_currency(path: Path, currency: str) -> None:
    try:
        seeds.minor_digits(currency)
    except ConfigError as exc:
        raise ConfigError(f"{path}: currency: {exc}") from exc


def _check_engine(path: Path, keys: File) -> None:
    if keys.engine.spark_master and keys.engine.spark_remote:
        raise ConfigError(
            f"{path}: engine: has spark_master and spark_remote; remove one of them"
        )
    if "token=" in (keys.engine.spark_remote or "").lower():
        raise ConfigError(
            f"{path}: engine.spark_remote: has a token, which everybody could read\n"
            "remove it, and set it as SPARK_CONNECT_AUTHENTICATE_TOKEN"
        )


def _check_folder(path: Path, data_dir: Path) -> None:
    """Refuse what is no folder, and what DuckDB takes for something else in a path."""
    odd = [sign for sign in "?\\" if sign in str(data_dir.absolute())]
    if odd and os.name == "posix":
        raise ConfigError(
            f"{path}: data_dir: {data_dir} has a {odd[0]} in its path, which DuckDB"
            " takes for something else; choose a folder without one"
        )
    try:
        is_file = data_dir.exists() and not data_dir.is_dir()
    except OSError as exc:
        raise ConfigError(f"{path}: data_dir: {data_dir}: {exc.strerror}") from exc
    if is_file:
        raise ConfigError(f"{path}: data_dir: {data_dir} is a file; name a folder")


def _check_place(path: Path, written: str, data_dir: Path) -> None:
    """Refuse a relative folder that would put data under /etc."""
    is_relative = not Path(written).expanduser().is_absolute()
    if is_relative and data_dir.resolve().is_relative_to(_SETTINGS):
        raise ConfigError(
            f"{path}: data_dir: {written!r} is relative, and would be {data_dir}, where"
            ' no data belongs\nset data_dir = "/var/lib/chargeback"'
        )


def _check_url(path: Path, url: str | None) -> None:
    """Accept where people open the pages: mails link to it."""
    if url is not None and (not is_url(url) or "@" in url or "?" in url or "#" in url):
        raise ConfigError(
            f'{path}: report.url: {url!r} is not a URL like "https://intranet/costs/"'
        )


def _check_language(path: Path, report: Report) -> None:
    if not has_words(report.language):
        raise ConfigError(
            f"{path}: report.language: there are no words of {report.language!r}, but"
            f" of {', '.join(languages())}"
        )
    key = "locale" if report.locale else "language"
    try:
        Locale.parse(report.written.replace("-", "_"))
    except (ValueError, UnknownLocaleError) as exc:
        raise ConfigError(
            f"{path}: report.{key}: {report.written!r} is not a locale; write one like"
            ' "de"'
        ) from exc


def _marts(path: Path, keys: File, settings: Settings) -> Path | None:
    """The folder of the marts, if there is one.

    Raises:
        ConfigError: It is, or holds, or is in what a run keeps.
    """
    if keys.export.marts is None:
        return None
    marts = resolved(path, "export.marts", keys.export.marts)
    place = marts.resolve()
    for one in (path, settings.data_dir, *settings.own):
        inside = one != settings.data_dir and place.is_relative_to(one.resolve())
        if inside or one.resolve().is_relative_to(place):
            raise ConfigError(
                f"{path}: export.marts: {marts}: is replaced whole, and {one} is there"
                "\nname a folder of its own"
            )
    return marts


def _check_days(path: Path, keys: File) -> None:
    """Refuse days that cannot be meant: each would be asked for."""
    days = {
        "first_day": keys.first_day,
        "sources.audit_archive_from": keys.sources.audit_archive_from,
    }
    for key, day in days.items():
        if day is not None and not is_plausible(day):
            first = f"{EARLIEST_DAY:%Y-%m-%d}"
            raise ConfigError(f"{path}: {key}: {day} is no day from {first} on")


def _check_sources(path: Path, sources: Sources) -> None:
    if sources.audit_archive_from and not sources.audit_events:
        raise ConfigError(
            f"{path}: sources.audit_archive_from: needs audit_events = true beside it"
        )
