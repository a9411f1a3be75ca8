"""Secrets: whether they are there, and whether other users can read them."""

from collections.abc import Iterator, Mapping
from pathlib import Path

from pipeline.config.decoded import decode
from pipeline.config.secrets import secret
from pipeline.config.sections import sections
from pipeline.doctor.finding import Finding, fail, ok
from pipeline.errors import ConfigError

_REMEDY = "set the variable where cron and you start it, or name a file: file:PATH"
_BUCKET = ("access_key_id", "secret_access_key", "session_token")
_MAIL = {
    "password": "secret",
    "oauth_client_secret": "secret",
    "oauth_service_account": "service account",
    "webhook": "webhook",
}
_OF_SEVERAL_LINES = "oauth_service_account"


def secrets(path: Path, env: Mapping[str, str]) -> Iterator[Finding]:
    """A finding for each secret that the file at *path* refers to.

    All are examined, where a run would stop at the first that is missing. If the file
    cannot be read, there are none.
    """
    for subject, where, reference, file in _references(path):
        try:
            has_lines = where.endswith(_OF_SEVERAL_LINES)
            secret(where, reference, file, env, lines=has_lines)
        except ConfigError as exc:
            yield fail(subject, exc, _REMEDY, exc.exit_code)
        else:
            yield ok(subject, f"there, from {reference}")


def _references(path: Path) -> list[tuple[str, str, str, Path]]:
    """Subject, place in the file, reference, and file of each secret."""
    try:
        decoded = decode(path)
        keys, tenants = decoded.keys, sections(decoded)
    except ConfigError:
        return []  # load() says what is wrong with it
    found = [
        (f"{one.keys.name}: secret", f"{one.where}.{key}", reference, one.path)
        for one in tenants
        for key, reference in (
            ("api_key", one.keys.api_key),
            ("oauth_client_secret", one.keys.oauth_client_secret),
        )
        if reference is not None
    ]
    bucket = [(f"bucket: {key}", "bucket", keys.bucket, key) for key in _BUCKET]
    mail = [(f"mail: {what}", "mail", keys.mail, key) for key, what in _MAIL.items()]
    return found + [
        (subject, f"{path}: {name}.{key}", reference, path)
        for subject, name, section, key in (*bucket, *mail)
        if (reference := getattr(section, key, None)) is not None
    ]
