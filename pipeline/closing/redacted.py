"""Which files of closed months lost a person's name, as the register says."""

from collections.abc import Collection, Mapping

from pipeline.closing.register import Register

# By kind and seal of a closing or reversal: the hashes that its files may have, too.
Redacted = Mapping[tuple[str, str], Mapping[str, Collection[str]]]


def redacted(register: Register) -> Redacted:
    """The hashes of files from which a person's name was taken."""
    found: dict[tuple[str, str], dict[str, set[str]]] = {}
    for one in register.entries:
        if one.kind == "redaction":
            files = found.setdefault((one.reason or "", one.seal), {})
            for name, digest in one.files.items():
                files.setdefault(name, set()).add(digest)
    return found
