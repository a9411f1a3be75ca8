"""What everybody is charged, worked out the slow way: the reference of the stories.

Plain Python over dictionaries and whole numbers, written from docs/finance-files.md and
not from the SQL. Money is in the smallest coins of the currency.
"""

import re
from collections import defaultdict
from collections.abc import Callable, Hashable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Any, NamedTuple, TypeVar

UNALLOCATED = "Unallocated"
PER_UNIT = {"runs": 1, "duration_hours": 3600}

Key = TypeVar("Key", bound=Hashable)


class Use(NamedTuple):
    """Who used what: the keys of a quantity."""

    cost_center: str
    tenant: str
    owner: str
    space: str
    automation: str


class Reading(NamedTuple):
    """When an automation's day was first read, and whose it was then."""

    day: date
    name: str | None
    owner: str | None


@dataclass(frozen=True)
class Rule:
    """Who pays for what matches all *patterns*, by the column of the file."""

    parts: tuple[tuple[str, int], ...]  # cost centres with hundredths of a percent
    patterns: tuple[tuple[str, str], ...]
    first: date | None = None
    last: date | None = None


@dataclass(frozen=True)
class Price:
    """A meter's price: where each tier begins and what a unit costs, in millionths."""

    meter: str
    first: date
    last: date | None
    tiers: tuple[tuple[int, int], ...]
    included: int = 0


@dataclass(frozen=True)
class Fee:
    """An amount of each month from *first* on; below 0 it is a credit."""

    item: str
    minor: int
    first: date
    split: str
    tenant: str = ""
    shares: tuple[tuple[str, int], ...] = ()


@dataclass
class Facts:
    """What the tenants said, by tenant, day and automation."""

    metered: dict[tuple[str, date, str], dict[str, int]] = field(default_factory=dict)
    # Runs and seconds by owner and space.
    listed: dict[tuple[str, date, str], dict[tuple[str, str], dict[str, int]]] = field(
        default_factory=dict
    )
    # What usage said of an automation on a day when it was first read.
    readings: dict[tuple[str, date, str], Reading] = field(default_factory=dict)
    # By tenant and kind, in order of the days: what was listed then, by id.
    snapshots: dict[tuple[str, str], list[tuple[date, dict[str, Any]]]] = field(
        default_factory=lambda: defaultdict(list)
    )
    # When months were closed that are so now, by tenant and month.
    closed: dict[tuple[str, date], date] = field(default_factory=dict)

    def known(self, tenant: str, kind: str, name: str, day: date) -> dict[str, str]:
        """What the last snapshot up to *day* says, else the first; nothing if none.

        The first says nothing of a month that was closed before, nor of earlier ones.
        """
        seen = [
            (taken, listed[name])
            for taken, listed in self.snapshots[tenant, kind]
            if name in listed
        ]
        before = [record for taken, record in seen if taken <= day]
        record = before[-1] if before else seen[0][1] if seen else {}
        first = seen[0][0] if seen else date.max
        if not before and self._was_closed(tenant, day, first):
            reading = self.readings.get((tenant, day, name))
            record = {"owner": reading.owner} if reading and reading.owner else {}
        if kind == "automation" and not before:
            return {**record, **self._metered(tenant, name, day, first)}
        return dict(record)

    def _was_closed(self, tenant: str, day: date, taken: date) -> bool:
        """Whether the month of *day*, or a later one, was closed before *taken*."""
        return any(
            of == tenant and day.replace(day=1) <= month and closed_on < taken
            for (of, month), closed_on in self.closed.items()
        )

    def _metered(
        self, tenant: str, name: str, day: date, first: date
    ) -> dict[str, str]:
        """Name and owner as usage had them that was read before *first*."""
        read = {
            used_on: reading
            for (of, used_on, automation), reading in sorted(self.readings.items())
            if (of, automation) == (tenant, name) and reading.day < first
        }
        names = [
            (used_on, one.name)
            for used_on, one in read.items()
            if one.name
            and not any(
                later > used_on and other.name and other.day < one.day
                for later, other in read.items()
            )
        ]
        found: dict[str, str] = {}
        if names:
            up_to = [called for used_on, called in names if used_on <= day]
            found["name"] = up_to[-1] if up_to else names[0][1]
        if day in read and (owner := read[day].owner):
            found["owner"] = owner
        return found


