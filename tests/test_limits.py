"""docs/limits.md says the limits that the code has."""

from pathlib import Path

import pytest

from pipeline.endpoints.endpoint import LONGEST_TEXT
from pipeline.extract.extraction import MOST_IDS, MOST_LOGGED
from pipeline.tenant import pagination
from pipeline.tenant.failures import MAX_PAUSE_SECONDS
from pipeline.tenant.quarantine import MOST_RECORDS
from pipeline.tenant.transport.body import MAX_BODY_BYTES

DOCUMENT = (Path(__file__).parents[1] / "docs" / "limits.md").read_text("utf-8")

LIMITS = {
    "a body, decoded": f"{MAX_BODY_BYTES >> 20} MiB",
    "a pause that the tenant asks for": f"{MAX_PAUSE_SECONDS} s",
    "pages of a listing": f"{pagination.MAX_PAGES:,}",
    "records of a listing": f"{pagination.MAX_RECORDS:,}",
    "time of a listing": f"{pagination.MAX_SECONDS // 3600} hours",
    "pages in a row without a record": f"{pagination.MAX_EMPTY_PAGES}",
    "pages in a row without a new record": f"{pagination.MAX_REPEATED_PAGES}",
    "a name or another text": f"{LONGEST_TEXT} characters",
    "odd records that are logged one by one": f"{MOST_LOGGED} a run and tenant",
    "ids that a day's coverage names": f"{MOST_IDS}; of runs all their automations",
    "records of a page in quarantine": (
        f"{MOST_RECORDS:,}, texts of {LONGEST_TEXT} characters"
    ),
}


@pytest.mark.parametrize("what", LIMITS)
def test_a_limit_is_what_the_document_says(what: str) -> None:
    assert f"| {what} | {LIMITS[what]} |" in DOCUMENT
