"""A server of S3 on loopback (moto), in front of which a test puts faults.

One request is answered after the other, as if each took no time, so that conditions of
two writers are held as S3 holds them.
"""

import logging
import socket
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from itertools import count
from typing import Any

from moto.moto_server.werkzeug_app import (
    DomainDispatcherApplication,
    create_backend_app,
)
from moto.s3.models import s3_backends
from werkzeug.serving import make_server

KEY_ID = "key-of-the-bucket"
SECRET = "secret-of-the-bucket"
ENV = {"AWS_ACCESS_KEY_ID": KEY_ID, "AWS_SECRET_ACCESS_KEY": SECRET}

_ACCOUNT = "123456789012"
_NUMBERS = count(1)

# A status and a code of S3; None cuts the connection, True does so once the request has
# been done; an event holds it open. False is no fault.
Answer = tuple[int, str] | threading.Event | None | bool
Fault = Callable[[str, str], Answer]


@dataclass
class Bucket:
    """A bucket, and what its server does: *fault* sees each method and path.

    *requests* were made. A server that *has_conditions* knows conditional writes.
    """

    url: str
    name: str
    fault: Fault = lambda *_: False
    has_conditions: bool = True
    requests: list[tuple[str, str]] = field(default_factory=list)

    @property
    def objects(self) -> dict[str, bytes]:
        """The content of each object."""
        found = self._backend.buckets[self.name].keys
        return {str(key): found[key].value for key in list(found)}

    def put(self, key: str, content: bytes) -> None:
        self._backend.put_object(self.name, key, content)

    def remove(self, key: str) -> None:
        self._backend.delete_object(self.name, key)

    @property
    def _backend(self) -> Any:
        return s3_backends[_ACCOUNT]["aws"]

    def settings(self, prefix: str = "chargeback/lake", **more: object) -> str:
        """The lines of a configuration: *more* are keys of `[bucket]`, as TOML."""
        given = {"endpoint": f'"{self.url}"', "retries": 0, **more}
        keys = "\n".join(f"{key} = {value}" for key, value in given.items())
        return f'lake = "s3://{self.name}/{prefix}"\n[bucket]\n{keys}\n'


@contextmanager
def serve() -> Iterator[Bucket]:
    """Serve a bucket that is empty."""
    logging.getLogger("werkzeug").setLevel(logging.ERROR)
    bucket = Bucket("", f"lake-{next(_NUMBERS)}")
    app = DomainDispatcherApplication(create_backend_app)
    server = make_server("127.0.0.1", 0, _Faulty(app, bucket), threaded=True)
    thread = threading.Thread(target=server.serve_forever, args=(0.01,))
    thread.start()
    bucket.url = f"http://127.0.0.1:{server.port}"
    bucket._backend.create_bucket(bucket.name, "us-east-1")  # noqa: SLF001
    try:
        yield bucket
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


class _Faulty:
    """The application of moto, behind the faults and the keys of a bucket."""

    def __init__(self, app: Any, bucket: Bucket) -> None:
        self._app = app
        self._bucket = bucket
        self._turn = threading.Lock()

    def __call__(self, environ: Any, start: Any) -> Any:
        method, path = environ["REQUEST_METHOD"], environ["PATH_INFO"]
        self._bucket.requests.append((method, path))
        answer = self._bucket.fault(method, path)
        if answer is not False and answer is not True:
            return _failed(answer, environ, start)
        if f"Credential={KEY_ID}/" not in environ.get("HTTP_AUTHORIZATION", ""):
            return _failed((403, "InvalidAccessKeyId"), environ, start)
        if not self._bucket.has_conditions:
            environ.pop("HTTP_IF_MATCH", None)
            environ.pop("HTTP_IF_NONE_MATCH", None)
        with self._turn:
            body = list(self._app(environ, start))
        return _failed(None, environ, start) if answer else body


def _failed(answer: Any, environ: Any, start: Any) -> list[bytes]:
    if isinstance(answer, threading.Event):
        answer.wait(30)
        answer = None
    if answer is None:
        environ["werkzeug.socket"].shutdown(socket.SHUT_RDWR)
        start("200 OK", [])
        return [b""]
    status, code = answer
    # What S3 says of a wrong key has the key.
    body = (
        f"<Error><Code>{code}</Code><AWSAccessKeyId>{KEY_ID}</AWSAccessKeyId></Error>"
    )
    start(f"{status} {code}", [("Content-Type", "application/xml")])
    return [body.encode()]