@dataclass(frozen=True)
class Finance:
    """The finance files, rules in order of their priority."""

    prices: tuple[Price, ...]
    rules: tuple[Rule, ...]
    fees: tuple[Fee, ...]


def owed(
    facts: Facts, finance: Finance, due: Iterable[tuple[str, date]], digits: int
) -> dict[tuple[str, date, str], int]:
    """Coins by tenant, month and cost centre; *due* are the tenants' months."""
    used: dict[tuple[date, str], dict[Use, int]] = defaultdict(lambda: defaultdict(int))
    priced: dict[tuple[date, Price], dict[Use, int]] = defaultdict(
        lambda: defaultdict(int)
    )
    for use, day, meter, quantity in _assigned(facts, finance.rules):
        used[day.replace(day=1), meter][use] += quantity
        for price in finance.prices:
            if price.meter == meter and _holds(day, price.first, price.last):
                priced[day.replace(day=1), price][use] += quantity
    total: dict[tuple[str, date, str], int] = defaultdict(int)
    for (month, price), uses in priced.items():
        for use, coins in _lines(price, uses, digits):
            total[use.tenant, month, use.cost_center] += coins
    months = sorted(due)
    for fee in finance.fees:
        for month in sorted({month for _, month in months if month >= fee.first}):
            tenants = [tenant for tenant, one in months if one == month]
            if fee.tenant in ("", *tenants):
                for (tenant, center), coins in _shared(fee, month, tenants, used):
                    total[tenant, month, center] += coins
    return {key: coins for key, coins in total.items() if coins}


