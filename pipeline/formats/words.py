"""The words for finance of the names that tenants and marts use."""

from pipeline import seeds
from pipeline.formats.language import ENGLISH, Language, msgid

_WORDS = {
    **{one.meter: one.label for one in seeds.meters()},
    **{one.context: one.label for one in seeds.contexts()},
    "failed_runs": msgid("Failed runs"),
    "duration_seconds": msgid("Duration, seconds"),
    "bandwidth_in_gb": msgid("Received"),
    "bandwidth_out_gb": msgid("Sent"),
    "usage": msgid("Usage"),
    "prices": msgid("prices"),
    "allocation": msgid("allocation"),
    "fixed": msgid("fixed amounts"),
    "cost_center": msgid("cost centre"),
    "spike": msgid("costs more than usual"),
    "new": msgid("new, high cost"),
    "not_metered": msgid("not metered"),
    "not_listed": msgid("not listed"),
}


def inside(label: str) -> str:
    """A label as it is written inside a sentence: API calls, but third-party runs."""
    return label if label[:2].isupper() else f"{label[0].lower()}{label[1:]}"


# How a fixed amount is split, by what its file says.
_SPLITS = {
    "even": msgid("in equal parts"),
    "percent": msgid("by fixed percentages"),
    "budget": msgid("by budget"),
    "percent of all usage": msgid("of all usage"),
    **{
        f"{split} {one.meter}": f"{words} {inside(one.label)}"
        for one in seeds.meters()
        for split, words in (("proportional:", "by"), ("percent of", "of"))
    },
}

# Names that people typed are cut after so many signs where there is little room.
_LONGEST = 80


def shortened(name: str, longest: int = _LONGEST) -> str:
    """A name, cut to *longest* signs where it is too long to be read."""
    return name if len(name) <= longest else f"{name[: longest - 1]}…"


def split_words(driver: str, language: Language = ENGLISH) -> str:
    """The words for what a fixed amount is split by; any other as it is."""
    return language.gettext(_SPLITS.get(driver, driver))


def words(name: str, language: Language = ENGLISH) -> str:
    """The words for a meter, measure, status or unit; any other name as it is."""
    return language.gettext(_WORDS.get(name, name))
