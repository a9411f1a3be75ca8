"""Cost centres as closed months name them: a code or a name stays what it was."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from pipeline import finance
from pipeline.closing.archive import ClosedMonth
from pipeline.config import Charge
from pipeline.errors import ConfigError
from pipeline.finance import CostCenter, FinanceFiles, name_key

# A cost centre of a closed month: tenant, month, and what its file said of it.
Closed = tuple[str, date, CostCenter]


@dataclass(slots=True)
class Issued:
    """The names on the statements of closed months, and who was above whom then.

    Statements of a cost centre keep the name under which the first was issued, so
    that what it is called today moves nothing.
    """

    closed: list[Closed] = field(default_factory=list)
    _exact: set[str] = field(default_factory=set)
    _by_key: dict[str, str] = field(default_factory=dict)
    _by_code: dict[str, str] = field(default_factory=dict)

    def add(self, month: ClosedMonth, centers: Iterable[CostCenter]) -> None:
        """Learn from a *month* that follows those before, and from its file."""
        named = renamed(FinanceFiles("", centers=tuple(centers)), self).centers
        self.closed += [(month.tenant, month.month, center) for center in named]
        for statement in month.manifest.statements:
            self._exact.add(statement.cost_center)
            self._by_key[name_key(statement.cost_center)] = statement.cost_center
        for center in named:
            if center.code and center.cost_center in self._exact:
                self._by_code[name_key(center.code)] = center.cost_center

    def name(self, center: CostCenter) -> str:
        """The name that statements of *center* have."""
        name = center.cost_center
        if name in self._exact:
            return name
        by_code = self._by_code.get(name_key(center.code)) if center.code else None
        return by_code or self._by_key.get(name_key(name), name)

    def rows(self) -> list[tuple[Any, ...]]:
        """The rows of `raw_closed_cost_centers`; of the same name, the last one."""
        last = {(at, day, one.cost_center): one for at, day, one in self.closed}
        return [
            (tenant, month, *row)
            for (tenant, month, _), center in last.items()
            for row in finance.center_rows((center,))
        ]


def issued(months: Sequence[ClosedMonth]) -> Issued:
    """What the closed *months*, in their order, say of cost centres."""
    found = Issued()
    read: dict[str | None, tuple[CostCenter, ...]] = {}
    for month in months:
        key = dict(month.finance_hashes).get("finance/cost_centers.csv")
        if key not in read:
            read[key] = _centers(month)
        found.add(month, read[key])
    return found


def renamed(files: FinanceFiles, names: Issued) -> FinanceFiles:
    """*files* with the names that statements have."""
    own = {center.cost_center for center in files.centers}
    new = {
        center.cost_center: name
        for center in files.centers
        if (name := names.name(center)) not in own  # then it is another's
    }
    return files.renamed(lambda name: new.get(name, name))


def _centers(month: ClosedMonth) -> tuple[CostCenter, ...]:
    """The cost centres in the frozen rules; none where these cannot be read."""
    rules = Charge(cost_centers=month.finance.cost_centers)
    try:
        return finance.load_frozen(rules, month.manifest.currency).centers
    except ConfigError:
        return ()
