"""What may happen in a story: drawn at random, and played on a company."""

import os
from dataclasses import replace
from datetime import date
from typing import Any

from hypothesis import HealthCheck, Phase, settings
from hypothesis import strategies as st

from tools.power_cut import power_cut
from worlds.story import CENTERS, DAYS, DIGITS, FIRST_DAY, NIGHTS, Story
from worlds.truth import Fee, Finance, Price, Rule

CURRENCIES = list(DIGITS)
AUTOMATIONS, OWNERS, SPACES = ["a1", "a2", "a3"], ["o1", "o2"], ["s1", "s2", ""]
# A few names for everything, so that one is often that of another before; and what is
# an id or an address elsewhere.
NAMES = {
    "automation": ["Invoices", "Orders", "Payroll", "Fin. payroll", "a1"],
    "owner": ["Ann", "Bob", "Ann-Finn", "o1", "bob@x.eu"],
    "space": ["Finance", "Sales", "Operations", "s2", "personal"],
    "owner_email": ["ann@x.eu", "bob@x.eu", "cy@y.eu"],
}
MONTHS = [date(2026, month, 1) for month in (1, 2, 3, 4)]
MID = date(2026, 2, 15)

# Stories without `STORIES`; and those of a batch, which a process plays one by one. The
# first of each fourth has builds and pages in full, all others small builds.
FEW = 4
BATCH = 25
WHOLE = 4

Event = tuple[Any, ...]
Step = tuple[list[Event], Event]

tenants = st.integers(0, 1)


def renames() -> st.SearchStrategy[Event]:
    """Other names and addresses of what there is."""
    return st.one_of(
        *(
            st.tuples(
                st.just("set"),
                tenants,
                st.just(kind),
                st.sampled_from(ids),
                st.just(column),
                st.sampled_from(NAMES[names]),
            )
            for kind, ids, column, names in (
                ("automation", AUTOMATIONS, "name", "automation"),
                ("owner", OWNERS, "name", "owner"),
                ("owner", OWNERS, "email", "owner_email"),
                ("space", SPACES[:2], "name", "space"),
            )
        )
    )


def moves() -> st.SearchStrategy[Event]:
    """An automation with another owner, or in another space."""
    return st.one_of(
        *(
            st.tuples(
                st.just("set"),
                tenants,
                st.just("automation"),
                st.sampled_from(AUTOMATIONS),
                st.just(column),
                st.sampled_from(ids),
            )
            for column, ids in (("owner", OWNERS), ("space", SPACES))
        )
    )


def deletions() -> st.SearchStrategy[Event]:
    """What the tenant lists no more."""
    return st.one_of(
        *(
            st.tuples(st.just("delete"), tenants, st.just(kind), st.sampled_from(ids))
            for kind, ids in (
                ("automation", AUTOMATIONS),
                ("owner", OWNERS),
                ("space", SPACES[:2]),
            )
        )
    )


def returns() -> st.SearchStrategy[Event]:
    """What is listed anew, under any name, or again."""
    return st.one_of(
        *(
            st.tuples(
                st.just("create"),
                tenants,
                st.just(kind),
                st.sampled_from(ids),
                st.sampled_from(NAMES[kind]),
            )
            for kind, ids in (
                ("automation", [*AUTOMATIONS, "a4"]),
                ("owner", [*OWNERS, "o3"]),
                ("space", [*SPACES[:2], "s3"]),
            )
        )
    )


def unread() -> st.SearchStrategy[Event]:
    """A list that is not read in a night."""
    kinds = st.sampled_from(["owner", "space"])
    return st.tuples(st.just("unread"), tenants, kinds)


