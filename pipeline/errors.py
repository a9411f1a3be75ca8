"""Every error that the pipeline raises on purpose, with its exit code.

* PipelineError       1  anything below, or a defect
  - ConfigError       2  wrong usage, a setting or a finance file that is malformed
  - TenantError       3  the tenant denied a right, kept failing, or answered nonsense
  - CheckError        4  a model's grain or a data check does not hold
  - LockError         5  another run holds the lock
  - DeliveryError     6  built, but not delivered

A message is one or two lines: what went wrong, where, and what to do about it.
It never holds a secret.
"""

from collections.abc import Sequence
from typing import ClassVar


class PipelineError(Exception):
    """Something failed, which is reported to the user in a line or two.

    One that stands for several has *each* of them.
    """

    exit_code: ClassVar[int] = 1
    each: tuple["PipelineError", ...] = ()


class ConfigError(PipelineError):
    """A command, a setting or a finance file cannot be used as it is."""

    exit_code = 2


class FinanceFilesError(ConfigError):
    """All that is wrong with the finance files, in order."""

    each: tuple[ConfigError, ...]

    def __init__(self, each: Sequence[ConfigError]) -> None:
        first, others = each[0], len(each) - 1
        # The remedy stays in the second line, or the number is it.
        what, _, remedy = str(first).partition("\n")
        super().__init__(f"{what}; and {others} more\n{remedy}".rstrip())
        self.each = tuple(each)


class TenantError(PipelineError):
    """The tenant could not be read, after all retries."""

    exit_code = 3


class CheckError(PipelineError):
    """The data contradicts itself; nothing may be delivered."""

    exit_code = 4


class ChecksError(CheckError):
    """All that was found at once, such as two checks that do not hold."""

    def __init__(self, message: str, each: Sequence[PipelineError]) -> None:
        super().__init__(message)
        self.each = tuple(each)


def joined(errors: Sequence[PipelineError]) -> PipelineError:
    """One error for *errors*, with each of them once: the first, and how many more."""
    each = {f"{one}": one for error in errors for one in error.each or (error,)}
    first, *others = each.values()
    if not others:
        return first
    what, _, remedy = str(first).partition("\n")
    message = f"{what}, and {len(others)} more\n{remedy}".rstrip()
    return ChecksError(message, [first, *others])


class LockError(PipelineError):
    """Another run is at work on the same data folder."""

    exit_code = 5


class DeliveryError(PipelineError):
    """The reports were built, but did not reach every recipient."""

    exit_code = 6
