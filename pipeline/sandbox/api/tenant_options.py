"""How the sandbox tenant behaves where tenants differ or the documents are silent."""

from dataclasses import dataclass, field
from typing import Literal

from pipeline.sandbox.world.population import CLIENT_ID

Shape = Literal["live", "documented", "mixed"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Options:
    """Credentials, shapes and rights; the defaults are the strictest tenant.

    * *shape* of a run: `live` (billable, no duration), `documented` (duration, no
      billable), or `mixed`: each run has one of the two
    * *links* are absolute or relative URLs; *last_link* is `links.next` of a last page
    * *role* of the caller: a `user` sees their own automations, and no usage
    * *accepts_ge*: whether runs can be filtered by a range of start times
    * *run_detail*: whether a caller may read the detail of a run of another owner
    * *usage_page*: usage items a page; None, as documented, is one page of all
    * *tenant_id* of the tenant; None: one that follows from the seed of its world
    * *queued_last*: by `-startTime`, runs without a start come last, else first
    * *requests_per_minute*: the limit in a rolling window of *window_seconds*, or None
    """

    api_key: str = field(default="sandbox-api-key", repr=False)
    client_id: str = CLIENT_ID
    client_secret: str = field(default="sandbox-client-secret", repr=False)
    shape: Shape = "live"
    links: Literal["absolute", "relative"] = "absolute"
    last_link: Literal["null", "empty", "missing", "mixed"] = "mixed"
    role: Literal["admin", "user"] = "admin"
    accepts_ge: bool = False
    run_detail: bool = False
    usage_page: int | None = None
    tenant_id: str | None = None
    queued_last: bool = True
    requests_per_minute: int | None = None
    window_seconds: float = 60.0
