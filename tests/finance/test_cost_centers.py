"""Cost centres: the same name in every file, and a line that makes each known."""

import unicodedata
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from pipeline import config, finance
from pipeline.errors import ConfigError
from pipeline.finance.centers import code_and_name
from pipeline.finance.names import is_one_line, name_key
from worlds.finance_files import BUDGETS, ENTITLEMENTS, FIXED, RULES, load

COMPOSED, DECOMPOSED = (unicodedata.normalize(f, "Qualität") for f in ("NFC", "NFD"))
NAME = "CC-100 Büro Süd"
FEE = "Fee,10,EUR,2026-10,,percent,,{},\n"


@pytest.mark.parametrize(
    "other",
    [
        "cc-100 BÜRO süd",
        unicodedata.normalize("NFD", NAME),
        NAME.replace("1", "\N{FULLWIDTH DIGIT ONE}"),
        NAME.replace(" ", "  "),
        NAME.replace(" ", "\N{NO-BREAK SPACE}"),
        NAME.replace(" ", "\N{NARROW NO-BREAK SPACE}"),
        NAME.replace(" ", "\t"),
        NAME.replace("-", "\N{NON-BREAKING HYPHEN}"),
        f" {NAME} ",
        f"\N{ZERO WIDTH NO-BREAK SPACE}{NAME}",
        f"{NAME}\N{ZERO WIDTH SPACE}",
        NAME.replace("ü", "u\N{ZERO WIDTH JOINER}\N{COMBINING DIAERESIS}"),
        f"{NAME}\N{RIGHT-TO-LEFT MARK}",
        f"\N{RIGHT-TO-LEFT OVERRIDE}{NAME}\N{POP DIRECTIONAL FORMATTING}",
        f"{NAME}\N{VARIATION SELECTOR-16}",
        f"{NAME}\N{HANGUL FILLER}",
        f"{NAME}\N{COMBINING GRAPHEME JOINER}",
        NAME.replace("Büro", "Bü\N{SOFT HYPHEN}ro"),
    ],
    ids=ascii,
)
def test_names_that_look_the_same_are_one(other: str) -> None:
    assert name_key(other) == name_key(NAME)


@pytest.mark.parametrize(
    "other",
    ["CC-100 Buro Süd", "CC-100 BüroSüd", "CC-1000 Büro Süd", "CC 100 Büro Süd"],
)
def test_names_that_differ_in_what_is_seen_are_two(other: str) -> None:
    assert name_key(other) != name_key(NAME)


@pytest.mark.parametrize(
    ("one", "other"),
    [("İzmir", "izmir"), ("Straße", "STRASSE"), ("Oﬃce", "OFFICE"), ("ΣΑΣ", "σας")],
)
def test_case_is_that_of_all_languages(one: str, other: str) -> None:
    assert name_key(one) == name_key(other)


def test_the_key_of_a_key_is_itself() -> None:
    """Also of signs that are composed only once what stood between them is removed."""
    for code in range(0x20000):
        sign = chr(code)
        key = name_key(f"a{sign}\N{COMBINING ACUTE ACCENT}")
        assert name_key(key) == key, ascii(sign)


@pytest.mark.parametrize("name", ["", "\N{ZERO WIDTH SPACE}", "A\nB", "A\0", "A\u2028"])
def test_a_name_is_one_line_that_is_seen(name: str) -> None:
    assert not is_one_line(name)


def test_two_spellings_of_a_rule_are_refused(tmp_path: Path) -> None:
    rules = RULES + "10,Sales,,Sales,,,,\n20,sales,,Marketing,,,,\n"

    with pytest.raises(
        ConfigError,
        match=r"rules\.csv, line 3, column cost_center: expected 'Sales', as in"
        r" .*rules\.csv, line 2, column cost_center, found 'sales'\n.*write both",
    ):
        load(tmp_path, rules=rules)


def test_the_coding_of_an_accent_is_shown(tmp_path: Path) -> None:
    rules = RULES + f"10,{COMPOSED},,x,,,,\n20,{DECOMPOSED},,y,,,,\n"

    with pytest.raises(
        ConfigError, match=r"expected 'Qualit\\xe4t', .* 'Qualita\\u0308t'"
    ):
        load(tmp_path, rules=rules)


