"""A tenant: the network, the clock, the credentials, and what the caller may read."""

from collections.abc import Iterator, Mapping
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime

import httpx
import msgspec
import polars as pl

from pipeline.config import Extract, TenantAccess
from pipeline.doctor.finding import Finding, fail, ok, warn
from pipeline.endpoints import AUTOMATIONS, SPACES, USAGE, USERS
from pipeline.errors import ConfigError, TenantError
from pipeline.extract.identity import identity
from pipeline.lake.identity import check_known
from pipeline.lake.tenants import KnownTenant
from pipeline.tenant import Tenant
from pipeline.tenant.client import client

_SKEW_WARN = timedelta(minutes=1)
_SKEW_FAIL = timedelta(minutes=5)

# A person waits for the answer, so that these are short.
_TIMEOUT_SECONDS = 10
_RETRIES = 1

# Usage of so few days names few automations that were deleted since.
_USAGE_DAYS = timedelta(days=3)

# If more than one in so many is not listed, it is not deletions but a narrowed right.
_DELETED_AT_MOST = 10


def tenant(
    access: TenantAccess,
    limits: Extract,
    now: datetime,
    known: Mapping[str, KnownTenant],
) -> Iterator[Finding]:
    """Findings of one tenant; after a failure, none that would follow from it.

    *known* are the tenants of the lake.
    """
    short_limits = msgspec.structs.replace(
        limits,
        timeout_seconds=min(limits.timeout_seconds, _TIMEOUT_SECONDS),
        retries=min(limits.retries, _RETRIES),
    )
    try:
        header = _date(access, short_limits)
    except ConfigError as exc:
        yield fail(f"{access.name}: network", exc, "", exc.exit_code)
        return
    except httpx.HTTPError as exc:
        found = f"{access.url} cannot be reached: {exc}"
        remedy = "check tenant.url and the network, a proxy or a firewall"
        yield fail(f"{access.name}: network", found, remedy, TenantError.exit_code)
        return
    yield _clock(f"{access.name}: clock", header, now)
    with Tenant(access, short_limits) as opened:
        yield from _rights(opened, now)
        yield from _identity(opened, access, known)


def _identity(
    opened: Tenant, access: TenantAccess, known: Mapping[str, KnownTenant]
) -> Iterator[Finding]:
    """Whether the tenant is another one than the lake has under its name."""
    try:
        check_known(access, identity(opened, known.get(access.name)), known)
    except ConfigError as exc:
        yield fail(f"{opened.name}: identity", exc, "", exc.exit_code)
    except TenantError:
        return  # the rights say it, too


def _date(access: TenantAccess, limits: Extract) -> str:
    """The Date header of an answer, which is the same without a key."""
    with client(access.url, limits.timeout_seconds, access.proxy) as http:
        response = http.get(f"{access.url}/api/v1/users/me")
    return str(response.headers.get("date", ""))


def _clock(subject: str, header: str, now: datetime) -> Finding:
    try:
        skew = parsedate_to_datetime(header).astimezone(UTC) - now
    except (ValueError, OverflowError):
        remedy = "compare this machine's clock with another's"
        return warn(subject, "the tenant does not say what time it is", remedy)
    seconds = round(abs(skew).total_seconds())
    side = "behind" if skew > timedelta(0) else "ahead of"
    found = f"this machine is {seconds:,} s {side} the tenant"
    remedy = "set the clock by NTP (timedatectl set-ntp true): runs go by the day"
    if abs(skew) > _SKEW_FAIL:
        return fail(subject, found, remedy, TenantError.exit_code)
    if abs(skew) > _SKEW_WARN:
        return warn(subject, found, remedy)
    return ok(subject, found)


def _rights(opened: Tenant, now: datetime) -> Iterator[Finding]:
    """The credentials, then what they may read: usage, automations and spaces."""
    try:
        next(opened.pages(USERS), None)
    except TenantError as exc:
        yield _failed(f"{opened.name}: credentials", exc)
        return
    yield ok(f"{opened.name}: credentials", "accepted")
    usage = _usage(opened, now)
    if isinstance(usage, Finding):
        yield usage
    else:
        yield ok(f"{opened.name}: role", "may read the usage of everybody")
    yield _listing(opened, None if isinstance(usage, Finding) else usage)
    try:
        next(opened.pages(SPACES), None)
    except TenantError as exc:
        yield _failed(f"{opened.name}: spaces", exc)


def _usage(opened: Tenant, now: datetime) -> pl.DataFrame | Finding:
    first, last = (now - _USAGE_DAYS).date(), now.date()
    params = {
        "breakdownBy": "automation",
        "filter": f'date ge "{first}" and date le "{last}"',
    }
    try:
        return pl.concat([USAGE.frame([]), *opened.pages(USAGE, params=params)])
    except TenantError as exc:
        return _failed(f"{opened.name}: role", exc)


def _listing(opened: Tenant, usage: pl.DataFrame | None) -> Finding:
    """Whether all automations are listed, judged by usage or by their owners.

    A tenant answers a caller whose right is too narrow with a part, without an error.
    """
    subject = f"{opened.name}: automations"
    try:
        pages = opened.pages(AUTOMATIONS, params={"listAll": "true"})
        listed = pl.concat([AUTOMATIONS.frame([]), *pages])
    except TenantError as exc:
        return _failed(subject, exc)
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
    deleted = f", {missing:,} that usage names are deleted since" if missing else ""
    return ok(subject, found + deleted)


def _failed(subject: str, exc: TenantError) -> Finding:
    remedy = "see the tenant's own message"
    return fail(subject, exc, remedy, exc.exit_code)
