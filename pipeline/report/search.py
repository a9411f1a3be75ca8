"""Marts → the page of all names: what each is of, and where it stands."""

import unicodedata
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from pipeline.formats import shortened
from pipeline.formats.terms import label as in_language
from pipeline.report.anchors import anchor, ids_on, of_row
from pipeline.report.marts import Marts, by, first, of
from pipeline.report.paths import month_page, statement_page
from pipeline.report.site import Site
from pipeline.warehouse import Row

# So many bytes of names are listed, so that the page stays below 1.6 MB: those of some
# 10,000 automations. A row has so many beside its texts.
_FULL = 1_420_000
_OF_A_ROW = 85
# Of more names than these, rows are kept short: no link to the owner, names cut.
_MANY = 3_000
_SHORT = 24
# Statements of a name that are links; former names.
_MOST = 3
# As many rows stand without being folded by letter.
_FEW = 30
_KINDS = ("owner", "space", "automation")
# Pages that have rows of names beside those of months.
_OTHERS = ("trends.html", "operations.html")

Link = tuple[str, str]
# The page of a name, if there is one.
Page = Callable[[str], bytes | None]


@dataclass
class _Shown:
    """Where the rows of names are: the ids that are on each *page*."""

    page: Page
    known: dict[str, set[str]] = field(default_factory=dict)

    def has(self, page: str, row_id: str) -> bool:
        """Whether *page* has a row of that id."""
        if page not in self.known:
            self.known[page] = ids_on(self.page(page) or b"")
        return row_id in self.known[page]


def listed(marts: Marts) -> list[Row]:
    """The names that the page lists: as many as it has room for, those in use first."""
    names = marts["names"]
    owners = _owners(names)
    labels = {row["cost_center"]: row["label"] for row in marts["cost_centers"][::-1]}
    shown, size = [], 0
    for row in names:
        owner, _ = owners.get((row["tenant"], row["owner_id"]), ("", ""))
        centers = [labels.get(one, one) for one in row["cost_centers"][:_MOST]]
        beside = [shortened(one, _SHORT) for one in (owner, *centers)]
        words = (row["label"], *(row["former_labels"] or []), *beside)
        size += _OF_A_ROW + sum(len(text.encode()) for text in words)
        if size > _FULL:
            break
        shown.append(row)
    return shown


def ids(marts: Marts, names: Iterable[Row]) -> set[str]:
    """The ids of cost centres and *names*, to which other pages may link."""
    centers = {row["cost_center"] for row in marts["cost_centers"]}
    return {anchor("cost_center", "", one) for one in centers} | set(map(of_row, names))


def search(site: Site, marts: Marts, names: Sequence[Row], page: Page) -> bytes:
    """The page of cost centres and *names*, with links to where a *page* has them."""
    month = first(marts["months"])
    shown_on = _Shown(page)
    centers = _centers(site, marts, shown_on)
    shown = _names(site, marts, names, shown_on)
    return site.page(
        "search.html",
        "search.html",
        searched=True,
        now=month,
        parts=[
            (kind, len(rows), _folded(rows))
            for kind, rows in (("cost_center", centers), *shown.items())
            if rows
        ],
        left_out=len(marts["names"]) - len(names),
    )


def _centers(site: Site, marts: Marts, shown_on: _Shown) -> list[dict[str, Any]]:
    """A row for each cost centre that was charged: its statements, the latest first."""
    found = []
    recent = {row["month"] for row in of(marts["months"], is_recent=True)}
    months = [row["month"] for row in marts["months"]]
    for center, own in by(marts["cost_centers"], "cost_center").items():
        rows = sorted(own, key=lambda row: row["month"], reverse=True)
        row_id = anchor("cost_center", "", center)
        stated = [row for row in rows if row["page"] and row["month"] in recent]
        current = rows[0] if rows[0]["month"] == months[0] else None
        found.append(
            {
                "id": row_id,
                "label": rows[0]["label"],
                "former": _former(rows[0]["label"], [row["label"] for row in rows]),
                "is_deleted": False,
                "amount": current and current["amount"],
                "links": _months(site, stated or rows[:1])
                + _others(site, row_id, rows[0]["month"], shown_on),
                "more": 0,
            }
        )
    return found


def _months(site: Site, rows: Sequence[Row]) -> list[Link]:
    """A link to each statement, the latest first; years stand where they are new."""
    short, name = site.filters["short_month"], site.filters["month_name"]
    years = [None, *(row["month"].year for row in rows)]
    return [
        (name(row["month"]) if row["month"].year == year else short(row["month"]), page)
        for row, year in zip(rows, years, strict=False)
        if (page := row["page"])
    ]


