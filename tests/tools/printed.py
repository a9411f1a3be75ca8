"""What pages and mails print: tables read back as text, and added up again."""

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from decimal import ROUND_HALF_UP, Decimal
from html.parser import HTMLParser
from itertools import pairwise

_FIGURE = re.compile(r"\d[\d,]*(\.\d+)?")
# The words for no figure; a share is of a whole that stands elsewhere.
_NO_FIGURES = ("unknown", "none")

# Of these the last line is none of those above.
_RATIOS = {"Return"}

# Columns of a row: the first is the sum of those with a sign.
_SUMS = (
    ("Billable", "+Quantity -Included"),
    ("Charged for", "+Used -Included"),
    ("Amount", "+Gross -Less included"),
    ("Change", "+Amount -Prior month"),
    ("Change", "+Amount -Same days before"),
    ("Change", "+Month to date -Same days before"),
    ("Remaining", "+Budget -Amount"),
    ("Remaining", "+Budget -Forecast"),
    ("Forecast", "+To date +To come"),
    ("Above it", "+Amount -Budget or baseline"),
    ("Above it", "+Amount -Usual"),
    ("Metered less listed", "+Metered -Listed"),
    ("By rounding", "+Billed -Exact amount"),
    ("Amount", "+Usage +Shared and fixed +Adjustments"),
)


@dataclass(slots=True)
class Printed:
    """A table as text: its heads, its rows, and those of its foot.

    Of its rows some are sums of those above, after so many rows.
    """

    caption: str = ""
    heads: list[str] = field(default_factory=list)
    rows: list[list[str]] = field(default_factory=list)
    foot: list[list[str]] = field(default_factory=list)
    sums: list[tuple[int, list[str]]] = field(default_factory=list)


@dataclass(slots=True)
class Page:
    """The tables of a page, and its figures by their labels."""

    tables: list[Printed]
    figures: list[dict[str, list[str]]]
    text: str


def figure(text: str) -> Decimal | None:
    """The figure that *text* is, None if it is none."""
    found = _FIGURE.search(text)
    if found is None or text in _NO_FIGURES or "%" in text:
        return None
    value = Decimal(found[0].replace(",", ""))
    return -value if text.lstrip("\u200e").startswith(("-", "−")) else value  # noqa: RUF001


def page_of(html: str) -> Page:
    """What *html* shows."""
    reader = _Reader()
    reader.feed(html)
    reader.close()
    return Page(reader.tables, reader.figures, " ".join("".join(reader.words).split()))


def wrong(page: Page, digits: int) -> Iterator[str]:
    """What does not add up on *page*, whose currency has so many *digits*."""
    for table in page.tables:
        where = table.caption
        for said in (
            *_wrong_totals(table),
            *_wrong_sums(table),
            *_wrong_changes(table),
            *_wrong_rows(table),
            *_wrong_products(table, page.text, digits),
        ):
            yield f"{where}: {said}"
    for figures in page.figures:
        yield from _wrong_figures(figures)


def _wrong_totals(table: Printed) -> Iterator[str]:
    if not table.foot:
        return
    total, *parts = table.foot
    for place, printed in enumerate(total[1:], 1):
        expected = figure(printed)
        if expected is None or table.heads[place] in _RATIOS:
            continue
        column = _sum(row[place] for row in table.rows)
        if column != expected:
            yield f"{table.heads[place]} comes to {column}, not {printed}"
        of_it = [figure(part[place]) for part in parts]
        if of_it and None not in of_it and sum(filter(None, of_it)) != expected:
            yield f"{table.heads[place]}: the parts {of_it} are not {printed}"


def _wrong_sums(table: Printed) -> Iterator[str]:
    """Sums within a table: each is of the rows since the one before."""
    start = 0
    for end, row in table.sums:
        made = _sum(one[-1] for one in table.rows[start:end])
        if made != figure(row[-1]):
            yield f"{row[0]}: {made}, not {row[-1]}"
        start = end


def _wrong_changes(table: Printed) -> Iterator[str]:
    """Rows that end in an amount of before, the change, and the amount of now."""
    if table.heads[-2:-1] != ["Change"]:
        return
    for row in (*table.rows, *table.foot):
        before, change, now = map(figure, row[-3:])
        if before is not None and now is not None and now - before != change:
            yield f"{row[0]}: {now} less {before} is not {change}"


def _wrong_rows(table: Printed) -> Iterator[str]:
    for row in (*table.rows, *table.foot):
        named = dict(zip(table.heads, row, strict=True))
        for result, expression in _SUMS:
            terms = re.split(r" (?=[+-])", expression)
            names = [term[1:] for term in terms]
            if not {result, *names} <= named.keys():
                continue
            values = [figure(named[name]) for name in names]
            expected = figure(named[result])
            if expected is None or None in values:
                continue
            signed = zip(terms, values, strict=True)
            made = sum((v if t[0] == "+" else -v for t, v in signed if v), Decimal(0))
            if made != expected:
                yield f"{row[0]}: {expression} is {made}, not {named[result]}"
        yield from _wrong_tie_out(row[0], named)


def _wrong_tie_out(name: str, row: dict[str, str]) -> Iterator[str]:
    parts = ("Charged", "Not on the card", "Charged later")
    if {"Metered", "Difference", *parts} <= row.keys():
        metered = figure(row["Metered"])
        made = _sum(row[part] for part in parts)
        if metered is not None and not figure(row["Difference"]) and made != metered:
            yield f"{name}: {parts} come to {made}, not {metered}"


