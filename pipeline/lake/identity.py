"""Names, ids and hosts that would charge a tenant twice, or mix two, are refused."""

from collections.abc import Iterable, Mapping, Sequence

from pipeline.config import TenantAccess
from pipeline.config.urls import origin
from pipeline.errors import ConfigError
from pipeline.lake.tenants import KnownTenant


def check_former(
    known: Mapping[str, KnownTenant], names: Iterable[str], renamed: Mapping[str, str]
) -> None:
    """Refuse names that would mix the history of two tenants.

    *names* are the configured ones.

    Raises:
        ConfigError: A name was another tenant's, or a former name is another tenant's.
    """
    for one in known.values():
        for old in one.formerly:
            if old in names and old not in (one.name, renamed.get(one.name)):
                raise ConfigError(
                    f"tenant {old}: that was the name of {one.name} before, whose"
                    " closed months have it\nchoose another name"
                )
            if (claimed := renamed.get(old)) and one.name not in (
                claimed,
                *(o for o, new in renamed.items() if new == claimed),
            ):
                raise ConfigError(
                    f"tenant {claimed}: formerly {old!r} was the name of {one.name},"
                    " another tenant\ntake it out of formerly"
                )
    for old, name in renamed.items():
        before, now = known.get(old), known.get(name)
        if before and now and before.id and now.id and before.id != now.id:
            raise ConfigError(
                f"tenant {name}: formerly {old!r} was another tenant, with the id"
                f" {before.id} at {before.host}\ntake it out of formerly"
            )


def check_apart(
    access: TenantAccess,
    accesses: Sequence[TenantAccess],
    ids: Mapping[str, str | None],
) -> None:
    """Refuse a section of a tenant that another one of *accesses* is of too.

    Raises:
        ConfigError: They have one id.
    """
    found = ids[access.name]
    same = [one.name for one in accesses if ids[one.name] == found]
    if found is not None and len(same) > 1:
        raise ConfigError(
            f"tenants {' and '.join(same)} are one tenant, {found}\n"
            "keep one of the sections; a former name stands in formerly"
        )


def check_known(
    access: TenantAccess, found: str | None, known: Mapping[str, KnownTenant]
) -> None:
    """Refuse a tenant that has another name than before, or another's.

    Raises:
        ConfigError: The message names both, and the remedy.
    """
    name, host = access.name, origin(access.url)
    before = known.get(name)
    if before and before.is_other(found, host):
        raise ConfigError(
            f"tenant {name}: was {before.id or before.host} at {before.host}, and is"
            f" {found or host} at {host}: another tenant\n"
            "choose another name for it: two tenants have no history in common"
        )
    for old in access.formerly:
        former = known.get(old)
        if former and found and former.id and former.id != found:
            raise ConfigError(
                f"tenant {name}: formerly {old!r} was another tenant, {former.id} at"
                f" {former.host}\ntake it out of formerly"
            )
    if name in known:
        return
    for other in known.values():
        if other.name not in access.formerly and other.is_same(found, host):
            raise renamed_error(name, other)


def check_addresses(accesses: Sequence[TenantAccess]) -> None:
    """Refuse two sections of one address: they would charge one tenant twice.

    Raises:
        ConfigError: The message names both.
    """
    first: dict[str, str] = {}
    for one in accesses:
        host = origin(one.url)
        if host in first:
            raise ConfigError(
                f"tenants {first[host]} and {one.name} are one tenant, {host}\n"
                "keep one of the two sections; a former name stands in formerly"
            )
        first[host] = one.name


def check_hosts(
    accesses: Sequence[TenantAccess], known: Mapping[str, KnownTenant]
) -> None:
    """Refuse a new name for the host of a tenant that has no section any more.

    Raises:
        ConfigError: The message names both, and the remedy.
    """
    names = {access.name for access in accesses}
    for access in accesses:
        for other in known.values():
            if (
                access.name not in known
                and other.name not in {*names, *access.formerly}
                and other.host == origin(access.url)
            ):
                raise renamed_error(access.name, other)


def renamed_error(name: str, other: KnownTenant) -> ConfigError:
    """The error for a tenant that had another name."""
    return ConfigError(
        f"tenant {name}: is the one that was {other.name} before,"
        f" {other.id or other.host}: it would be charged twice\n"
        f'write formerly = ["{other.name}"] in the section of {name}, and its history'
        " goes along"
    )
