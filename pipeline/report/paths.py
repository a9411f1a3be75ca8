"""The file names of pages, which are safe whatever people typed."""

import hashlib
from collections.abc import Mapping
from datetime import date
from functools import lru_cache
from typing import Any

from pipeline.files import slug

# The pages that do not belong to a month.
FIRST_PAGES = (
    "index.html",
    "trends.html",
    "trends-tables.html",
    "operations.html",
    "quality.html",
    "search.html",
)

_HASH_LENGTH = 8


def month_page(month: date) -> str:
    """The name of a month's page."""
    return f"chargeback-{month:%Y-%m}.html"


def statement_page(statement: Mapping[str, Any]) -> str:
    """The name of the page of the statement of a `tenant`, `month` and `cost_center`.

    The words are for a reader; the hash makes the name unique.
    """
    center = statement["cost_center"]
    key = f"{statement['tenant']}\0{center}"
    return _page("statement", statement["month"], center, key)


def consolidated_page(center: Mapping[str, Any]) -> str:
    """The name of the page of all statements that a `cost_center` has of a `month`."""
    name = center["cost_center"]
    return _page("consolidated", center["month"], name, name)


@lru_cache(maxsize=1 << 14)
def _page(kind: str, month: date, cost_center: str, key: str) -> str:
    digest = hashlib.sha256(key.encode()).hexdigest()[:_HASH_LENGTH]
    words = "-".join(part for part in (slug(cost_center), digest) if part)
    return f"{kind}-{month:%Y-%m}-{words}.html"
