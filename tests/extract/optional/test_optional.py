"""Optional sources: off until configured, and never the end of a night."""

import logging
from collections import Counter
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import duckdb
import msgspec
import polars as pl
import pytest

from pipeline import build, warehouse
from pipeline.config import Sources
from pipeline.endpoints import RUNS, USAGE
from pipeline.endpoints.licence import CONSUMPTION, LICENCE, LicenceOverview
from pipeline.endpoints.run_metrics import RUN_METRICS
from pipeline.errors import TenantError
from pipeline.extract import LeftOutError, optional
from pipeline.finance import FinanceFiles
from pipeline.lake import DayCoverage, Lake
from pipeline.sandbox import Fault, SandboxServer, World
from pipeline.sandbox.api.consumption import used_by_others, used_this_month
from servers.script import Answer, page, serve
from worlds.runs import run_of
from worlds.sources import AS_OF, EVENTS, KEY, NOW, Night, connect, extraction

pytestmark = pytest.mark.slow

DAY = timedelta(days=1)
QUOTAS = Sources(licence=True, consumption=True)
DETAIL = Sources(run_detail=True)


def test_nothing_is_asked_for_unless_configured(night: Night) -> None:
    night.read(Sources())

    assert night.asked() == []
    assert night.bytes() == {}


def test_details_tell_the_bytes_of_recent_runs(night: Night) -> None:
    night.list_runs()

    night.read(DETAIL)

    listed = set(night.rows(RUNS.table)["run_id"])
    expected = {
        run_id: run
        for run_id, run in night.ended(AS_OF - 20 * DAY).items()
        if run_id in listed
        and run.created_at >= (NOW - 7 * DAY).replace(hour=0).timestamp()
    }
    found = {row["run_id"]: row for row in night.rows(RUN_METRICS).to_dicts()}
    assert len(found) > 100
    assert found.keys() == expected.keys()
    for run_id, run in expected.items():
        assert found[run_id]["bandwidth_in_bytes"] == run.bytes_in
        assert found[run_id]["bandwidth_out_bytes"] == run.bytes_out
        assert found[run_id]["source"] == "run_detail"


def test_a_detail_is_asked_for_once(night: Night) -> None:
    night.list_runs()
    night.read(DETAIL)
    before = night.bytes()
    night.server.requests.clear()

    night.read(DETAIL)

    assert night.asked() == []
    assert night.bytes() == before


def test_no_detail_is_asked_for_where_an_event_told(backfilled: Night) -> None:
    """This tenant shows the caller no details, so each request would be a refusal."""
    backfilled.server.requests.clear()

    backfilled.read(DETAIL)

    assert backfilled.asked() == []


