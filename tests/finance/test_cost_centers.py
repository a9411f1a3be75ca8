"""Cost centres: the same name in every file, and a line that makes each known."""

import unicodedata
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from pipeline import config, finance
from pipeline.errors import ConfigError
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


def test_the_key_of_a_key_is_itself() -> None:
    """Also of signs that are composed only once what stood between them is gone."""
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
        "entitlements": ENTITLEMENTS + "runs,A,70,2026-10,\nruns,b,70,2026-10,\n",
    }
    for key, text in texts.items():
        (tmp_path / f"{key}.csv").write_text(text, encoding="utf-8")
    (tmp_path / "of_a_later_version.csv").write_text("a\n")

    read = finance.load_frozen(config.Charge.in_folder(tmp_path), "EUR")

    assert [rule.cost_center for rule in read.rules] == ["A\x07", "a", "A"]
    assert len(read.budgets) == 3
    assert all(read.rows(name) for name in finance.TABLES)
