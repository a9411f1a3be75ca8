"""What the first page answers before anybody scrolls, on a desk and on a phone."""

from pathlib import Path

import pytest
from playwright.sync_api import Browser, Locator

from pipeline import report, warehouse
from pipeline.config import Report
from pipeline.formats import filters, parse_locale
from pipeline.formats.language import language
from pipeline.formats.numerals import kept_whole
from tools.browser import needs_chromium, opened
from worlds.report import AS_OF, Names, make_warehouse
from worlds.runs import run_of

pytestmark = [pytest.mark.slow, needs_chromium]

SIZES = {"desk": (1280, 900), "phone": (390, 844)}
LONG = (
    "Regional Shared Services for Finance, Procurement and Logistics in Central Europe"
)
TENANTS = [f"acme-group-production-{part}" for part in ("asia-pacific", "europe-west")]
# Long names everywhere, and more to look at than there is room for.
CROWDED = tuple(
    Names(
        tenant=tenant,
        cost_center=LONG,
        users=tuple(f"{LONG} {sign}" for sign in "abcd"),
        spaces=(f"{LONG} A", f"{LONG} B"),
        automations=tuple(f"{LONG} {number}" for number in range(4)),
    )
    for tenant in TENANTS
)
WORLDS: dict[str, tuple[Names, ...]] = {"plain": (Names(),), "crowded": CROWDED}


@pytest.fixture(scope="module")
def databases(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    return {
        name: make_warehouse(tmp_path_factory.mktemp(name), names=names)
        for name, names in WORLDS.items()
    }


def answers(database: Path, spoken: str) -> list[tuple[str, str]]:
    """What costs, who owes most, why it changed, whether it holds, what to do first.

    Each is the place on the page, and the words that are looked for in it.
    """
    shown = filters("EUR", parse_locale(spoken), language(spoken))
    with warehouse.read(database) as connection:
        found = connection.execute(
            "select amount, covered_days,"
            " (select arg_max((label, centers.amount), centers.amount)"
            " from report_cost_centers as centers where centers.month = months.month),"
            " (select change_amount from report_reasons as reasons"
            " where reasons.month = months.month and kind = 'part' and position = 1)"
            " from report_months as months where is_latest"
        ).fetchone()
    assert found
    amount, days, (largest, most), reason = found
    return [
        (".hero", shown["money"](amount)),
        (".first .note", f"{largest}, {shown['money'](most)}"),
        (".why p", kept_whole(shown["signed_money"](reason))),
        (".trust li", f"{days} "),
        (".trust a", ""),
        (".actions li:first-child strong", ""),
        (".actions li:first-child a", ""),
    ]


def is_seen(place: Locator, size: tuple[int, int]) -> bool:
    """Whether it is on the screen with all its words, and none of them is cut."""
    box = place.bounding_box()
    assert box is not None
    width, height = size
    is_whole: bool = place.evaluate("one => one.scrollHeight <= one.clientHeight + 1")
    is_inside = box["x"] >= 0 and box["x"] + box["width"] <= width
    inline = place.evaluate("one => getComputedStyle(one).display === 'inline'")
    fits = box["y"] >= 0 and box["y"] + box["height"] <= height
    return is_inside and fits and (inline or is_whole)


@pytest.mark.parametrize("spoken", ["en", "de"])
@pytest.mark.parametrize("size", SIZES.values(), ids=SIZES)
@pytest.mark.parametrize("world", WORLDS)
def test_five_questions_are_answered_without_scrolling(
    databases: dict[str, Path],
    browser: Browser,
    world: str,
    size: tuple[int, int],
    spoken: str,
) -> None:
    database = databases[world]
    run = run_of(database.parent, AS_OF, report=Report(language=spoken))
    index = report.render(database, database.parent / spoken, run)
    width, height = size
    with opened(browser, index, viewport={"width": width, "height": height}) as one:
        for place, words in answers(database, spoken):
            found = one.page.locator(place, has_text=words).first
            assert found.count() == 1, f"{place}: {words}"
            assert is_seen(found, size), f"{place}: {words}"