def late() -> st.SearchStrategy[Event]:
    """Figures or runs of a day that is over; of the future they count later."""
    return st.one_of(
        st.tuples(
            st.just("use"),
            tenants,
            st.sampled_from(DAYS),
            st.sampled_from([*AUTOMATIONS, "a9"]),
            st.integers(0, 300),
            st.integers(0, 20_000),
        ),
        st.tuples(
            st.just("list"),
            tenants,
            st.sampled_from(DAYS),
            st.sampled_from(AUTOMATIONS),
            st.sampled_from(OWNERS),
            st.sampled_from(SPACES),
            st.integers(1, 3),
        ),
    )


@st.composite
def prices(draw: st.DrawFn) -> tuple[Price, ...]:
    """Of runs always, of hours at times; from another day on others, or with tiers."""
    micros = st.integers(0, 2_000_000)
    made: list[Price] = []
    for meter in draw(st.sampled_from([("runs",), ("runs", "duration_hours")])):
        if draw(st.booleans()):
            first = draw(st.sampled_from([MONTHS[1], MID]))
            last = (
                first.replace(day=first.day - 1) if first == MID else date(2026, 1, 31)
            )
            made += [
                Price(meter, FIRST_DAY, last, ((0, draw(micros)),)),
                Price(meter, first, None, ((0, draw(micros)),)),
            ]
        else:
            more = draw(st.sampled_from([(), (40,), (25, 200)]))
            tiers = tuple((start, draw(micros)) for start in (0, *more))
            included = draw(st.sampled_from([0, 3, 60]))
            made.append(Price(meter, FIRST_DAY, None, tiers, included))
    return tuple(made)


def patterns() -> st.SearchStrategy[tuple[tuple[str, str], ...]]:
    """By names, with or without *, in either case; by ids; of one kind or of two."""
    named = [
        st.tuples(st.just(column), st.sampled_from([*names, names[0].upper(), more]))
        for (column, names), more in zip(
            NAMES.items(), ("*pay*", "ann*", "*s", "*@x.eu"), strict=True
        )
    ]
    return st.lists(
        st.one_of(
            *named,
            *named,
            st.tuples(st.just("automation_id"), st.sampled_from(AUTOMATIONS)),
            st.tuples(st.just("owner_id"), st.sampled_from(OWNERS)),
            st.tuples(st.just("space_id"), st.sampled_from(SPACES[:2])),
            st.tuples(st.just("tenant"), st.sampled_from(["acme", "b*"])),
        ),
        min_size=1,
        max_size=2,
        unique_by=lambda one: one[0],
    ).map(tuple)


parts = st.sampled_from(
    [
        *(((name, 10_000),) for name in CENTERS[:3]),
        (("Finance", 6_000), ("Sales", 4_000)),
        (("Legal", 3_333), ("Sales", 6_667)),
    ]
)
spans = st.sampled_from(
    [(None, None), (MID, None), (None, date(2026, 3, 19)), (MONTHS[1], MONTHS[2])]
)


def rules() -> st.SearchStrategy[tuple[Rule, ...]]:
    made = st.builds(
        lambda p, where, span: Rule(p, where, *span), parts, patterns(), spans
    )
    return st.lists(made, min_size=1, max_size=4).map(tuple)


def fees() -> st.SearchStrategy[tuple[Fee, ...]]:
    """A fee or a credit, or both."""
    shares = (("Finance", 3_333), ("IT", 6_667))
    made = st.builds(
        lambda minor, first, split, tenant: Fee(
            split, minor, first, split, tenant, shares if split == "percent" else ()
        ),
        st.integers(-3_000, 3_000),
        st.sampled_from(MONTHS[:2]),
        st.sampled_from(["even", "proportional", "percent"]),
        st.sampled_from(["", "", "acme"]),
    )
    return st.lists(made, max_size=2, unique_by=lambda fee: fee.item).map(tuple)


def finances() -> st.SearchStrategy[Finance]:
    return st.builds(Finance, prices(), rules(), fees())


def settings_of_finance() -> st.SearchStrategy[Event]:
    """One of the finance files written anew."""
    return st.one_of(
        st.tuples(st.just("prices"), prices()),
        st.tuples(st.just("rules"), rules()),
        st.tuples(st.just("fees"), fees()),
    )