@pytest.mark.parametrize(
    ("file", "text", "place"),
    [
        ("budgets", BUDGETS + "cc0,2026-10,500\n", "line 2, column cost_center"),
        ("fixed", FIXED + FEE.format("CC0=50;cc0=50"), "line 2, column shares"),
        (
            "entitlements",
            ENTITLEMENTS + "runs,CC\N{FULLWIDTH DIGIT ZERO},10,2026-10,\n",
            "line 2, column cost_center",
        ),
    ],
)
def test_another_file_spells_a_cost_centre_as_the_rules_do(
    tmp_path: Path, file: str, text: str, place: str
) -> None:
    files: dict[str, Any] = {file: text}
    with pytest.raises(
        ConfigError, match=rf"{file}\.csv, {place}: expected 'CC0', as in .*rules\.csv"
    ):
        load(tmp_path, rules=RULES + "10,CC0,,Finance,,,,\n", **files)


@pytest.mark.parametrize(
    ("file", "text"),
    [
        ("budgets", BUDGETS + "CC1,2026-10,500\n"),
        ("fixed", FIXED + FEE.format("CC0=50;CC1=50")),
        ("entitlements", ENTITLEMENTS + "runs,CC1,10,2026-10,\n"),
    ],
)
def test_a_cost_centre_without_a_line_in_the_rules_is_unknown(
    tmp_path: Path, file: str, text: str
) -> None:
    files: dict[str, Any] = {file: text}
    expected = rf"{file}\.csv, line 2, column \w+: expected a cost centre of .*'CC1'"

    with pytest.raises(ConfigError, match=expected):
        load(tmp_path, rules=RULES + "10,CC0,,Finance,,,,\n", **files)

    rules = RULES + "10,CC0,,Finance,,,,\n10,CC1,,x,,,2025-01-01,2025-12-31\n"
    load(tmp_path, rules=rules, **files)
    load(tmp_path, rules=RULES + "10,CC0,,Finance,,,,\n,CC1,,,,,,\n", **files)


def test_a_line_without_a_priority_is_no_rule(tmp_path: Path) -> None:
    read = load(tmp_path, rules=RULES + "10,A,,x,,,,\n,B,,,,,,\n")

    assert read.cost_centers == {"A", "B", "Unallocated"}
    assert [row[3] for row in read.rows("finance_cost_centers")] == ["A"]


def test_unallocated_may_have_a_budget_by_its_own_name(tmp_path: Path) -> None:
    rules = RULES + "10,A,,x,,,,\n"

    assert load(tmp_path, rules=rules, budgets=BUDGETS + "Unallocated,2026-10,5\n")
    with pytest.raises(ConfigError, match=r"expected 'Unallocated', .*'unallocated'"):
        load(tmp_path, rules=rules, budgets=BUDGETS + "unallocated,2026-10,5\n")
    with pytest.raises(ConfigError, match="expected another name than Unallocated"):
        load(tmp_path, rules=RULES + "10,Un\N{SOFT HYPHEN}allocated,,x,,,,\n")


def test_without_rules_shares_say_which_cost_centres_there_are(tmp_path: Path) -> None:
    shares = FIXED + FEE.format("A=50;B=50")
    load(tmp_path, fixed=shares, budgets=BUDGETS + "B,2026-10,5\n")
    load(
        tmp_path,
        fixed=FIXED + "Fee,10,EUR,2026-10,,budget,,,\n",
        budgets=BUDGETS + "C,2026-10,5\n",
    )

    with pytest.raises(ConfigError, match=r"'C'|no charge\.cost_centers is configured"):
        load(tmp_path, fixed=shares, budgets=BUDGETS + "C,2026-10,5\n")


@pytest.mark.parametrize(
    "name", ['"A\nB"', "A\x07", "\N{ZERO WIDTH SPACE}", '"A\u2028B"']
)
def test_a_name_with_a_control_character_is_refused(tmp_path: Path, name: str) -> None:
    expected = "expected (a name in one line|some text)"

    with pytest.raises(ConfigError, match=expected):
        load(tmp_path, rules=RULES + f"10,{name},,x,,,,\n")
    with pytest.raises(ConfigError, match=expected):
        load(tmp_path, budgets=BUDGETS + f"{name},2026-10,5\n")


LIST = "priority,cost_center,cost_center_name,parent,cost_center_owner,space\n"
GROUP = """\
,1000,Group,,head@acme.example,
,1100,Finance,1000,,
10,1110,Accounts,1100 Finance,,Accounts
20,1110,,,books@ACME.example,Books
30,2000 Sales,,,,Sales
40,Lab,,1000 Group,,Lab
"""


def test_a_code_and_a_name_may_stand_in_two_columns(tmp_path: Path) -> None:
    read = load(
        tmp_path,
        rules=LIST + GROUP,
        budgets=BUDGETS + "1110,2026-10,5\n2000 Sales,2026-10,6\n",
        fixed=FIXED + FEE.format("1110=50;Lab=30;2000=20"),
        entitlements=ENTITLEMENTS + "runs,2000,10,2026-10,\n",
    )

    assert [rule.cost_center for rule in read.rules] == [
        "1000 Group",
        "1100 Finance",
        "1110 Accounts",
        "1110 Accounts",
        "2000 Sales",
        "Lab",
    ]
    assert [one.cost_center for one in read.budgets] == ["1110 Accounts", "2000 Sales"]
    assert read.entitlements[0].cost_center == "2000 Sales"
    assert [row[1:] for row in read.rows("finance_fixed_shares")] == [
        ("1110 Accounts", 5_000),
        ("Lab", 3_000),
        ("2000 Sales", 2_000),
    ]


