"""The textfile: what the exposition format allows, whatever the names are."""

import re
from datetime import date
from pathlib import Path

import pytest

from pipeline.monitor import Gap, Listing, TenantRecord, WarningRecord, metrics
from worlds.run_records import record

LABEL = r'[a-z]+="(?:[^"\\\n]|\\[\\"n])*"'
SAMPLE = re.compile(rf"[a-z_]+(?:\{{{LABEL}(?:,{LABEL})*\}})? -?[0-9.e+]+")
TENANT = TenantRecord(
    "acme",
    requests=12,
    sources=(Listing("usage", 10, 345, 1, 0, 0, 1.5),),
    gaps=(Gap("runs", date(2026, 2, 3), date(2026, 2, 5)),),
    failure="tenant acme: no",
)


def figures(path: Path) -> dict[str, float]:
    lines = path.read_text().splitlines()
    samples = [line for line in lines if not line.startswith("#")]
    assert all(map(SAMPLE.fullmatch, samples)), lines
    names = [line.partition(" ")[0] for line in samples]
    assert len(set(names)) == len(names)
    types = [line.split()[2] for line in lines if line.startswith("# TYPE")]
    assert {re.split(r"[ {]", line)[0] for line in samples} == set(types)
    assert len(types) == len(set(types))
    return {line.rpartition(" ")[0]: float(line.rpartition(" ")[2]) for line in samples}


def test_the_figures_of_a_run_that_was_not_good(tmp_path: Path) -> None:
    path = tmp_path / "chargeback.prom"
    last, good = record(1, exit_code=3, tenants=(TENANT,)), record(25)

    metrics.write(path, last, good)

    found = figures(path)
    assert last.ended
    assert good.ended
    assert found["chargeback_run_exit_code"] == 3
    assert found["chargeback_run_timestamp_seconds"] == last.ended.timestamp()
    assert found["chargeback_run_success_timestamp_seconds"] == good.ended.timestamp()
    assert found["chargeback_run_duration_seconds"] == 60
    assert found['chargeback_run_requests{tenant="acme"}'] == 12
    assert found['chargeback_run_rows{tenant="acme",source="usage"}'] == 345
    assert found['chargeback_run_missing_days{tenant="acme",source="runs"}'] == 3
    assert found['chargeback_run_missing_days{tenant="acme",source="usage"}'] == 0
    assert found['chargeback_run_tenant_failed{tenant="acme"}'] == 1
    assert path.stat().st_mode & 0o777 == 0o644
    assert [one.name for one in tmp_path.iterdir()] == [path.name]


def test_there_is_no_success_before_the_first_one(tmp_path: Path) -> None:
    metrics.write(tmp_path / "x.prom", record(1, exit_code=4), None)

    assert "success" not in (tmp_path / "x.prom").read_text()


@pytest.mark.parametrize("name", ['a"b', "a\\b", "a\nb", "a} 1\n#", "ä"])
def test_a_name_stays_a_label(tmp_path: Path, name: str) -> None:
    warned = WarningRecord(name, 2, ("x",))

    metrics.write(tmp_path / "x.prom", record(1, warnings=(warned,)), None)

    assert 2 in figures(tmp_path / "x.prom").values()


def test_a_file_that_cannot_be_written_is_a_warning(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    (tmp_path / "file").write_text("")

    metrics.write(tmp_path / "file" / "x.prom", record(1), None)

    assert "monitor.metrics_file: " in caplog.text
