"""FOCUS files, row by row: what the public validator does not check of them."""

import csv
import json
import re
from collections import Counter, defaultdict
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import duckdb
import polars as pl
import pytest

from pipeline import export, warehouse
from pipeline.errors import CheckError
from worlds.export import Folder, make_folder

pytestmark = pytest.mark.slow

OCTOBER = date(2026, 10, 1)
START, END = datetime(2026, 10, 1, tzinfo=UTC), datetime(2026, 11, 1, tzinfo=UTC)
STATEMENTS = (
    "select tenant, cost_center, amount from statement"
    " where month = date '2026-10-01' order by all"
)
COLUMNS = re.findall(
    r"\w+",
    """
AvailabilityZone BilledCost BillingAccountId BillingAccountName BillingAccountType
BillingCurrency BillingPeriodEnd BillingPeriodStart CapacityReservationId
CapacityReservationStatus ChargeCategory ChargeClass ChargeDescription ChargeFrequency
ChargePeriodEnd ChargePeriodStart CommitmentDiscountCategory CommitmentDiscountId
CommitmentDiscountName CommitmentDiscountQuantity CommitmentDiscountStatus
CommitmentDiscountType CommitmentDiscountUnit ConsumedQuantity ConsumedUnit
ContractedCost ContractedUnitPrice EffectiveCost InvoiceId InvoiceIssuerName ListCost
ListUnitPrice PricingCategory PricingCurrency PricingCurrencyContractedUnitPrice
PricingCurrencyEffectiveCost PricingCurrencyListUnitPrice PricingQuantity PricingUnit
ProviderName PublisherName RegionId RegionName ResourceId ResourceName ResourceType
ServiceCategory ServiceName ServiceSubcategory SkuId SkuMeter SkuPriceDetails SkuPriceId
SubAccountId SubAccountName SubAccountType Tags
""",
)
NEVER_NULL = re.findall(
    r"\w+",
    "BilledCost BillingAccountId BillingCurrency BillingPeriodEnd BillingPeriodStart"
    " ChargeCategory ChargeDescription ChargeFrequency ChargePeriodEnd"
    " ChargePeriodStart ContractedCost EffectiveCost InvoiceIssuerName ListCost"
    " PricingCurrency PricingCurrencyEffectiveCost ProviderName PublisherName"
    " ServiceCategory ServiceName ServiceSubcategory SubAccountId SubAccountName"
    " SubAccountType",
)
# Per part of a charge: category, class, frequency.
KINDS = {
    "usage": ("Usage", None, "Usage-Based"),
    "included": ("Credit", None, "Usage-Based"),
    "purchase": ("Purchase", None, "Recurring"),
    "day": ("Usage", None, "Recurring"),
    "credit": ("Credit", None, "Recurring"),
    "correction": ("Credit", "Correction", "One-Time"),
}

Row = dict[str, Any]


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Folder:
    folder = make_folder(
        tmp_path_factory.mktemp("closed"), closed=True, charge='issuer = "Acmé IT"'
    )
    result = folder.export("focus", "focus")
    assert result.returncode == 0, result.stderr
    return folder


@pytest.fixture(scope="module")
def frame(folder: Folder) -> pl.DataFrame:
    return pl.read_parquet(
        folder.path / "focus/chargeback-2026-10-CostAndUsage.parquet"
    )


@pytest.fixture(scope="module")
def rows(frame: pl.DataFrame) -> list[Row]:
    return frame.to_dicts()


def read(file: Path) -> list[Row]:
    with file.open(encoding="utf-8", newline="") as lines:
        return list(csv.DictReader(lines, strict=True))


def sums(rows: list[Row], column: str) -> list[tuple[str, str, Decimal]]:
    found: dict[tuple[str, str], Decimal] = defaultdict(Decimal)
    for row in rows:
        found[row["BillingAccountId"], row["SubAccountId"]] += row[column]
    return sorted((*key, value) for key, value in found.items())


def test_all_57_columns_are_there_then_our_own(frame: pl.DataFrame) -> None:
    assert len(COLUMNS) == 57
    assert frame.columns[:57] == COLUMNS
    assert all(name.startswith("x_") for name in frame.columns[57:])


def test_columns_have_the_types_of_focus(frame: pl.DataFrame) -> None:
    for name in COLUMNS:
        dtype = frame.schema[name]
        if name.endswith(("Start", "End")):
            assert dtype == pl.Datetime("us", "UTC"), name
        elif name.endswith(("Cost", "Quantity", "UnitPrice")):
            assert isinstance(dtype, pl.Decimal), name
        else:
            assert dtype == pl.String, name