def _names(
    site: Site, marts: Marts, names: Sequence[Row], shown_on: _Shown
) -> dict[str, list[dict[str, Any]]]:
    """A row for each of *names*, by its kind."""
    labels = {row["cost_center"]: row["label"] for row in marts["cost_centers"][::-1]}
    if len(names) > _MANY:
        labels = {key: shortened(label, _SHORT) for key, label in labels.items()}
    owners = _owners(names)
    now = first(row["month"] for row in marts["months"])
    found: dict[str, list[dict[str, Any]]] = {kind: [] for kind in _KINDS}
    for row in names:
        row_id, month = of_row(row), row["last_month"]
        former = [in_language(one, site.language) for one in row["former_labels"] or []]
        links = list(_statements(site, row, now, labels, shown_on)) if month else []
        found[row["dimension"]].append(
            {
                "id": row_id,
                "label": row["label"],
                "former": _former(row["label"], former),
                "is_deleted": row["is_deleted"],
                "tenant": row["tenant"],
                "owner": owners.get((row["tenant"], row["owner_id"])),
                "amount": row["amount"] if month == now else None,
                "links": links + _others(site, row_id, month, shown_on),
                "more": max(len(row["cost_centers"]) - _MOST, 0),
            }
        )
    return found


def _owners(names: Sequence[Row]) -> dict[tuple[str, str], Link]:
    """Name and place of each owner; no place in a long list."""
    is_long = len(names) > _MANY
    return {
        (row["tenant"], row["entity_id"]): (shortened(row["label"], _SHORT), "")
        if is_long
        else (row["label"], f"#{of_row(row)}")
        for row in of(names, dimension="owner")
    }


def _statements(
    site: Site,
    row: Row,
    now: date | None,
    labels: Mapping[str, str],
    shown_on: _Shown,
) -> Iterator[Link]:
    """The statements that a name was last on, the largest amount first.

    Where none of its rows is a name's own, the link is to the cost centre on this page.
    """
    month, row_id = row["last_month"], of_row(row)
    when = "" if month == now else f", {site.filters['short_month'](month)}"
    for center in row["cost_centers"][:_MOST]:
        key = {"tenant": row["tenant"], "month": month, "cost_center": center}
        page = statement_page(key)
        has_row = shown_on.has(page, row_id)
        target = f"{page}#{row_id}" if has_row else f"#{_center(center)}"
        yield labels.get(center, center) + when, target


def _center(name: str) -> str:
    return anchor("cost_center", "", name)


def _others(
    site: Site, row_id: str, month: date | None, shown_on: _Shown
) -> list[Link]:
    """The other pages that have a row of a name: of a month, trends, savings."""
    _ = site.language.gettext
    words = {"trends.html": _("Trends"), "operations.html": _("Savings")}
    links = [(name, page) for page, name in words.items() if shown_on.has(page, row_id)]
    if month and shown_on.has(month_page(month), row_id):
        all_of = _("All of %(month)s") % {"month": site.filters["month"](month)}
        links.insert(0, (all_of, month_page(month)))
    return [(name, f"{page}#{row_id}") for name, page in links]


def _former(label: str, labels: Iterable[str]) -> list[str]:
    return [one for one in dict.fromkeys(labels) if one != label][:_MOST]


def _folded(rows: Collection[dict[str, Any]]) -> list[tuple[str, list[dict[str, Any]]]]:
    """The *rows* by their first letter, in alphabetical order; few are not folded.

    What begins with no letter of the alphabet stands last, under no letter.
    """
    ordered = sorted(rows, key=lambda row: (_plain(row["label"]), row["id"]))
    if len(ordered) <= _FEW:
        return [("", ordered)]
    initials: dict[str, list[dict[str, Any]]] = {}
    for row in ordered:
        initial = _plain(row["label"])[:1].upper()
        is_known = initial.isascii() and initial.isalpha()
        initials.setdefault(initial if is_known else "", []).append(row)
    return sorted(initials.items(), key=lambda part: (part[0] == "", part[0]))


def _plain(text: str) -> str:
    """The *text* without accents and in lower case."""
    parts = unicodedata.normalize("NFKD", text.casefold())
    return "".join(sign for sign in parts if not unicodedata.combining(sign))