def test_a_refused_detail_is_asked_for_once_an_automation(
    world: World, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    """The admin of this tenant owns nothing: each automation refuses its first run."""
    with SandboxServer(world.at(NOW), api_key=KEY) as server:
        night = Night(server, tmp_path)
        night.list_runs()
        server.requests.clear()

        with caplog.at_level(logging.WARNING):
            night.read(DETAIL)

        asked = Counter(path.rpartition("/runs/")[0] for path in night.asked())
    assert len(asked) > 10
    assert set(asked.values()) == {1}
    assert night.rows(RUN_METRICS).is_empty()
    assert f"{len(asked)} automations do not show the caller" in caplog.text


def test_a_source_that_is_refused_is_left_out_and_the_right_named(
    world: World, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    wanted = Sources(
        audit_events=True,
        audit_archive_from=world.start,
        licence=True,
        consumption=True,
    )
    with SandboxServer(world.at(NOW), api_key=KEY, role="user") as server:
        server.faults.add(Fault(kind="status", match="/licenses", status=404))
        night = Night(server, tmp_path)

        with caplog.at_level(logging.WARNING):
            night.read(wanted)

    assert len(night.asked()) == 4
    assert caplog.text.count("left out: the caller needs the role TenantAdmin") == 4
    assert night.bytes() == {}


def test_a_source_that_fails_ends_the_night_and_keeps_what_was_read(
    night: Night,
) -> None:
    night.server.faults.add(Fault(kind="status", match="/audits", status=500, skip=40))

    with pytest.raises(TenantError, match="/api/v1/audits"):
        night.read(EVENTS)

    held = night.lake.coverage("acme", RUN_METRICS)
    assert 5 < held.height < 90


def test_quotas_and_the_providers_figures_are_kept(night: Night) -> None:
    night.read(QUOTAS)

    billable, others = used_this_month(night.server.world)
    quotas = night.rows(LICENCE.table).select("parameter", "quantity", "is_unlimited")
    assert quotas.rows() == [
        ("3rdPartyAutomationRuns", 5000, False),
        ("maxConcurrentAutomationRuns", 10, False),
        ("standardAutomationRuns", None, True),
    ]
    figures = night.rows(CONSUMPTION.table)
    assert figures.select(
        "resource_action", "tenant_usage", "licence_usage"
    ).rows() == [
        ("3rd_party_executed", billable, billable + used_by_others(billable)),
        ("standard_executed", others, others + used_by_others(others)),
    ]
    assert set(figures["period_start"].dt.date()) == {date(2026, 11, 1)}
    assert set(figures["period_end"].dt.date()) == {date(2026, 11, 30)}  # lies ahead
    assert night.rows(LICENCE.table)["date"].unique().to_list() == [AS_OF]


def test_the_quota_mart_equals_the_world(night: Night, tmp_path: Path) -> None:
    """Ours up to yesterday, theirs up to now; of all the licence's tenants as well."""
    world = night.server.world
    night.read(Sources(audit_events=True, licence=True, consumption=True))
    _read_usage(night)
    used = [row for row in world.truth() if date(2026, 11, 1) <= row.date < AS_OF]
    third_party = sum(row.third_party_runs for row in used)
    billable, others = used_this_month(world)

    with _built(night, tmp_path / "warehouse.duckdb") as connection:
        rows = connection.execute(
            "select meter, quota, is_unlimited, used, unknown_billing_runs,"
            " provider_used, licence_used, covered_days"
            " from marts.quota order by meter"
        ).fetchall()
        runs, measured, received = connection.execute(
            "select count(*), count(bandwidth_in_bytes), sum(bandwidth_in_bytes)"
            " from marts.runs"
        ).fetchall()[0]

    standard = sum(row.runs for row in used) - third_party
    wide = billable + used_by_others(billable), others + used_by_others(others)
    assert third_party > 0
    assert rows == [
        ("concurrent_runs", 10, False, None, None, None, None, 0),
        ("standard_runs", None, True, standard, 0, others, wide[1], 16),
        ("third_party_runs", 5000, False, third_party, 0, billable, wide[0], 16),
    ]
    ended = night.ended(AS_OF - 89 * DAY).values()
    assert (runs, measured) == (len(ended), len(ended))
    assert received == sum(run.bytes_in for run in ended)


def _read_usage(night: Night) -> None:
    """The days of the month, as a night's extraction leaves them."""
    with night.tenant() as tenant:
        for n in range(1, 17):
            day = date(2026, 11, n)
            span = {"filter": f'date ge "{day}" and date le "{day}"'}
            pages = tenant.pages(USAGE, params={"breakdownBy": "automation", **span})
            rows = pl.concat(pages).select(*USAGE.table.columns)
            night.lake.merge(USAGE.table, "acme", day, rows)
            night.lake.cover(USAGE.table, "acme", {day: DayCoverage("complete", NOW)})


def _built(night: Night, path: Path) -> duckdb.DuckDBPyConnection:
    finance = FinanceFiles("EUR")
    with warehouse.replacing(path) as connection:
        build.build(connection, run_of(night.folder, AS_OF), finance)
    return warehouse.read(path)


def test_only_quotas_of_a_licence_are_read() -> None:
    """Other parameters have values of other shapes."""
    overview = msgspec.json.decode(
        b'{"licenseKey": "secret", "parameters": ['
        b' {"name": "qlikAlerting", "values": {"quantity": "FULL"}},'
        b' {"name": "standardAutomationRuns", "values": {"quantity": "7"}}]}',
        type=LicenceOverview,
    )

    quotas = [each for each in overview.parameters or () if each.is_quota]
    assert LICENCE.frame(quotas).rows() == [("standardAutomationRuns", 7, None, None)]


@pytest.mark.parametrize(
    "values", [{"quantity": 1.5}, {"quantity": 10**30}, [1], 7, {"unlimited": "no"}]
)
def test_quotas_go_on_without_an_odd_one(tmp_path: Path, values: Any) -> None:
    """Without what no record of ours names: the licence's key is a secret."""
    odd = {"name": "xAutomationRuns", "values": values}
    whole = {"name": "yAutomationRuns", "values": {"quantity": 7}}
    others: list[Any] = [{"name": 7}, {"name": None}, {"name": "z", "values": "x"}]
    overview = {"licenseKey": "canary", "parameters": [odd, whole, *others]}
    with serve() as script, connect(script.url) as tenant:
        script.default = page()
        script.routes[LICENCE.path] = [Answer(overview)]
        with pytest.raises(LeftOutError, match=r"licenses/overview: .*xAutomationRuns"):
            optional.read(extraction(tenant, tmp_path, QUOTAS))

    (kept,) = (tmp_path / "quarantine" / "tenant=acme").iterdir()
    assert "xAutomationRuns" in kept.read_text()
    assert "canary" not in kept.read_text()
    read = Lake(tmp_path / "lake").read(LICENCE.table, "acme", AS_OF)
    assert read["parameter"].to_list() == ["yAutomationRuns"]


def test_each_source_is_a_row_of_what_was_read(night: Night) -> None:
    """With its requests, so that the table at the end says what each of them costs."""
    night.list_runs()
    night.server.requests.clear()
    with night.tenant() as tenant:
        wanted = msgspec.structs.replace(
            QUOTAS, audit_events=True, audit_archive_from=night.server.world.start
        )
        read = extraction(tenant, night.folder, wanted)
        optional.read(read)

    listings = [one.listing for one in read.listings.outcomes]
    told = {one.source: one for one in listings}
    assert list(told) == ["audit events", "audit archive", "licence", "consumption"]
    assert told["audit events"].new > 100
    assert told["audit events"].rows > told["audit events"].new
    assert sum(one.requests for one in listings) == len(night.server.requests)
