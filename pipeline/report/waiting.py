"""What runs waited for: the limits of automation, tenant and licence beside it."""

from collections.abc import Collection, Sequence
from typing import Any

from pipeline.formats.language import Language
from pipeline.report.marts import Marts, by
from pipeline.warehouse import Row

# The limits as the vendor names them: of all runs at once, and of an automation's.
_TOGETHER = "maxConcurrentAutomationRuns"
_EACH = "maxConcurrentRunsPerAutomation"

# A run takes some seconds to start.
_WAITED_SECONDS = 60


def waiting(marts: Marts, shown: Collection[str], language: Language) -> dict[str, Any]:
    """The `limits` of tenants that are *shown*, and whose runs `waited` on a day.

    These are the automations of the longest wait of each day, if it was a minute or
    more, those of most such days first.
    """
    quotas = {
        (one["tenant"], one["meter"]): one["quota"] for one in marts["run_limits"]
    }
    known = {(one["tenant"], one["automation_id"]): one for one in marts["limited"]}
    limits, waited = [], []
    for tenant, days in by(marts["concurrency"], "tenant").items():
        limit = {
            "tenant": tenant,
            "most_running": max(day["most_running"] for day in days),
            "most_queued": max(day["most_queued"] for day in days),
            "together": quotas.get((tenant, _TOGETHER)),
            "each": quotas.get((tenant, _EACH)),
        }
        limits.append(limit)
        long = [d for d in days if (d["longest_queue_seconds"] or 0) >= _WAITED_SECONDS]
        waited += [
            _waited(known[tenant, automation], own, limit, language)
            for automation, own in by(long, "longest_automation_id").items()
        ]
    waited.sort(key=lambda row: (-row["days"], -row["longest_queue_seconds"]))
    return {
        "limits": [limit for limit in limits if limit["tenant"] in shown],
        "waited": waited,
    }


def _waited(
    automation: Row, days: Sequence[Row], limit: Row, language: Language
) -> Row:
    return {
        **automation,
        "entity_id": automation["automation_id"],
        "days": len(days),
        "longest_queue_seconds": max(day["longest_queue_seconds"] for day in days),
        "raise": _to_raise(automation["max_concurrent_runs"], days, limit, language),
    }


def _to_raise(
    own: int | None, days: Sequence[Row], limit: Row, language: Language
) -> str:
    """Which limit lets more runs of an automation run at once, in words.

    That of the licence was reached on these *days*, or it is the automation's own, or
    the tenant's, where the own one may not be higher.
    """
    _, counted = language.gettext, language.counted
    each, together = limit["each"], limit["together"]
    if together is not None and max(day["most_running"] for day in days) >= together:
        return counted(
            "that of the licence: 1 run at once",
            "that of the licence: %(count)s runs at once",
            together,
        )
    unless = "" if together is not None else _("; or that of the licence, not known")
    if own is None:
        return _("its own, not known") + unless
    if each is not None and own >= each:
        return (
            counted(
                "that of the tenant: 1 run of an automation at once",
                "that of the tenant: %(count)s runs of an automation at once",
                each,
            )
            + unless
        )
    until = _(", to %(count)s at most") % {"count": each} if each is not None else ""
    at_once = counted("its own: 1 run at once", "its own: %(count)s runs at once", own)
    return f"{at_once}{until}{unless}"