def test_a_cost_centre_knows_what_is_above_it_and_whose_it_is(tmp_path: Path) -> None:
    read = load(tmp_path, rules=LIST + GROUP)

    assert [
        (one.code, one.name, one.path, one.owner_email) for one in read.centers
    ] == [
        ("1000", "Group", ("1000 Group",), "head@acme.example"),
        ("1100", "Finance", ("1000 Group", "1100 Finance"), ""),
        (
            "1110",
            "Accounts",
            ("1000 Group", "1100 Finance", "1110 Accounts"),
            "books@acme.example",
        ),
        ("", "Lab", ("1000 Group", "Lab"), ""),
        ("2000", "Sales", ("2000 Sales",), ""),
    ]


@pytest.mark.parametrize(
    ("text", "code", "name"),
    [
        ("1100 Finance", "1100", "Finance"),
        ("CC-100 Finance & Tax", "CC-100", "Finance & Tax"),
        ("DE.01 - Sales", "DE.01", "Sales"),
        ("CC0", "CC0", ""),
        ("Finance", "", "Finance"),
        ("Q4 Sales", "", "Q4 Sales"),
        ("24 Hour Service", "", "24 Hour Service"),
        ("B2B Sales", "", "B2B Sales"),
        ("3rd Floor", "", "3rd Floor"),
        ("cc-100 Finance", "", "cc-100 Finance"),
    ],
)
def test_a_code_is_a_first_word_of_digits(text: str, code: str, name: str) -> None:
    assert code_and_name(text) == (code, name)


@pytest.mark.parametrize(
    ("lines", "said"),
    [
        (
            "10,1100 Finance,,,,x\n20,1100 Controlling,,,,y\n",
            "3, column cost_center: expected the name 'Finance' for code 1100, as on",
        ),
        (
            "10,1100,Finance,,,x\n20,1100,Controlling,,,y\n",
            "3, column cost_center_name: expected the name 'Finance' .*'Controlling'",
        ),
        (
            "10,1100,Finance,,,x\n20,1100 finance,,,,y\n",
            "3, column cost_center: expected '1100 Finance', as in .*'1100 finance'",
        ),
        (
            "10,ops,Operations,,,x\n20,OPS,Operations,,,y\n",
            "3, column cost_center: expected 'ops Operations', .*'OPS Operations'",
        ),
        (
            "10,A,,Nobody,,x\n",
            "2, column parent: expected a cost centre of .*rules.csv, found 'Nobody'",
        ),
        ("10,A,,A,,x\n", "2, column parent: expected another cost centre than itself"),
        ("10,A,,a,,x\n", "2, column parent: expected 'A', as in .*found 'a'"),
        (
            "10,A,,UNALLOCATED,,x\n",
            "2, column parent: expected another name than Unallocated",
        ),
        (
            "10,A,,B,,x\n,B,,,,\n,C,,,,\n20,A,,C,,y\n",
            "5, column parent: expected 'B', as on line 2 for the same cost centre",
        ),
        (
            "10,A,,B,,x\n20,B,,C,,y\n30,C,,A,,z\n",
            "4, column parent: expected .*there is A → B → C → A, found 'A'",
        ),
        (
            ",Z,,A,,\n10,A,,B,,x\n20,B,,A,,y\n",
            "4, column parent: expected .*there is A → B → A",
        ),
        (
            "10,A,,,somebody,x\n",
            "2, column cost_center_owner: 'somebody' is not",
        ),
        (
            "10,A,,,=?u?q?=0D=0ABcc:_e@x?=@acme.example,x\n",
            "2, column cost_center_owner: '=.u.q.*' is not an address",
        ),
        (
            '10,A,,,"a@acme.example, b@acme.example",x\n',
            "2, column cost_center_owner: .* is not an address",
        ),
        (
            "10,A,,,a@acme.example,x\n20,A,,,b@acme.example,y\n",
            "3, column cost_center_owner: expected 'a@acme.example', as on line 2",
        ),
    ],
)
def test_what_is_said_of_a_cost_centre(tmp_path: Path, lines: str, said: str) -> None:
    with pytest.raises(ConfigError, match=rf"rules\.csv, line {said}"):
        load(tmp_path, rules=LIST + lines)