def _wrong_products(table: Printed, text: str, digits: int) -> Iterator[str]:
    for names in (
        ("Billable", "Unit price", "Amount"),
        ("Charged for", "Price", "Amount"),
    ):
        if not set(names) <= set(table.heads):
            continue
        for row in table.rows:
            named = dict(zip(table.heads, row, strict=True))
            values = [figure(named[one]) for one in names]
            yield from _wrong_product(row[0], values, row[0], text, digits)


def _wrong_product(
    name: str, values: Sequence[Decimal | None], line: str, text: str, digits: int
) -> Iterator[str]:
    billable, price, amount = values
    if billable is None or price is None:
        return
    says = "rounded" in line and "Rounded: printed quantity times price" in text
    if (rounded(billable * price, digits) == amount) is says:
        yield f"{name}: {billable} × {price} = {amount}, rounded: {says}"  # noqa: RUF001


def wrong_lines(text: str, digits: int) -> Iterator[str]:
    """What does not add up in the text of a mail."""
    text = text.replace("\r\n", "\n")
    for title in ("COST CENTRES", "LINES"):
        if f"{title}\n\n" not in text:
            continue
        section = text.partition(f"{title}\n\n")[2].split("\n\n")[0]
        lines = section.splitlines()
        amounts = [line for line in lines if re.match(r" *\S+  \S", line[:20])]
        *parts, total = (figure(line[:16].strip()) for line in amounts)
        if sum(filter(None, parts), Decimal(0)) != total:
            yield f"{title}: {sum(filter(None, parts))}, not {total}"
        for line, how in pairwise(lines):
            if found := re.search(r"([\d,.]+) \S+ × (\S+?)(, rounded)?$", how):  # noqa: RUF001
                values = [figure(found[1]), figure(found[2]), figure(line[:16].strip())]
                yield from _wrong_product(line, values, how, text, digits)
    facts = dict(re.findall(r"^(\S[^\d€¥\n]*?)  +(\S.*)$", text, re.MULTILINE))
    yield from _wrong_figures({name: [value] for name, value in facts.items()})


def _wrong_figures(figures: dict[str, list[str]]) -> Iterator[str]:
    """Figures side by side: what is compared, and what remains of a budget."""
    values = {name: figure(texts[0]) for name, texts in figures.items()}
    amount = next(
        (
            values[name]
            for name in ("This month", "Charged", "Charged to date", "Forecast")
            if name in values
        ),
        None,
    )
    before = values.get("Prior month", values.get("Same days before"))
    changed = values.get("Change")
    if None not in (amount, before, changed) and amount - before != changed:  # type: ignore[operator]
        yield f"figures: {amount} less {before} is not {changed}"
    for name in ("Remaining budget", "Remaining where budgeted", "Expected to remain"):
        if values.get(name) is None:
            continue
        charged = values.get("Charged where budgeted", amount)
        for text in figures[name][1:]:
            if text.startswith("after"):
                charged = figure(text)
        if values["Budget"] - (charged or 0) != values[name]:  # type: ignore[operator]
            yield f"figures: {values['Budget']} less {charged} is not {values[name]}"


def rounded(value: Decimal, digits: int) -> Decimal:
    """*value* with so many *digits*, half away from zero."""
    return value.quantize(Decimal(1).scaleb(-digits), ROUND_HALF_UP)


def _sum(texts: Iterable[str]) -> Decimal:
    return sum(filter(None, map(figure, texts)), Decimal(0))


class _Reader(HTMLParser):
    """Collects tables, and figures of description lists."""

    def __init__(self) -> None:
        super().__init__()
        self.tables: list[Printed] = []
        self.figures: list[dict[str, list[str]]] = []
        self.words: list[str] = []
        self._cell: list[str] | None = None
        self._part = ""
        self._row: list[str] = []
        self._span = 1
        self._hidden = False

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag in ("td", "tr"):  # the end of a cell may be left out
            self.handle_endtag("td")
        if tag == "table":
            self.tables.append(Printed())
        elif tag in ("thead", "tbody", "tfoot"):
            self._part = tag
        elif tag == "tr" and self.tables:
            self._begin_row(dict(attrs).get("class") == "sum")
        elif tag in ("td", "th", "caption", "dt", "dd"):
            self._cell = []
            self._span = int(dict(attrs).get("colspan") or 1)
        elif tag == "dl" and dict(attrs).get("class") == "figures":
            self.figures.append({})
        self._hidden = tag in ("style", "script")

    def _begin_row(self, is_sum: bool) -> None:  # noqa: FBT001
        of, self._row = self.tables[-1], []
        if self._part == "tfoot":
            of.foot.append(self._row)
        elif self._part == "tbody" and is_sum:
            of.sums.append((len(of.rows), self._row))
        elif self._part == "tbody":
            of.rows.append(self._row)

    def handle_endtag(self, tag: str) -> None:
        self._hidden = False
        tag = "td" if tag == "tbody" else tag
        if tag not in ("td", "th", "caption", "dt", "dd") or self._cell is None:
            return
        text, self._cell = " ".join("".join(self._cell).split()), None
        if tag == "caption":
            self.tables[-1].caption = text
        elif tag == "dt" and self.figures:
            self.figures[-1][text] = []
        elif tag == "dd" and self.figures and self.figures[-1]:
            list(self.figures[-1].values())[-1].append(text)
        elif tag in ("td", "th") and self._part == "thead":
            self.tables[-1].heads.append(text)
        elif tag in ("td", "th") and self._part:
            self._row.extend([text, *[""] * (self._span - 1)])

    def handle_data(self, data: str) -> None:
        if self._cell is not None:
            self._cell.append(data)
        if not self._hidden:
            self.words.append(data)