def test_both_forms_hold_the_same_rows(folder: Folder, rows: list[Row]) -> None:
    """The CSV writes UTC with a Z, and decimals with a point."""
    file = folder.path / "focus" / "chargeback-2026-10-CostAndUsage.csv"

    lines = read(file)

    assert len(lines) == len(rows)
    for line, row in zip(lines, rows, strict=True):
        assert Decimal(line["ListCost"]) == row["ListCost"]
        assert (
            line["ChargePeriodStart"]
            == f"{row['ChargePeriodStart']:%Y-%m-%dT%H:%M:%SZ}"
        )
        assert line["ChargeClass"] == (row["ChargeClass"] or "")


@pytest.mark.parametrize("cost", ["BilledCost", "EffectiveCost"])
def test_costs_sum_to_each_statement(
    folder: Folder, rows: list[Row], cost: str
) -> None:
    assert sums(rows, cost) == folder.ask(STATEMENTS)


def test_price_times_quantity_is_the_list_and_the_contracted_cost(
    rows: list[Row],
) -> None:
    """To the last digit; what is billed is that, rounded with its statement's line."""
    priced = [row for row in rows if row["ListUnitPrice"] is not None]

    assert priced
    for row in priced:
        product = row["ListUnitPrice"] * row["PricingQuantity"]
        assert row["ListCost"] == row["ContractedCost"] == product
        assert row["ContractedUnitPrice"] == row["ListUnitPrice"] >= 0
        assert abs(row["BilledCost"] - product) < Decimal("0.02")


def test_what_has_no_price_costs_what_it_is_billed(rows: list[Row]) -> None:
    for row in rows:
        if row["ListUnitPrice"] is None:
            assert row["PricingQuantity"] is row["SkuId"] is row["SkuPriceId"] is None
            assert row["ListCost"] == row["ContractedCost"] == row["BilledCost"]
            assert row["EffectiveCost"] == row["BilledCost"]


def test_each_row_has_allowed_values(rows: list[Row]) -> None:
    assert {row["x_Part"] for row in rows} == set(KINDS)
    for row in rows:
        kind = row["ChargeCategory"], row["ChargeClass"], row["ChargeFrequency"]
        assert kind == KINDS[row["x_Part"]]
        assert row["PricingCategory"] == ("Standard" if row["SkuId"] else None)
        assert row["ServiceCategory"] == "Integration"
        assert row["ServiceSubcategory"] == "Other (Integration)"
        assert row["ProviderName"] == row["InvoiceIssuerName"] == "Acme IT"
        assert row["PublisherName"] == "Qlik"
        assert row["PricingUnit"] in {"Runs", "Hours", "GB", "Months", "Days", None}


def test_nothing_is_null_that_must_not_be_nor_empty(rows: list[Row]) -> None:
    for row in rows:
        assert all(row[name] is not None for name in NEVER_NULL)
        assert "" not in [row[name] for name in COLUMNS]
        is_consumed = row["ChargeCategory"] == "Usage"
        assert (row["ConsumedQuantity"] is not None) == is_consumed
        assert (row["ConsumedUnit"] is not None) == is_consumed
        has_sku = row["ChargeCategory"] in {"Usage", "Purchase"}
        for name in ("SkuId", "SkuMeter", "SkuPriceId", "PricingQuantity"):
            assert (row[name] is not None) == has_sku, name
        is_resource = row["ResourceId"] is not None
        assert is_resource == (row["x_Part"] in {"usage", "included"})
        assert (row["ResourceType"] == "Automation") == is_resource
        assert (row["ResourceName"] is not None) == is_resource


def test_periods_lie_within_the_month(rows: list[Row]) -> None:
    for row in rows:
        assert (row["BillingPeriodStart"], row["BillingPeriodEnd"]) == (START, END)
        assert START <= row["ChargePeriodStart"] < row["ChargePeriodEnd"] <= END
        is_whole = (row["ChargePeriodStart"], row["ChargePeriodEnd"]) == (START, END)
        assert is_whole == (row["x_Part"] in {"purchase", "credit", "correction"})


