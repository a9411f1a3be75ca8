"""Which tenants the sections of the configuration are, before anything is written."""

from collections.abc import Iterable, Mapping, Sequence
from functools import partial

from pipeline.config import Run, TenantAccess
from pipeline.config.urls import origin
from pipeline.endpoints import TABLES
from pipeline.endpoints.tenants import OWN_TENANT, TenantRecord
from pipeline.errors import ConfigError, PipelineError
from pipeline.extract.guard import guarded
from pipeline.extract.workers import side_by_side
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


def identity(tenant: Tenant, before: KnownTenant | None = None) -> str | None:
    """The id of *tenant*; None if the caller may not read it.

    An id that is not the one of *before* has to be answered twice: one odd answer does
    not make it another tenant.

    Raises:
        TenantError: The tenant could not be read.
    """
    found = _asked(tenant)
    if found is None or (before is not None and found == before.id):
        return found
    return found if _asked(tenant) == found else None


def _asked(tenant: Tenant) -> str | None:
    try:
        return tenant.one(OWN_TENANT, TenantRecord).id
    except _UNKNOWN:
        return None


def admit(run: Run, tenants: Sequence[Tenant]) -> dict[str, PipelineError]:
    """Hold *tenants* to what the lake knows, and note what they are; failures by name.

    Failures are tenants that cannot be asked, two sections of one tenant, a name that
    stands for another tenant than before, and a tenant of another name than before.

    Raises:
        ConfigError: Former names in the configuration contradict the lake.
    """
    root, renamed = run.settings.lake, run.settings.renamed
    known = known_tenants.read(root)
    identity_checks.check_former(known, run.settings.tenant_names, renamed)
    failures: dict[str, PipelineError] = {}
    ids: dict[str, str | None] = {}

    def asked(tenant: Tenant) -> str | None:
        with guarded(tenant, run):
            return identity(tenant, known.get(tenant.name))

    for tenant, answer in side_by_side(asked, tenants):
        try:
            ids[tenant.name] = answer.result()
        except PipelineError as exc:
            failures[tenant.name] = exc
        tenant.transport.close()  # a machine has so many connections only
    accesses = [one for one in run.settings.tenants if one.name in ids]
    mismatched = _mismatched(accesses, ids, known)
    kept = {old: new for old, new in renamed.items() if new not in mismatched}
    known_tenants.settle(root, TABLES, kept)
    known = present.noted(run.settings)
    admitted = [one for one in accesses if one.name not in mismatched]
    if admitted:
        noted = partial(_with, admitted, ids)
        known_tenants.write(root, noted(known), noted)
    return failures | mismatched


def _with(
    accesses: Iterable[TenantAccess],
    ids: Mapping[str, str | None],
    known: dict[str, KnownTenant],
) -> Iterable[KnownTenant]:
    """What is *known*, with what *accesses* are."""
    for access in accesses:
        known[access.name] = _known(access, ids[access.name], known.get(access.name))
    return known.values()


def _mismatched(
    accesses: Sequence[TenantAccess],
    ids: Mapping[str, str | None],
    known: Mapping[str, KnownTenant],
) -> dict[str, PipelineError]:
    """The tenants that are not what their names say, each with its error."""
    mismatched: dict[str, PipelineError] = {}
    for access in accesses:
        try:
            identity_checks.check_apart(access, accesses, ids)
            identity_checks.check_known(access, ids[access.name], known)
        except ConfigError as exc:
            mismatched[access.name] = exc
    return mismatched


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
