"""The items of answers: record types with those fields of the API that are kept.

Nothing else in an answer (`executionToken`, `workspace`, run inputs, request and
response bodies) can reach the disk, since it is never decoded. Names and types are
those of the vendor's OpenAPI documents of `/api/workflows/automations`,
`/api/v1/users` and `/api/v1/spaces`; a field that is not required may be null. The
errors of a run may hold anything: `run_errors` reduces them to known words.
"""

from datetime import date
from typing import Annotated, Any

import msgspec

# A quantity that fits the lake's BIGINT; any other value makes the page invalid.
Count = Annotated[int, msgspec.Meta(ge=0, le=2**63 - 1)]

# An id is one word, so that it can stand in a list of ids. A longer one is no id.
_LONGEST_ID = 200
Id = Annotated[
    str, msgspec.Meta(min_length=1, max_length=_LONGEST_ID, pattern=r"\A\S+\Z")
]

# The id of a run: whether it is one word is seen of thousands at once, which takes a
# tenth of the time.
RunId = Annotated[str, msgspec.Meta(min_length=1, max_length=_LONGEST_ID)]

# The id of something else; it may be empty where there is none.
Ref = Annotated[str, msgspec.Meta(max_length=_LONGEST_ID)]

# RFC 3339, UTC. Columns are parsed whole, which is much faster than one by one, and
# `plausible` times are kept.
Time = str


class Record(msgspec.Struct, rename="camel", gc=False):
    """One item of an answer's `data`; unknown fields are ignored."""


class UsageAutomation(Record):
    """The automation of a usage item as it is now; `guid` is its id."""

    guid: Id
    name: str | None = None
    owner_id: Ref | None = None


class Usage(Record):
    """One metric of one automation on one day; its name implies the unit."""

    date: date
    name: Id
    value: Count
    automation: UsageAutomation


class Run(Record):
    """One run; the live shape has `billable`, the documented one `duration`."""

    id: RunId
    space_id: Ref | None = None
    owner_id: Ref | None = None
    executed_by_id: Ref | None = None
    status: str | None = None
    context: str | None = None
    is_test_run: bool | None = None
    test_run: bool | None = None
    billable: bool | None = None
    duration: Count | None = None
    scheduled_start_time: Time | None = None
    created_at: Time | None = None
    start_time: Time | None = None
    stop_time: Time | None = None
    updated_at: Time | None = None
    error: Any = None


class Automation(Record):
    """One automation as the caller sees it now."""

    id: Id
    name: str | None = None
    owner_id: Ref | None = None
    space_id: Ref | None = None
    state: str | None = None
    run_mode: str | None = None
    max_concurrent_runs: Count | None = None
    last_run_status: str | None = None
    last_run_at: Time | None = None
    created_at: Time | None = None
    updated_at: Time | None = None


class User(Record):
    """One user of the tenant, of any status."""

    id: Id
    name: str | None = None
    email: str | None = None
    subject: str | None = None
    status: str | None = None
    created_at: Time | None = None


class Space(Record):
    """One shared, managed or data space; personal ones are never listed."""

    id: Id
    name: str | None = None
    type: str | None = None
    owner_id: Ref | None = None
    created_at: Time | None = None
    updated_at: Time | None = None


class Connector(Record):
    """One connector; a run that executes a block of a billable one is third-party."""

    id: Id
    name: str | None = None
    billable: bool | None = None
