"""Objects of a bucket: read, replaced as a whole, listed."""

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING

from pipeline.config import Bucket
from pipeline.errors import LockError, PipelineError
from pipeline.lake.answers import UnansweredError, described

if TYPE_CHECKING:
    from obstore.store import S3Credential, S3Store

_CONNECT_SECONDS = 10
_MOST_RETRY_SECONDS = 240  # a signature is valid for five minutes


class ConflictError(LockError):
    """The object is not, or not any more, what it was taken for."""


@dataclass(frozen=True, slots=True)
class Listed:
    """An object: its key below the prefix, its ETag and its size in bytes."""

    key: str
    etag: str
    size: int


@dataclass(frozen=True, slots=True)
class Object:
    """The content of an object, and its ETag."""

    content: bytes
    etag: str


class Objects:
    """The objects of a bucket below a prefix, by their keys below it."""

    def __init__(self, bucket: Bucket) -> None:
        self._bucket = bucket
        self._store = _store(bucket)

    @property
    def url(self) -> str:
        """Where they are."""
        return self._bucket.url

    def get(self, key: str) -> Object | None:
        """The object of *key*; None if there is none.

        Raises:
            PipelineError: It cannot be read.
        """
        import obstore  # noqa: PLC0415 (for those with a bucket only)

        with self._telling(key):
            try:
                found = obstore.get(self._store, key)
                content = bytes(found.bytes())
            except FileNotFoundError as exc:
                if "NoSuchBucket" in str(exc):
                    raise
                return None
            return Object(content, _etag(found.meta["e_tag"]))

    def put(self, key: str, content: bytes, etag: str | None) -> str:
        """Replace the object whose ETag is *etag*, None for none; the new ETag.

        Raises:
            ConflictError: It has another one, or is there.
            PipelineError: It cannot be written.
        """
        failure: PipelineError
        for _ in range(self._bucket.retries + 1):
            try:
                return self._put(key, content, etag)
            except UnansweredError as exc:
                # It may have been written. A read is tried again by itself.
                failure, found = exc, self.get(key)
            except ConflictError as exc:
                failure, found = exc, self.get(key)
                if not found or found.content != content:
                    raise
            if found and found.content == content:
                return found.etag
            if (found.etag if found else None) != etag:
                raise ConflictError(f"{self.url}/{key}: was changed meanwhile")
        raise failure

    def _put(self, key: str, content: bytes, etag: str | None) -> str:
        import obstore  # noqa: PLC0415 (for those with a bucket only)
        from obstore.exceptions import (  # noqa: PLC0415
            AlreadyExistsError,
            PreconditionError,
        )

        with self._telling(key):
            try:
                done = obstore.put(
                    self._store,
                    key,
                    content,
                    mode="create" if etag is None else {"e_tag": f'"{etag}"'},
                    use_multipart=False,
                )
            except (AlreadyExistsError, PreconditionError) as exc:
                what = f"{self.url}/{key}: was changed meanwhile"
                raise ConflictError(what) from exc
            return _etag(done["e_tag"])

    def delete(self, keys: Sequence[str]) -> None:
        """Remove the objects of *keys*; those that are not there are no error.

        Raises:
            PipelineError: One cannot be removed.
        """
        import obstore  # noqa: PLC0415 (for those with a bucket only)

        for key in keys:
            with self._telling(key):
                try:
                    obstore.delete(self._store, key)
                except FileNotFoundError as exc:
                    if "NoSuchBucket" in str(exc):
                        raise

    def list(self, prefix: str = "") -> Iterator[Listed]:
        """The objects whose key begins with the folder *prefix*, or all.

        Raises:
            PipelineError: They cannot be listed.
        """
        import obstore  # noqa: PLC0415 (for those with a bucket only)

        with self._telling(prefix):
            for chunk in obstore.list(self._store, prefix or None):
                for one in chunk:
                    yield Listed(one["path"], _etag(one["e_tag"]), one["size"])

    @contextmanager
    def _telling(self, key: str) -> Iterator[None]:
        """Within it, what obstore raises is an error of *key* in our words."""
        from obstore.exceptions import BaseError  # noqa: PLC0415

        try:
            yield
        except (BaseError, OSError, ValueError) as exc:
            # Not "from exc": what it says may have the id of a key.
            raise described(self._bucket, key, exc) from None


def _etag(sent: str | None) -> str:
    """An ETag without its quotes, which not all servers send everywhere."""
    return (sent or "").strip('"')


def _store(bucket: Bucket) -> "S3Store":
    from obstore.store import S3Store  # noqa: PLC0415 (for those with a bucket only)

    endpoint = bucket.server
    seconds = min(_MOST_RETRY_SECONDS, bucket.timeout_seconds * (bucket.retries + 1))
    return S3Store(
        bucket.name,
        prefix=bucket.prefix or None,
        config={
            "region": bucket.region,
            "endpoint": endpoint,
            "virtual_hosted_style_request": not bucket.path_style,
        },
        credential_provider=_credentials(bucket),
        client_options={
            "allow_http": endpoint.startswith("http://"),
            "timeout": timedelta(seconds=bucket.timeout_seconds),
            "connect_timeout": timedelta(
                seconds=min(_CONNECT_SECONDS, bucket.timeout_seconds)
            ),
        },
        retry_config={
            "max_retries": bucket.retries,
            "retry_timeout": timedelta(seconds=seconds),
        },
    )


def _credentials(bucket: Bucket) -> "Callable[[], S3Credential] | None":
    """The keys that are set, which no variable adds to; None for the machine's role."""
    if not (bucket.access_key_id and bucket.secret_access_key):
        return None
    given: S3Credential = {
        "access_key_id": bucket.access_key_id,
        "secret_access_key": bucket.secret_access_key,
        "token": bucket.session_token,
        "expires_at": None,
    }
    return lambda: given
