"""What the server of a bucket answers that is no good, in our words.

Its own words are not repeated: they may have the id of a key, or a signature.
"""

import re

from pipeline.config import Bucket
from pipeline.errors import ConfigError, PipelineError

_CODE = re.compile(r"<Code>(\w+)</Code>")
_STATUS = re.compile(r"status code: (\d{3})")
# Words of obstore, and ours.
_REASONS = {
    "timedout": "timed out",
    "timed out": "timed out",
    "dns error": "its name is not known",
    "certificate": "its certificate is not trusted",
    "connectionrefused": "refused",
    "connection refused": "refused",
}
_FAILED = "the connection failed"

_ODD_NAME = re.compile(r'InvalidPath \{.*?path: "([^"]*)"', re.DOTALL)
_ROLE = re.compile(r"169\.254\.\d+\.\d+|fd00:ec2|sts\.[\w.-]*amazonaws")

_ACCESS = (
    "allow the user of the key s3:ListBucket on the bucket, and s3:GetObject,"
    " s3:PutObject and s3:DeleteObject on what is below its prefix"
)
_REMEDIES = {
    "AccessDenied": ("access denied", _ACCESS),
    "AllAccessDisabled": ("access denied", _ACCESS),
    "InvalidAccessKeyId": ("the server knows no such access key", "set another key"),
    "SignatureDoesNotMatch": (
        "the secret is not that of the access key",
        "set bucket.secret_access_key, or AWS_SECRET_ACCESS_KEY, anew",
    ),
    "ExpiredToken": ("the session's token has expired", "set a new one"),
    "InvalidToken": ("the session's token is not valid", "set a new one"),
    "RequestTimeTooSkewed": ("this machine's clock is wrong", "set it (timedatectl)"),
    "NoSuchBucket": ("no such bucket", "make it, or correct lake"),
    "InvalidBucketName": ("no such bucket", "correct lake"),
    "AuthorizationHeaderMalformed": ("it is in another region", "set bucket.region"),
    "PermanentRedirect": ("it is in another region", "set bucket.region"),
    "IllegalLocationConstraintException": (
        "it is in another region",
        "set bucket.region",
    ),
}


class UnansweredError(PipelineError):
    """The bucket's server did not answer, or failed, after all retries."""


def described(bucket: Bucket, key: str, exc: Exception) -> PipelineError:
    """The error for *exc*, which obstore raised about the object of *key*."""
    text, where = str(exc), f"{bucket.url}/{key}".rstrip("/")
    if odd := _ODD_NAME.search(text):
        return ConfigError(
            f"{bucket.url}: has an object of a name that cannot be listed, {odd[1]!r}\n"
            "remove it, or choose another prefix"
        )
    code, status = _CODE.search(text), _STATUS.search(text)
    known = "PermanentRedirect" if "BareRedirect" in text else code and code[1]
    if known in _REMEDIES:
        what, remedy = _REMEDIES[known]
        return ConfigError(f"{where}: {what}\n{remedy}")
    if _ROLE.search(text) and not bucket.access_key_id:
        return ConfigError(
            f"{where}: there are no credentials\nset AWS_ACCESS_KEY_ID and"
            " AWS_SECRET_ACCESS_KEY, or the keys of [bucket]; or give the machine"
            " a role"
        )
    if status and status[1] in {"401", "403"}:
        return ConfigError(f"{where}: access denied (HTTP {status[1]})\n{_ACCESS}")
    if status and status[1] in {"301", "307", "400", "404"}:
        named = f" {code[1]}" if code else ""
        return ConfigError(
            f"{where}: is not there (HTTP {status[1]}{named})\n"
            "correct lake, bucket.endpoint, bucket.region or bucket.path_style"
        )
    answered = f"answered HTTP {status[1]}" if status else "did not answer"
    reason = "" if status else f" ({_reason(exc)})"
    return UnansweredError(
        f"{where}: {bucket.server} {answered}, after {bucket.retries}"
        f" retries{reason}\nsee whether it is up and can be reached from here, and"
        " repeat the command"
    )


def _reason(exc: Exception) -> str:
    """Why there was no answer, in a word or two."""
    lowered = str(exc).lower()
    return next((said for word, said in _REASONS.items() if word in lowered), _FAILED)
