"""Headers of a message as bytes, which hold what was meant, whoever decodes them.

The library decodes encoded words (RFC 2047) in what it is given, line breaks and all,
so that a name could become a header. Here texts are encoded, and it is given none.
"""

from base64 import b64encode
from email import message_from_bytes
from email.header import decode_header, make_header

from pipeline.errors import DeliveryError

_LONGEST_LINE = 76
_WORD_BYTES = 39  # of an encoded word; with the header's name it fits a line

# What may stand in a name without quotes (RFC 5322, 3.2.3), and the blank.
_ATOM_SIGNS = frozenset("!#$%&'*+-/^_`{|}~ ")


def text_header(name: str, text: str) -> bytes:
    """The header *name* of a *text* in one line, such as a subject.

    Raises:
        DeliveryError: It would be read as something else.
    """
    return _checked(name, text, _plain(name, text) or _encoded(text))


def address_header(name: str, display: str, address: str) -> bytes:
    """The header *name* of one *address* in ASCII, with a *display* name or none.

    Raises:
        DeliveryError: It would be read as something else.
    """
    if not display:
        return _checked(name, address, address)
    is_atoms = all(sign.isalnum() or sign in _ATOM_SIGNS for sign in display)
    shown = (_plain(name, display) if is_atoms else None) or _encoded(display)
    gap = "\r\n " if len(f"{name}: {shown} <{address}>") > _LONGEST_LINE else " "
    return _checked(name, f"{display} <{address}>", f"{shown}{gap}<{address}>")


def _plain(name: str, text: str) -> str | None:
    """*text* as it is, if it is short and nobody could decode it."""
    is_plain = text.isascii() and text.isprintable() and "=?" not in text
    is_short = len(name) + 2 + len(text) <= _LONGEST_LINE
    return text if text.strip() == text and is_plain and is_short else None


def _encoded(text: str) -> str:
    """*text* as encoded words, each of whole characters, a line each."""
    words: list[bytes] = [b""]
    for sign in text:
        encoded = sign.encode("utf-8", "replace")
        if len(words[-1]) + len(encoded) > _WORD_BYTES:
            words.append(b"")
        words[-1] += encoded
    return "\r\n ".join(f"=?utf-8?b?{b64encode(word).decode()}?=" for word in words)


def _checked(name: str, meant: str, written: str) -> bytes:
    line = f"{name}: {written}\r\n".encode("ascii")
    parsed = message_from_bytes(line + b"\r\n")
    read = " ".join(str(make_header(decode_header(parsed[name] or ""))).split())
    if parsed.keys() != [name] or read != " ".join(meant.split()):
        raise DeliveryError(
            f"a mail's {name} would be read as something else: {read!r}"
        )
    return line
