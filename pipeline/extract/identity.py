"""Which tenants the sections of the configuration are, before anything is written."""

from collections.abc import Sequence

from pipeline.config import Run, TenantAccess
from pipeline.config.urls import origin
from pipeline.endpoints import TABLES
from pipeline.endpoints.tenants import OWN_TENANT, TenantRecord
from pipeline.errors import PipelineError
from pipeline.lake import identity as identity_checks
from pipeline.lake import present
from pipeline.lake import tenants as known_tenants
from pipeline.lake.tenants import KnownTenant
from pipeline.tenant import (
    BadRequestError,
    ForbiddenError,
    InvalidPageError,
    NotFoundError,
    Tenant,
)

# The caller may not read it, or what answers does not know it: then the host counts.
_UNKNOWN = (BadRequestError, ForbiddenError, NotFoundError, InvalidPageError)


def identity(tenant: Tenant) -> str | None:
    """The id of *tenant*; None if the caller may not read it.

    Raises:
        TenantError: The tenant could not be read.
    """
    try:
        return tenant.one(OWN_TENANT, TenantRecord).id
    except _UNKNOWN:
        return None


def admit(run: Run, tenants: Sequence[Tenant]) -> dict[str, PipelineError]:
    """Hold *tenants* to what the lake knows, and note what they are; failures by name.

    Raises:
        ConfigError: Two sections are one tenant, or a name stands for another tenant
            than before, or a tenant has another name than before.
    """
    failures: dict[str, PipelineError] = {}
    ids: dict[str, str | None] = {}
    for tenant in tenants:
        try:
            ids[tenant.name] = identity(tenant)
        except PipelineError as exc:
            failures[tenant.name] = exc
    root, renamed = run.settings.lake, run.settings.renamed
    known = known_tenants.read(root)
    identity_checks.check_former(known, run.settings.tenant_names, renamed)
    accesses = [one for one in run.settings.tenants if one.name in ids]
    identity_checks.check_apart(accesses, ids)
    for access in accesses:
        identity_checks.check_known(access, ids[access.name], known)
    known_tenants.settle(root, TABLES, renamed)
    known = present.noted(run.settings)
    for access in accesses:
        known[access.name] = _known(access, ids[access.name], known.get(access.name))
    if ids:
        known_tenants.write(root, known.values())
    return failures


def _known(
    access: TenantAccess, found: str | None, before: KnownTenant | None
) -> KnownTenant:
    formerly = before.formerly if before else ()
    return KnownTenant(
        name=access.name,
        id=found or (before.id if before else None),
        host=origin(access.url),
        formerly=tuple(dict.fromkeys([*formerly, *access.formerly])),
        first_day=access.first_day,
    )