def test_days_have_what_was_metered_and_sum_to_the_lines(
    folder: Folder, rows: list[Row]
) -> None:
    """An automation of one cost centre has each day's runs, seconds and bytes."""
    lines = folder.ask(
        "select tenant, line, quantity, gross_amount from charges"
        " where kind = 'usage' and month = date '2026-10-01' order by all"
    )
    found: dict[tuple[str, int], list[Decimal]] = defaultdict(lambda: [Decimal()] * 2)
    runs: dict[tuple[str, str, date], Decimal] = defaultdict(Decimal)
    for row in rows:
        if row["x_Part"] != "usage":
            continue
        assert row["ChargePeriodEnd"] - row["ChargePeriodStart"] == timedelta(days=1)
        key = row["BillingAccountId"], row["x_Line"]
        quantity, cost = found[key]
        found[key] = [quantity + row["ConsumedQuantity"], cost + row["BilledCost"]]
        if row["x_Meter"] == "runs":
            day = row["ChargePeriodStart"].date()
            runs[row["BillingAccountId"], row["ResourceId"], day] += row[
                "ConsumedQuantity"
            ]

    assert [(*key, *found[key]) for key in sorted(found)] == lines
    metered = folder.ask(
        "select tenant, automation_id, date, sum(runs) from automation_daily"
        " where date_trunc('month', date) = date '2026-10-01' group by all"
    )
    assert len(metered) == len(runs)
    for tenant, automation, day, count in metered:
        # Of a tier a day has its part, of six decimals.
        assert abs(runs[tenant, automation, day] - count) < Decimal("0.00001")


@pytest.mark.parametrize(
    ("version", "count", "provider", "invoice"),
    [
        ("1.0", 43, "ProviderName", None),
        ("1.2", 57, "ProviderName", "InvoiceId"),
        ("1.4", 65, "HostProviderName", "InvoiceId"),
    ],
)
@pytest.mark.parametrize("by", ["day", "month"])
def test_each_version_has_its_columns_and_the_same_sums(  # noqa: PLR0913, PLR0917
    folder: Folder, version: str, by: str, count: int, provider: str, invoice: str
) -> None:
    focus = export.Focus(version, by)
    with warehouse.read(folder.warehouse) as connection:
        selection = export.Selection(OCTOBER, "focus", focus=focus)
        files = export.contents(connection, selection)
    read = pl.read_parquet(files["chargeback-2026-10-CostAndUsage.parquet"])
    made = json.loads(files["chargeback-2026-10-metadata.json"])

    columns = [name for name in read.columns if not name.startswith("x_")]
    assert (len(columns), columns) == (count, sorted(columns))
    providers = {"ProviderName", "PublisherName", "HostProviderName"} & {*columns}
    assert provider in providers
    assert len(providers) == (1 if version == "1.4" else 2)
    assert ("InvoiceId" in columns) == (invoice is not None)
    schema = made["Schema"][0]
    assert schema["FocusVersion"] == version
    assert [one["ColumnName"] for one in schema["ColumnDefinition"]] == read.columns
    for cost in ("BilledCost", "EffectiveCost"):
        summed = read.group_by("BillingAccountId", "x_SubAccountId").agg(pl.sum(cost))
        assert sorted(summed.rows()) == folder.ask(STATEMENTS)
    corrected = read.filter(x_Part="correction")["ChargePeriodStart"].dt.month()
    assert {*corrected} == ({9} if version == "1.4" else {10})


def test_names_are_in_ascii_with_the_originals_beside(frame: pl.DataFrame) -> None:
    names = ("ResourceName", "SubAccountName", "SubAccountId", "ChargeDescription")
    for name in (*names, "ResourceId", "SkuId", "SkuPriceId", "InvoiceIssuerName"):
        assert all(value.isascii() for value in frame[name].drop_nulls()), name
    pairs = frame.select(*names, *(f"x_{name}" for name in names)).rows()
    for row in pairs:
        for shown, original in zip(row[:4], row[4:], strict=True):
            assert shown == original or not original.isascii()
    assert any(not (name or "").isascii() for name in frame["x_ResourceName"])


def test_no_row_is_there_twice(rows: list[Row]) -> None:
    keys = ("BillingAccountId", "x_Line", "x_Part", "ChargePeriodStart")

    counts = Counter(tuple(row[key] for key in keys) for row in rows)

    assert set(counts.values()) == {1}


def test_the_days_of_a_fee_sum_to_its_month_exactly(rows: list[Row]) -> None:
    """In whole cents, of which those left over go to the first days."""
    days: dict[tuple[str, int], list[Decimal]] = defaultdict(list)
    for row in rows:
        if row["x_Part"] == "day":
            assert row["BilledCost"] == 0
            assert (row["ConsumedQuantity"], row["ConsumedUnit"]) == (1, "Days")
            days[row["BillingAccountId"], row["x_Line"]].append(row["EffectiveCost"])
    bought = [row for row in rows if row["x_Part"] == "purchase"]

    assert len(bought) == len(days) > 0
    for row in bought:
        parts = days[row["BillingAccountId"], row["x_Line"]]
        assert row["EffectiveCost"] == 0
        assert len(parts) == 31
        assert sum(parts) == row["BilledCost"]
        assert parts == sorted(parts, reverse=True)
        assert parts[0] - parts[-1] <= Decimal("0.01")
        assert all(part == round(part, 2) for part in parts)