def happen(story: Story, event: Event) -> None:
    """Let *event* happen before the next night; what cannot happen does not."""
    kind, *what = event
    if kind in ("prices", "rules", "fees"):
        story.set_finance(replace(story.finance, **{kind: what[0]}))
        return
    number, *what = what
    tenant = story.tenants[number % len(story.tenants)]
    if kind == "set":
        listing, name, column, value = what
        if name in story.today[tenant][listing]:
            story.today[tenant][listing][name][column] = value
    elif kind == "delete":
        listing, name = what
        story.today[tenant][listing].pop(name, None)
    elif kind == "create":
        listing, name, called = what
        story.create(tenant, listing, name, called)
    elif kind == "unread":
        story.unread.add((tenant, what[0]))
    elif what[0] < NIGHTS[story.night + 1]:
        day, name, *more = what
        if kind == "use":
            story.use(tenant, day, {name: (more[0], more[1])})
        else:
            story.list_runs(tenant, day, [(name, *more)])


def endings() -> st.SearchStrategy[Event]:
    """What finance does after a night: nothing, or closes what is over, or reverses."""
    return st.one_of(
        st.just(("build",)),
        st.just(("close",)),
        st.just(("close",)),
        st.tuples(st.just("look back"), st.integers(0, len(NIGHTS) - 1)),
        st.tuples(st.just("close, cut"), st.integers(0, 60)),
        st.tuples(st.just("reverse"), st.sampled_from(MONTHS)),
        st.tuples(st.just("reverse, cut"), st.sampled_from(MONTHS), st.integers(0, 12)),
    )


def quiet_endings() -> st.SearchStrategy[Event]:
    """A night like any other, at times with a closing."""
    return st.sampled_from([("build",), ("build",), ("close",)])


def stories(
    events: st.SearchStrategy[Event], ending: st.SearchStrategy[Event]
) -> st.SearchStrategy[list[Step]]:
    """Two to four nights, each after some events and before an ending."""
    step = st.tuples(st.lists(events, min_size=1, max_size=4), ending)
    return st.lists(step, min_size=2, max_size=4)


def end(story: Story, ending: Event) -> None:
    """Build, and do what *ending* says; what cannot be done is not."""
    kind, *what = ending
    due = story.due
    if kind == "look back":
        story.build(NIGHTS[min(what[0], story.night)])
    elif kind == "close" and due:
        story.close(due[0])
        return
    elif kind == "close, cut" and due:
        with power_cut(story.path, what[0]):
            story.close(due[0])
    elif kind.startswith("reverse") and what[0] in {m for _, m in story.standing}:
        cuts = what[1:] or [1_000]
        with power_cut(story.path, cuts[0]):
            story.reverse(what[0])
    story.build()


def batches(share: float) -> list[tuple[int, int]]:
    """The batches in which *share* of all stories are played: number and stories.

    They are always the same: of `STORIES` more than before, the first are as before.
    """
    stories = max(int(int(os.environ.get("STORIES", FEW)) * share), 1)
    sizes = [BATCH] * (stories // BATCH) + [stories % BATCH]
    return [(number, size) for number, size in enumerate(sizes) if size]


def profile(stories: int) -> settings:
    """So many *stories*."""
    return settings(
        max_examples=stories,
        deadline=None,
        database=None,
        phases=[Phase.generate],  # to make a story shorter would take minutes
        print_blob=True,
        suppress_health_check=list(HealthCheck),
    )


def changes_of_names() -> st.SearchStrategy[Event]:
    """What changes who or what is listed, and no figure."""
    return st.one_of(renames(), renames(), moves(), deletions(), returns())


def events() -> st.SearchStrategy[Event]:
    """Anything."""
    return st.one_of(
        renames(),
        moves(),
        deletions(),
        returns(),
        unread(),
        late(),
        late(),
        settings_of_finance(),
    )
