"""Words that models and tenants say, in a language: statuses, units, whose it is.

The warehouse has them in English. What a person typed is not translated.
"""

import re

from pipeline import seeds
from pipeline.formats.language import Language, msgid

# Statuses, kinds and units, as models and tenants call them; seeds have others.
TERMS = frozenset(
    {
        # of months, statements and notes
        msgid("FINAL"),
        msgid("PROVISIONAL"),
        msgid("REVERSED"),
        msgid("reversed"),
        msgid("disputed"),
        msgid("draft"),
        msgid("statement"),
        msgid("credit note"),
        msgid("note"),
        msgid("settled"),
        msgid("dispute, open"),
        msgid("dispute, settled"),
        msgid("adjustment"),
        msgid("fixed"),
        # of budgets, rules and comparisons
        msgid("within"),
        msgid("no budget"),
        msgid("expired"),
        msgid("not in force yet"),
        msgid("never matched"),
        msgid("always outranked"),
        msgid("used"),
        msgid("ties"),
        msgid("beyond"),
        msgid("equal"),
        msgid("differs"),
        msgid("unknown"),
        msgid("none"),
        # of what changed
        msgid("new"),
        msgid("absent"),
        msgid("moved in"),
        msgid("moved away"),
        # of days that were read
        msgid("usage"),
        msgid("complete"),
        msgid("partial"),
        msgid("missing"),
        # times that runs take
        msgid("under 1 s"),
        msgid("1 to 10 s"),
        msgid("10 to 60 s"),
        msgid("1 to 5 min"),
        msgid("5 to 15 min"),
        msgid("15 to 60 min"),
        msgid("1 to 4 h"),
        msgid("4 h and more"),
        # of runs, automations, spaces and connectors
        msgid("available"),
        msgid("unavailable"),
        msgid("disabled"),
        msgid("state not known"),
        msgid("manual"),
        msgid("scheduled"),
        msgid("triggered"),
        msgid("api"),
        msgid("personal"),
        msgid("shared"),
        msgid("managed"),
        msgid("data"),
        msgid("third-party"),
        msgid("standard"),
        msgid("total"),
        msgid("owner"),
        msgid("automation"),
    }
) | {*(one.status for one in seeds.statuses()), *(one.unit for one in seeds.meters())}

# What models call those who have no name, some of them with the begin of an id.
_NAMELESS = {
    msgid("Unallocated"),
    msgid("Fixed amounts and corrections"),
    msgid("Personal space"),
    msgid("Not shown"),
    msgid("Unknown owner"),
    msgid("Unknown space"),
    msgid("Unknown automation"),
    msgid("Deleted or unknown space"),
    msgid("Person"),
}
_BEGINS = tuple(_NAMELESS)
_WITH_ID = re.compile(f"({'|'.join(_NAMELESS)}) (\\S+)")

# The columns by which rules match.
_COLUMNS = (
    msgid("automation id"),
    msgid("automation"),
    msgid("owner e-mail"),
    msgid("owner id"),
    msgid("owner"),
    msgid("space id"),
    msgid("space"),
    msgid("tenant"),
)
_PART = re.compile(f"({'|'.join(_COLUMNS)}) (.+)", re.DOTALL)


def label(name: str, language: Language) -> str:
    """A name as it is, or words for what has none."""
    if not name.startswith(_BEGINS):
        return name
    if name in _NAMELESS:
        return language.gettext(name)
    found = _WITH_ID.fullmatch(name)
    return f"{language.gettext(found[1])} {found[2]}" if found else name


def listed(text: str, language: Language) -> str:
    """What a rule matches, such as `space Finance, owner Anna`."""
    return ", ".join(_part(part, language) for part in text.split(", "))


def _part(text: str, language: Language) -> str:
    found = _PART.fullmatch(text)
    if not found:
        return text
    return f"{language.gettext(found[1])} {term(found[2], language)}"


def term(text: str, language: Language) -> str:
    """One of the words of models and tenants; any other text as it is."""
    return language.gettext(text) if text in TERMS else text
