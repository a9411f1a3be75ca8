"""The words for finance of the names that tenants and marts use."""

from pipeline import seeds
from pipeline.formats.language import ENGLISH, Language

_WORDS = {
    **{one.meter: one.label for one in seeds.meters()},
    **{one.context: one.label for one in seeds.contexts()},
    "failed_runs": "Failed runs",
    "duration_seconds": "Duration, seconds",
    "bandwidth_in_gb": "Received",
    "bandwidth_out_gb": "Sent",
    "usage": "Usage",
    "prices": "prices",
    "allocation": "allocation",
    "fixed": "fixed amounts",
    "cost_center": "cost centre",
    "spike": "costs more than usual",
    "new": "new, high cost",
    "not_metered": "not metered",
    "not_listed": "not listed",
}

# How a fixed amount is split, by what its file says.
_SPLITS = {
    "even": "in equal parts",
    "percent": "by fixed percentages",
    "budget": "by budget",
    "percent of all usage": "of all usage",
    **{
        f"{split} {one.meter}": f"{words} {one.label[0].lower()}{one.label[1:]}"
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
