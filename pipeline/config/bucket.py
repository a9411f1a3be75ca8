"""`lake` and `[bucket]` → the bucket of the lake, and how it is reached."""

import re
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import urlsplit

from pipeline.config.keys import BucketKeys
from pipeline.config.secrets import Env, secret
from pipeline.config.urls import is_loopback, is_url
from pipeline.errors import ConfigError

_URL = re.compile(r"s3://([a-z0-9][a-z0-9.-]{1,61}[a-z0-9])((?:/[A-Za-z0-9_.=-]+)*)/?")
_DEFAULT_REGION = "us-east-1"


@dataclass(frozen=True, slots=True)
class Bucket:
    """A place in a bucket of S3, or of what speaks its protocol.

    Without keys the machine's own role is asked for. *lock_minutes* is how long the
    lock of a machine that is not heard of is respected.
    """

    name: str
    prefix: str
    endpoint: str | None = None
    region: str = _DEFAULT_REGION
    path_style: bool = True
    access_key_id: str | None = field(default=None, repr=False)
    secret_access_key: str | None = field(default=None, repr=False)
    session_token: str | None = field(default=None, repr=False)
    timeout_seconds: float = 60
    retries: int = 8
    lock_minutes: int = 30

    @property
    def url(self) -> str:
        """Where the lake is, without a slash at the end."""
        return f"s3://{self.name}/{self.prefix}".rstrip("/")

    @property
    def server(self) -> str:
        """The URL of the server, with the bucket's name in it if it is in its host."""
        china = ".cn" if self.region.startswith("cn-") else ""
        base = self.endpoint or f"https://s3.{self.region}.amazonaws.com{china}"
        if self.path_style:
            return base
        scheme, _, host = base.partition("://")
        return f"{scheme}://{self.name}.{host}"


def bucket(path: Path, lake: str | None, keys: BucketKeys, env: Env) -> Bucket | None:
    """The bucket that *lake* names; None if the lake is a folder of the data folder.

    What the file at *path* does not say is as the variables of AWS's own tools say.

    Raises:
        ConfigError: It is no URL of a bucket, or a key of it is missing or malformed.
    """
    if lake is None:
        if keys != BucketKeys():
            raise ConfigError(
                f'{path}: bucket: there is none: set lake = "s3://bucket/prefix"'
            )
        return None
    found = _URL.fullmatch(lake)
    if not found or {".", ".."} & {*found[2].split("/")}:
        raise ConfigError(
            f'{path}: lake: expected one like "s3://bucket/prefix", of letters, digits,'
            " -, _, . and =\na lake that is a folder is lake/ in data_dir: leave the"
            " key out"
        )
    given = env or {}
    regions = (keys.region, given.get("AWS_REGION"), given.get("AWS_DEFAULT_REGION"))
    access_key_id, secret_access_key, token = _credentials(path, keys, env)
    return Bucket(
        found[1],
        found[2].strip("/"),
        _endpoint(path, keys, env),
        next(filter(None, regions), _DEFAULT_REGION),
        keys.path_style,
        access_key_id,
        secret_access_key,
        token,
        keys.timeout_seconds,
        keys.retries,
        keys.lock_minutes,
    )


def _endpoint(path: Path, keys: BucketKeys, env: Env) -> str | None:
    """Where the bucket's server is; None for AWS itself."""
    variables = ("AWS_ENDPOINT_URL_S3", "AWS_ENDPOINT_URL")
    named = {f"{path}: bucket.endpoint": keys.endpoint}
    named |= {f"the variable {one}": (env or {}).get(one) for one in variables}
    where, url = next(((k, v) for k, v in named.items() if v), ("", None))
    if url is None:
        return None
    expected = f'{where}: expected one like "https://s3.example.com"'
    if not is_url(url):
        raise ConfigError(expected)
    parts = urlsplit(url)
    if parts.username or parts.password:
        raise ConfigError(f"{expected}, without a user or password in it")
    if parts.query or parts.fragment or parts.path not in {"", "/"}:
        raise ConfigError(f"{expected}, without path or query")
    if parts.scheme == "http" and not is_loopback(parts.hostname or ""):
        raise ConfigError(f"{expected}; http is for loopback addresses only")
    return url.rstrip("/")


def _credentials(
    path: Path, keys: BucketKeys, env: Env
) -> tuple[str | None, str | None, str | None]:
    """The id of the access key, its secret, and a token of a session."""
    names = ("access_key_id", "secret_access_key", "session_token")
    written = {one: getattr(keys, one) for one in names}
    if any(written.values()):
        if not (written["access_key_id"] and written["secret_access_key"]):
            raise ConfigError(
                f"{path}: bucket: access_key_id and secret_access_key go together"
            )
        first, second, token = (
            secret(f"{path}: bucket.{name}", one, path, env) if one else None
            for name, one in written.items()
        )
        return first, second, token
    first, second, token = ((env or {}).get(f"AWS_{one.upper()}") for one in names)
    if first and second:
        return first, second, token or None
    return None, None, None
