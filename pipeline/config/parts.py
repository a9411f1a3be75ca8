"""A part of the tenants, for one machine of several: `--shard 3/8`."""

from dataclasses import dataclass
from hashlib import sha256


@dataclass(frozen=True, slots=True)
class Part:
    """The part *number*, from 1 on, of *count*.

    It goes by the name of a tenant: one that comes or goes moves no other.
    """

    number: int
    count: int

    def has(self, name: str) -> bool:
        """Whether the tenant *name* is in it."""
        found = int.from_bytes(sha256(name.lower().encode()).digest()) % self.count
        return found + 1 == self.number

    def __str__(self) -> str:
        return f"{self.number}/{self.count}"
