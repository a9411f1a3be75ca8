"""How the sandbox tenant behaves where tenants differ or the documents are silent."""

from dataclasses import dataclass, field
from typing import Literal

from pipeline.sandbox.world.population import CLIENT_ID

Shape = Literal["live", "documented", "mixed"]


class RefusedError(Exception):
    """A request that the tenant answers with a status of its own and an error body."""

    def __init__(self, status: int, detail: str = "") -> None:
        super().__init__(f"{status} {detail}")
        self.status = status
        self.detail = detail


@dataclass(frozen=True, slots=True, kw_only=True)
class Options:
    """Credentials, shapes and rights; the defaults are the strictest tenant.

    * *shape* of a run: `live` (billable, no duration), `documented` (duration, no
      billable) or both by turns
    * *links*, and *last_link*: what `links.next` is on the last page
    * *role* of the caller: a `user` sees what is theirs, and no usage
    * *accepts_ge*: whether runs can be filtered by a range of start times
    * *run_detail*: whether others than its owner may read a run's detail
    * *usage_page*: so many usage items a page; documented is no paging at all
    * *queued_last*: runs without a start come last by `-startTime`, else first
    * *requests_per_minute* in a rolling window of *window_seconds*; none by default
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
    queued_last: bool = True
    requests_per_minute: int | None = None
    window_seconds: float = 60.0