def divide(whole: int, weights: Mapping[Key, int]) -> dict[Key, int]:
    """*whole* in proportion to *weights*: by largest remainder, then by key."""
    total = sum(weights.values())
    parts = {key: whole * weight // total for key, weight in weights.items()}
    left = whole - sum(parts.values())
    by_remainder = sorted(weights, key=lambda k: (-(whole * weights[k] % total), k))
    return {key: parts[key] + (key in by_remainder[:left]) for key in weights}


def half_up(above: int, below: int) -> int:
    """A fraction of 0 or more, rounded half up."""
    return (2 * above + below) // (2 * below)


def _assigned(
    facts: Facts, rules: tuple[Rule, ...]
) -> Iterator[tuple[Use, date, str, int]]:
    """Each use with its day, meter and ten-thousandths of base units."""
    for key in sorted(facts.metered.keys() | facts.listed.keys()):
        tenant, day, automation = key
        for (owner, space), meter, quantity in _parts(facts, key):
            who = {"owner": owner, "space": space, "automation": automation}
            names = {kind: facts.known(tenant, kind, who[kind], day) for kind in who}
            values = _values(tenant, who, names)
            fit = (
                rule.parts
                for rule in rules
                if _holds(day, rule.first, rule.last)
                and all(MATCHES[k](p, values[k]) for k, p in rule.patterns)
            )
            for center, share in next(fit, ((UNALLOCATED, 10_000),)):
                if quantity:
                    use = Use(center, tenant, owner, space, automation)
                    yield use, day, meter, quantity * share


def _parts(
    facts: Facts, key: tuple[str, date, str]
) -> Iterator[tuple[tuple[str, str], str, int]]:
    """What of an automation's day is whose: owner and space, meter, quantity."""
    tenant, day, automation = key
    listed = facts.listed.get(key, {})
    metered = facts.metered.get(key)
    if not listed:
        version = facts.known(tenant, "automation", automation, day)
        owner = version.get("owner", "unknown"), version.get("space", "unknown")
        for meter, quantity in (metered or {}).items():
            yield owner, meter, quantity
        return
    for meter in PER_UNIT:
        own = {owner: counts[meter] for owner, counts in sorted(listed.items())}
        by_runs = {owner: counts["runs"] for owner, counts in sorted(listed.items())}
        weights = own if sum(own.values()) else by_runs
        whole = metered.get(meter, 0) if metered is not None else None
        shares = own if whole is None else divide(whole, weights)
        for owner, quantity in shares.items():
            yield owner, meter, quantity


def _values(
    tenant: str, who: Mapping[str, str], names: Mapping[str, Mapping[str, str]]
) -> dict[str, str | None]:
    """What each column of the rules is compared with."""
    space = "" if who["space"] == "" else names["space"].get("name")
    return {
        "tenant": tenant,
        "space": space,
        "space_id": who["space"],
        "owner": names["owner"].get("name"),
        "owner_email": names["owner"].get("email"),
        "owner_id": who["owner"],
        "automation": names["automation"].get("name"),
        "automation_id": who["automation"],
    }


def _by_name(pattern: str, value: str | None) -> bool:
    """In either case, with * for anything; nothing has no name."""
    like = re.escape(pattern).replace(r"\*", ".*")
    return bool(value and re.fullmatch(like, value, re.IGNORECASE | re.DOTALL))


def _by_space(pattern: str, value: str | None) -> bool:
    return value == "" if pattern.lower() == "personal" else _by_name(pattern, value)


def _by_id(pattern: str, value: str | None) -> bool:
    return pattern == value


MATCHES: dict[str, Callable[[str, str | None], bool]] = {
    **dict.fromkeys(("tenant", "owner", "owner_email", "automation"), _by_name),
    "space": _by_space,
    **dict.fromkeys(("space_id", "owner_id", "automation_id"), _by_id),
}


def _holds(day: date, first: date | None, last: date | None) -> bool:
    return (first is None or day >= first) and (last is None or day <= last)


def _lines(
    price: Price, uses: Mapping[Use, int], digits: int
) -> Iterator[tuple[Use, int]]:
    """The coins of each line: a tenant, cost centre and tier, rounded once."""
    unit = PER_UNIT[price.meter] * 10_000
    allowance = min(price.included * unit, sum(uses.values()))
    included = divide(allowance, uses)
    left = {use: quantity - included[use] for use, quantity in uses.items()}
    billed = sum(left.values())
    ends = [start * unit for start, _ in price.tiers[1:]] + [billed]
    per_coin = unit * 10 ** (6 - digits)
    for (start, micros), end in zip(price.tiers, ends, strict=True):
        in_tier = min(billed, end) - start * unit
        if in_tier <= 0:
            return
        taken = divide(in_tier, left)
        lines: dict[tuple[str, str], int] = defaultdict(int)
        for use, quantity in taken.items():
            left[use] -= quantity
            lines[use.tenant, use.cost_center] += quantity
        for (tenant, center), quantity in lines.items():
            use = Use(center, tenant, "", "", "")
            yield use, half_up(quantity * micros, per_coin)


def _shared(
    fee: Fee,
    month: date,
    tenants: list[str],
    used: Mapping[tuple[date, str], Mapping[Use, int]],
) -> list[tuple[tuple[str, str], int]]:
    """The coins of a fee by tenant and cost centre."""
    uses = [
        (use, meter, quantity)
        for meter in PER_UNIT
        for use, quantity in used.get((month, meter), {}).items()
        if fee.tenant in ("", use.tenant)
    ]
    everywhere = {
        (use.cost_center, use.tenant)
        for m in PER_UNIT
        for use in used.get((month, m), {})
    }

    def home(center: str) -> str:
        """The first tenant by name in which the cost centre used something."""
        own = (tenant for name, tenant in everywhere if name == center)
        return fee.tenant or min(own, default=min(tenants))

    weights: dict[tuple[str, str], int] = defaultdict(int)
    if fee.split == "proportional":
        for use, meter, quantity in uses:
            if meter == "runs":
                weights[use.cost_center, use.tenant] += quantity
    elif fee.split == "even":
        for center in {use.cost_center for use, _, _ in uses} - {UNALLOCATED}:
            weights[center, home(center)] = 1
    else:
        for center, share in fee.shares:
            weights[center, home(center)] = share
    parts = divide(abs(fee.minor), weights or {(UNALLOCATED, home(UNALLOCATED)): 1})
    sign = -1 if fee.minor < 0 else 1
    return [((tenant, center), sign * n) for (center, tenant), n in parts.items()]
