"""The arguments of `chargeback close`: a month, and a reason where one is due."""

from pipeline.closing.reversal import worded
from pipeline.errors import ConfigError


def checked(why: str | None, gaps: str | None, *, reverse: bool) -> str | None:
    """The reason to reverse a month, or the one to close it with *gaps*, if any.

    Raises:
        ConfigError: A reason is missing, or is given where none is due.
    """
    if reverse:
        if gaps is not None:
            raise ConfigError("--accept-incomplete: is for closing, not for --reverse")
        return worded(why or "")
    if why is not None:
        raise ConfigError(
            f"{why!r}: closing takes a month alone; to take one back, add --reverse"
        )
    if gaps is not None and not gaps.strip():
        raise ConfigError("--accept-incomplete: say why, in words that can be kept")
    return gaps
