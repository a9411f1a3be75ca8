"""Finance files that agree on cost centres: named alike, known, and named once."""

from collections.abc import Iterable, Iterator
from dataclasses import replace
from pathlib import Path

from pipeline.config import Charge, Mail
from pipeline.finance.budgets import Budget, check_budgets
from pipeline.finance.centers import frozen_cost_centers, read_cost_centers
from pipeline.finance.entitlements import Entitlement, check_entitlements
from pipeline.finance.files import FinanceFiles
from pipeline.finance.fixed import check_fixed_shares, shares_of
from pipeline.finance.lines import Problems
from pipeline.finance.markups import Markup, check_markups
from pipeline.finance.mentions import Mention, Names, mention
from pipeline.finance.names import UNALLOCATED
from pipeline.finance.notes import Note, check_settled
from pipeline.finance.rules import check_splits


def agreed(charge: Charge, files: FinanceFiles) -> tuple[FinanceFiles, Names]:
    """*files* with one name for each cost centre, and all that they are called.

    Known is what has a line in the rules, whenever it is valid. Where no rules are
    configured, the shares of fixed costs make a cost centre known, and so do budgets
    by which a fixed cost is split.

    Raises:
        ConfigError: A cost centre is unknown, written in two ways, or there twice; of
            those that are unknown it has each.
    """
    centers, names = read_cost_centers(charge.cost_centers, files.rules)
    shares = [*_shares(charge.fixed_costs, files)]
    budgets = [*_lines(charge.budgets, files.budgets)]
    if charge.cost_centers is None:
        is_split = any(cost.split == "budget" for cost in files.fixed_costs)
        for one in (*shares, *(budgets if is_split else ())):
            names.add(one, one.name)
    markups = [*_lines(charge.markups, files.markups)]
    entitlements = [*_lines(charge.entitlements, files.entitlements)]
    problems = Problems()
    noted = [*_lines(charge.notes, files.notes)]
    for one in (*shares, *entitlements, *budgets, *markups, *noted):
        with problems.collected():
            names.require(one, charge.cost_centers)
    problems.check()
    named = _named(files, names)
    _check_once(charge, named)
    return replace(named, centers=centers), names


def agreed_frozen(charge: Charge, files: FinanceFiles) -> FinanceFiles:
    """The same of files that were frozen, without any check."""
    centers, names = frozen_cost_centers(charge.cost_centers, files.rules)
    return replace(_named(files, names), centers=centers)


def check_mail(mail: Mail, names: Names) -> None:
    """Refuse a cost centre in the mail's section that is written otherwise.

    One that is unknown may be that of an earlier month.

    Raises:
        ConfigError: The message names both places.
    """
    for name in mail.cost_centers:
        names.add(Mention(name, f"{mail.file}: mail.cost_centers"), name)


def _named(files: FinanceFiles, names: Names) -> FinanceFiles:
    return files.renamed(names.resolve)


def _check_once(charge: Charge, named: FinanceFiles) -> None:
    """Refuse what is there twice now that a code and a name are the same."""
    if charge.cost_centers is not None:
        check_splits(charge.cost_centers, named.rules)
    if charge.budgets is not None:
        check_budgets(charge.budgets, named.budgets)
    if charge.entitlements is not None:
        check_entitlements(charge.entitlements, named.entitlements)
    if charge.fixed_costs is not None:
        check_fixed_shares(charge.fixed_costs, named.fixed_costs)
    if charge.markups is not None:
        check_markups(charge.markups, named.markups)
    if charge.notes is not None:
        check_settled(charge.notes, named.notes)


def _lines(
    path: Path | None, rows: Iterable[Entitlement | Budget | Markup | Note]
) -> Iterator[Mention]:
    for row in rows:
        if not isinstance(row, Markup) or row.cost_center not in ("", UNALLOCATED):
            yield mention(path, row.line, row.cost_center)


def _shares(path: Path | None, files: FinanceFiles) -> Iterator[Mention]:
    for cost in files.fixed_costs:
        for name, _ in shares_of(cost):
            yield mention(path, cost.line, name, "shares")
