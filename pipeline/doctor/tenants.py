"""A tenant: is it there, does it know us, does it show us everything?"""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime

import httpx
import msgspec
import polars as pl

from pipeline.config import Extract, TenantAccess
from pipeline.doctor.finding import Finding, fail, ok, warn
from pipeline.endpoints import AUTOMATIONS, SPACES, USAGE, USERS
from pipeline.errors import ConfigError, TenantError
from pipeline.tenant import Tenant
from pipeline.tenant.client import client

_SKEW_WARN = timedelta(minutes=1)
_SKEW_FAIL = timedelta(minutes=5)

# A person waits for the answer, so that a silent tenant is not asked for long.
_TIMEOUT_SECONDS = 10
_RETRIES = 1

# Usage names automations of these days; more would name more that are deleted since.
_DAYS = timedelta(days=3)

# Some are deleted between two days. More than one in so many is a narrowed right.
_DELETED_AT_MOST = 10


def tenant(access: TenantAccess, limits: Extract, now: datetime) -> Iterator[Finding]:
    """Findings of one tenant; none is made that an earlier failure would explain."""
    patience = msgspec.structs.replace(
        limits,
        timeout_seconds=min(limits.timeout_seconds, _TIMEOUT_SECONDS),
        retries=min(limits.retries, _RETRIES),
    )
    try:
        header = _date(access, patience)
    except ConfigError as exc:
        yield fail(f"{access.name}: network", exc, "", exc.exit_code)
        return
    except httpx.HTTPError as exc:
        found = f"{access.url} cannot be reached: {exc}"
        remedy = "check tenant.url and the network, a proxy or a firewall"
        yield fail(f"{access.name}: network", found, remedy, TenantError.exit_code)
        return
    yield _clock(f"{access.name}: clock", header, now)
    with Tenant(access, patience) as asked:
        yield from _rights(asked, now)


def _date(access: TenantAccess, limits: Extract) -> str:
    """The Date of any answer; no key is needed for one, so none is sent."""
    with client(access.url, limits.timeout_seconds, access.proxy) as http:
        response = http.get(f"{access.url}/api/v1/users/me")
    return str(response.headers.get("date", ""))


def _clock(subject: str, header: str, now: datetime) -> Finding:
    try:
        skew = parsedate_to_datetime(header).astimezone(UTC) - now
    except ValueError:
        remedy = "compare this machine's clock with another's"
        return warn(subject, "the tenant does not say what time it is", remedy)
    seconds = round(abs(skew).total_seconds())
    side = "behind" if skew > timedelta(0) else "ahead of"
    found = f"this machine is {seconds:,} s {side} the tenant"
    remedy = "set the clock by NTP (timedatectl set-ntp true): nights go by the day"
    if abs(skew) > _SKEW_FAIL:
        return fail(subject, found, remedy, TenantError.exit_code)
    if abs(skew) > _SKEW_WARN:
        return warn(subject, found, remedy)
    return ok(subject, found)


def _rights(asked: Tenant, now: datetime) -> Iterator[Finding]:
    """The key, then what it opens: automations, usage, people and spaces."""
    try:
        next(asked.pages(USERS), None)
    except TenantError as exc:
        yield _refused(f"{asked.name}: credentials", exc)
        return
    yield ok(f"{asked.name}: credentials", "accepted")
    usage = _usage(asked, now)
    if isinstance(usage, Finding):
        yield usage
    else:
        yield ok(f"{asked.name}: role", "may read the usage of everybody")
    yield _listing(asked, None if isinstance(usage, Finding) else usage)
    try:
        next(asked.pages(SPACES), None)
    except TenantError as exc:
        yield _refused(f"{asked.name}: spaces", exc)


def _usage(asked: Tenant, now: datetime) -> pl.DataFrame | Finding:
    first, last = (now - _DAYS).date(), now.date()
    params = {
        "breakdownBy": "automation",
        "filter": f'date ge "{first}" and date le "{last}"',
    }
    try:
        return pl.concat([USAGE.frame([]), *asked.pages(USAGE, params=params)])
    except TenantError as exc:
        return _refused(f"{asked.name}: role", exc)


def _listing(asked: Tenant, usage: pl.DataFrame | None) -> Finding:
    """Whether all automations are listed, as far as usage or their owners show it.

    A tenant answers a caller with too narrow a right with a part, not with an error.
    """
    subject = f"{asked.name}: automations"
    try:
        pages = asked.pages(AUTOMATIONS, params={"listAll": "true"})
        listed = pl.concat([AUTOMATIONS.frame([]), *pages])
    except TenantError as exc:
        return _refused(subject, exc)
    remedy = (
        "give the caller the role TenantAdmin or AnalyticsAdmin, and an OAuth client"
        " a scope that covers automations"
    )
    if usage is None:
        owners = f"{listed['owner_id'].n_unique():,} owner(s)"
        found = f"{listed.height:,} listed, of {owners}: perhaps a part of all"
        return warn(subject, found, remedy)
    named = usage["automation_id"].unique()
    missing = named.filter(~named.is_in(listed["automation_id"].to_list())).len()
    found = f"{listed.height:,} listed"
    if missing * _DELETED_AT_MOST > named.len():
        found += f", but {missing:,} of the {named.len():,} that usage names are not"
        return warn(subject, f"{found}: a part of all", remedy)
    gone = f", {missing:,} that usage names are deleted since" if missing else ""
    return ok(subject, found + gone)


def _refused(subject: str, exc: TenantError) -> Finding:
    remedy = "see the tenant's own message"
    return fail(subject, exc, remedy, exc.exit_code)