@pytest.mark.parametrize(
    ("files", "said"),
    [
        (
            {"budgets": BUDGETS + "1110,2026-10,5\n1110 Accounts,2026-10,5\n"},
            "budgets.csv, line 3, column month: expected a month other than on line 2",
        ),
        (
            {"fixed": FIXED + FEE.format("1110=50;1110 Accounts=50")},
            "fixed.csv, line 2, column shares: expected 1110 Accounts only once",
        ),
        (
            {
                "entitlements": ENTITLEMENTS
                + "runs,1110,5,2026-10,\nruns,1110 Accounts,5,2026-10,\n"
            },
            "entitlements.csv, line 3, column valid_from: expected a month in which",
        ),
        (
            {
                "rules": "priority,cost_center,space,percent\n"
                "10,1110,x,50\n10,1110 Accounts,x,50\n"
            },
            "rules.csv, line 3, column cost_center: expected another cost centre",
        ),
    ],
)
def test_a_code_and_its_name_are_one_cost_centre(
    tmp_path: Path, files: dict[str, Any], said: str
) -> None:
    with pytest.raises(ConfigError, match=said):
        load(tmp_path, **{"rules": LIST + GROUP, **files})


def test_a_hierarchy_may_be_as_deep_as_it_is(tmp_path: Path) -> None:
    lines = "".join(f",C{n},,C{n - 1},,\n" for n in range(1, 500))

    read = load(tmp_path, rules=LIST + "10,C0,,,,x\n" + lines)

    assert max(len(one.path) for one in read.centers) == 500


def test_mail_spells_a_cost_centre_as_the_files_do(tmp_path: Path) -> None:
    (tmp_path / "rules.csv").write_text(RULES + "10,Sales,,Sales,,,,\n")
    settings = mailing(tmp_path, '"sales" = ["anna@acme.example"]')

    with pytest.raises(
        ConfigError,
        match=r"chargeback\.toml: mail\.cost_centers: expected 'Sales', as in .*rules",
    ):
        finance.read(settings)


def test_mail_spells_a_cost_centre_once(tmp_path: Path) -> None:
    both = '"Sales" = ["a@acme.example"]\n"Sales " = ["b@acme.example"]'
    settings = mailing(tmp_path, both)
    settings = replace(settings, charge=config.Charge())

    with pytest.raises(ConfigError, match=r"expected 'Sales', .* found 'Sales '"):
        finance.read(settings)


def mailing(folder: Path, cost_centers: str) -> config.Settings:
    """A configuration with rules, and recipients of *cost_centers*."""
    path = folder / "chargeback.toml"
    path.write_text(
        '[[tenant]]\nname = "acme"\nurl = "http://127.0.0.1:1"\napi_key = "env:KEY"\n'
        '[charge]\ncost_centers = "rules.csv"\n'
        '[mail]\nhost = "h"\nfrom = "a@acme.example"\nrecipients = ["b@acme.example"]\n'
        f"[mail.cost_centers]\n{cost_centers}\n",
        encoding="utf-8",
    )
    return config.load(path, {"KEY": "a key"})


def test_what_was_frozen_is_read_as_it_was(tmp_path: Path) -> None:
    """Whatever is refused today: names, sums, unknown columns and cost centres."""
    texts = {
        "rate_card": "meter,unit_price,currency,valid_from,old\nx,-1,USD,2026-10-05,\n",
        "cost_centers": "priority,cost_center,percent\n1,A\x07,50\n2,a,\n3,A,\n",
        "budgets": BUDGETS + "A,2026-10,5\nA,2026-10,6\nb,2026-10,7\n",
        "fixed_costs": FIXED + "Fee,1.005,USD,2026-10,,percent,,A=50;unknown=10,gone\n",
        "markups": "item,percent,valid_from\nOverhead,0,2026-10\n",
        "values": "valid_from,automation,minutes_per_run\n2026-10-01,A,-1\n",
        "entitlements": ENTITLEMENTS + "runs,A,70,2026-10,\nruns,b,70,2026-10,\n",
        "notes": "month,cost_center,author,text,kind\n2026-10,gone,A,x,settled\n",
    }
    for key, text in texts.items():
        (tmp_path / f"{key}.csv").write_text(text, encoding="utf-8")
    (tmp_path / "of_a_later_version.csv").write_text("a\n")

    read = finance.load_frozen(config.Charge.in_folder(tmp_path), "EUR")

    assert [rule.cost_center for rule in read.rules] == ["A\x07", "a", "A"]
    assert len(read.budgets) == 3
    empty = {name for name in finance.TABLES if not read.rows(name)}
    assert empty == {"finance_exchange_rates"}  # an amount is frozen with its rate
