"""The errors of a run → words that cannot be a secret.

An entry of `error` is documented as an object without any fields. It may be a text, or
an object with a text, the request and the response; and the text may quote either of
them. No rule finds every secret in a text. So the words below are kept, and nothing
else of an entry.
"""

import re
from collections.abc import Iterable, Mapping
from functools import lru_cache
from http import HTTPStatus
from typing import Any

from pipeline import seeds

_GAP = "…"
_LONGEST = 120
_READ = 2000  # characters of a text: enough for its first line

# The fields that may hold a text, and a status; the first that is there is taken.
_MESSAGE_FIELDS = ("error", "message", "title")
_STATUS_FIELDS = ("status", "statusCode", "httpStatus", "code")

# Words that have no meaning alone.
_FILLERS = """
a after again all an and any are as at be because been before but by can can't cannot
could couldn't did didn't do does doesn't for from had has have in into is isn't it its
more no not of on one only or out over per same so some than that the their then there
this to too under up via was wasn't were when where which while will with within without
you your
"""

_TERMS = """
API CSV DNS HTML HTTP HTTPS ID JSON OAuth OData Qlik SMTP SQL SSL TLS URL URI UTF XML
GET POST PUT PATCH DELETE
aborted accept accepted access account action active allowed already app application
argument array attachment attempt attempts authenticate authenticated authentication
authorization authorized automation available bad block blocked body broken bytes call
cancelled certificate changed characters check child client close closed cloud column
command complete condition configuration configured conflict connect connected
connecting connection connections connector contact content corrupt count create
created credentials cURL current data database date deadlock decode default deleted
denied deprecated dimension disabled disconnected disk document domain duplicate
duration email empty enabled encoding endpoint endpoint error errors exceed exceeded
exceeds exception execute executed execution exist exists expected expired expression
external fail failed failure fetch field fields file files filter folder forbidden
format found function gateway handshake header host identifier inactive index input
inputs insufficient integer internal invalid item items job key large length licence
license limit limited limits line list load loaded locked login long longer loop lost
mail maintenance many maximum measure memory message method milliseconds minimum
minutes missing multiple must name network null number object occurred offline
operation output owner page parameter parameters parse parsing password path pending
permission permissions please port private process processing property protocol
provided provider query queue queued quota range rate reach reached read recipient
record records redirect refresh refused rejected reload remote removed report request
requested requests require required reset resolve resource response result resulted
retries retry returned role row rows run running runtime scheduled schema scope script
seconds secret send sending server service session sheet size something source space
started state status step stopped storage string subject succeeded successful support
supported syntax table target task temporarily tenant terminated time timed timeout
token transaction triggered try type unable unauthorized unavailable unexpected
unhandled unknown unreachable unsupported update upload used user valid validation
value values variable verification version waiting warning webhook went workspace
write written wrong
"""

# The run-time limits, and what HTTP says of a request that failed.
_LIMITS = {f"{one.limit_seconds}" for one in seeds.contexts()}
_NUMBERS = [*_LIMITS, *(f"{s:d}" for s in HTTPStatus if s >= 400)]  # noqa: PLR2004

_ALL_WORDS = (*_FILLERS.split(), *_TERMS.split(), *_NUMBERS)
WORDS = {word.casefold(): word for word in _ALL_WORDS}
_MEANINGLESS = {_GAP, *_FILLERS.split()}

# Quotations, markup and JSON, of which not even known words are kept.
_QUOTED = re.compile(
    r""" "[^"]*("|$) | (?<!\w)'[^']*('|$) | <[^>]*(>|$) | [{].* """, re.VERBOSE
)
_AROUND = "()[]`*\"',.:;!?-"
_STOPS = tuple(",.:;!?")


def redact(errors: Any) -> str | None:
    """The last of *errors* that holds known words, reduced to these; or None.

    It is the last because a run goes on after errors that it is configured to ignore.
    """
    entries = errors if isinstance(errors, list) else [errors]
    return next(filter(None, map(_redact_entry, reversed(entries))), None)


@lru_cache(maxsize=1024)  # a tenant's runs fail in much the same words
def known_words(text: str) -> str | None:
    """The known words of the first line of *text*; None if they have no meaning."""
    line = next(iter(text[:_READ].strip().splitlines()), "")
    tokens = _QUOTED.sub(f" {_GAP} ", line.replace("’", "'")).split()  # noqa: RUF001
    kept = list(_without_repeated_gaps(map(_known, tokens)))
    if all(word.rstrip(_AROUND) in _MEANINGLESS for word in kept):
        return None
    sentence = _cut(kept).rstrip(" ,:;")
    if sentence[1:2].isupper():
        return sentence
    return sentence[0].upper() + sentence[1:]


def _redact_entry(entry: Any) -> str | None:
    if isinstance(entry, str):
        return known_words(entry)
    while isinstance(entry, dict) and isinstance(entry.get("error"), dict):
        entry = entry["error"]
    if not isinstance(entry, dict):
        return None
    status, text = _first(entry, _STATUS_FIELDS), _first(entry, _MESSAGE_FIELDS)
    is_new = status in WORDS and status not in text
    return known_words(f"{status} {text}" if is_new else text)


def _first(entry: Mapping[str, Any], names: Iterable[str]) -> str:
    """The first field of *names* that is a text or a number, as text; or none."""
    found = (entry[name] for name in names if isinstance(entry.get(name), str | int))
    return str(next(found, ""))


def _known(token: str) -> str:
    """The known word of *token* and the punctuation mark behind it, or a gap."""
    word = WORDS.get(token.strip(_AROUND).casefold(), _GAP)
    return word + token[-1] if token.endswith(_STOPS) and word != _GAP else word


def _without_repeated_gaps(words: Iterable[str]) -> Iterable[str]:
    before = ""
    for word in words:
        if not before == word == _GAP:
            yield word
        before = word


def _cut(words: list[str]) -> str:
    """Whole words, `_LONGEST` characters at most."""
    sentence = " ".join(words)
    if len(sentence) <= _LONGEST:
        return sentence
    return f"{sentence[: _LONGEST - 1].rpartition(' ')[0]} {_GAP}"