def test_an_allowance_is_a_credit_beside_the_usage_that_it_covers(
    folder: Folder, rows: list[Row]
) -> None:
    """So is what is less than nothing; and a correction, of either sign."""
    ((included,),) = folder.ask(
        "select sum(included_amount) from charges where month = date '2026-10-01'"
    )
    billed: dict[str, list[Decimal]] = defaultdict(list)
    for row in rows:
        billed[row["x_Part"]].append(row["BilledCost"])

    assert sum(billed["included"]) == -included < 0
    assert all(cost < 0 for cost in billed["included"])
    assert billed["credit"] == [Decimal(-7)]
    assert sorted(billed["correction"]) == [-1, 1]


def test_a_price_id_has_one_sku_and_one_price(rows: list[Row]) -> None:
    known: dict[str, tuple[Any, ...]] = {}
    for row in rows:
        if row["SkuPriceId"]:
            facts = row["SkuId"], row["ListUnitPrice"], row["PricingUnit"]
            assert known.setdefault(row["SkuPriceId"], facts) == facts


def test_tags_are_json_with_prefixed_names(rows: list[Row]) -> None:
    for row in rows:
        tags = json.loads(row["Tags"])
        assert len(tags.pop("chargeback/seal")) == 12
        is_used = row["x_Part"] in {"usage", "included"}
        owner, space = row["x_OwnerName"], row["x_SpaceName"]
        names = {"chargeback/owner": owner, "chargeback/space": space}
        assert tags.pop("chargeback/cost_center_code", None) == row["x_CostCenterCode"]
        assert tags == (names if is_used else {})


def test_a_closed_month_has_invoices_that_are_the_statements(
    folder: Folder, rows: list[Row]
) -> None:
    found: dict[str, Decimal] = defaultdict(Decimal)
    for row in rows:
        found[row["InvoiceId"]] += row["BilledCost"]

    assert sorted(found.items()) == folder.ask(
        "select statement_number, amount from statement"
        " where month = date '2026-10-01' order by all"
    )


@pytest.mark.parametrize("status", ["Closed", "Open"])
def test_a_billing_period_is_open_until_the_month_is_closed(
    folder: Folder, tmp_path: Path, status: str
) -> None:
    world = folder if status == "Closed" else make_folder(tmp_path)
    world.export("focus", "again")
    out = world.path / "again"

    (period,) = read(out / "chargeback-2026-10-BillingPeriod.csv")
    (row,) = pl.read_parquet(
        out / "chargeback-2026-10-BillingPeriod.parquet"
    ).to_dicts()
    lines = read(out / "chargeback-2026-10-CostAndUsage.csv")
    invoices = {line["InvoiceId"] for line in lines}
    keys = ("InvoiceIssuerName", "BillingPeriodStart")
    assert {tuple(line[key] for key in keys) for line in lines} == {
        tuple(period[key] for key in keys)
    }
    assert period["BillingPeriodStatus"] == status
    assert period["BillingPeriodStart"] == "2026-10-01T00:00:00Z"
    assert period["BillingPeriodEnd"] == "2026-11-01T00:00:00Z"
    assert (row["BillingPeriodStart"], row["BillingPeriodEnd"]) == (START, END)
    updated = {"Closed": "2026-11-05T09:00:00Z", "Open": "2026-11-01T02:00:00Z"}
    assert period["BillingPeriodLastUpdated"] == updated[status]
    assert row["BillingPeriodLastUpdated"] >= row["BillingPeriodCreated"]
    assert (invoices == {""}) == (status == "Open")


def test_costs_that_contradict_the_statement_are_not_exported(tmp_path: Path) -> None:
    folder = make_folder(tmp_path)
    with duckdb.connect(folder.warehouse) as connection:
        connection.execute(
            "update marts.statement set amount = amount + 0.01"
            " where cost_center = 'CC-300 Ops'"
        )

    result = folder.export("focus", "out")

    assert result.returncode == CheckError.exit_code
    assert "failed for 2026-10" in result.stderr
    assert not (tmp_path / "out").exists()


@pytest.mark.parametrize(("currency", "digits"), [("JPY", 0), ("KWD", 3)])
def test_days_are_whole_minor_units_of_any_currency(
    tmp_path: Path, currency: str, digits: int
) -> None:
    folder = make_folder(tmp_path, currency=currency, small=True)

    with warehouse.read(folder.warehouse) as connection:
        files = export.contents(connection, export.Selection(OCTOBER, "focus"))
    rows = pl.read_parquet(files["chargeback-2026-10-CostAndUsage.parquet"]).to_dicts()

    assert sums(rows, "EffectiveCost") == folder.ask(STATEMENTS)
    for row in rows:
        assert row["EffectiveCost"] == round(row["EffectiveCost"], digits)
