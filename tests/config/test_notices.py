"""`[checks]`, `[monitor]` and `[alerts]`: what is read, and what is refused."""

from pathlib import Path

import pytest

from pipeline.config import Settings, load
from pipeline.errors import ConfigError

TENANT = '[[tenant]]\nname = "acme"\nurl = "https://a.example"\napi_key = "env:KEY"\n'
MAIL = '[mail]\nhost = "h"\nfrom = "a@b.example"\nrecipients = ["c@d.example"]\n'
ENV = {"KEY": "key", "PING": "https://ping.example/canary", "BAD": "http://x.example"}


def settings(folder: Path, text: str) -> Settings:
    path = folder / "chargeback.toml"
    path.write_text(TENANT + text)
    return load(path, ENV)


def test_what_is_told_and_to_whom(tmp_path: Path) -> None:
    text = """
[checks]
fail_on = ["warn_days_are_missing"]
[monitor]
ping_url = "env:PING"
metrics_file = "x.prom"
[alerts]
recipients = ["it@d.example"]
webhook = "env:PING"
on = ["runs"]
"""
    read = settings(tmp_path, MAIL + text)

    assert read.fail_on == {"warn_days_are_missing"}
    assert read.monitor.ping_url == ENV["PING"]
    assert read.monitor.metrics_file == tmp_path / "x.prom"
    assert read.alerts
    assert read.alerts.recipients == ("it@d.example",)
    assert read.alerts.subjects == ("runs",)
    assert "canary" not in repr(read)


@pytest.mark.parametrize("text", ["", "[monitor]\n[alerts]\n[mail]\n[checks]\n"])
def test_without_anything_in_the_sections_nobody_is_told(
    tmp_path: Path, text: str
) -> None:
    read = settings(tmp_path, text)

    assert not read.fail_on
    assert (read.monitor.ping_url, read.alerts) == (None, None)


WRONG = {
    '[alerts]\nwebhook = "env:PING"\nquiet_hours = "8pm"': 'like "20:00-07:00"',
    '[alerts]\nwebhook = "env:PING"\ntime_zone = "Mars/Base"': "alerts.time_zone",
    "[alerts]\ncost_center_owners = true": "needs [mail]",
    '[report]\nurl = "javascript:alert(1)"': "report.url",
    '[engine]\nmemory_limit = "a lot"': 'like "25%"',
    '[files]\nmode = "0777"': 'a mode like "0600"',
    '[engine]\nmemory_limit = "much"': "engine.memory_limit",
    '[engine]\nmemory_limit = "0%"': "engine.memory_limit",
    "[engine]\nthreads = 0": "engine.threads",
    '[engine]\nfacts = "snowflake"': "engine.facts",
    '[engine]\nspark_remote = "spark://x"': "engine.spark_remote",
    '[engine]\nspark_remote = "sc://x;token=y"': "SPARK_CONNECT_AUTHENTICATE_TOKEN",
    '[engine]\nspark_remote = "sc://x"\nspark_master = "local"': "remove one of them",
    '[checks]\nfail_on = ["warn_days_missing"]': "did you mean warn_days_are_missing",
    '[checks]\nfail_on = ["assert_statement_sums_charges"]': "is not a warning",
    '[checks]\nfail_on = "x"': "checks.fail_on",
    '[monitor]\nping_url = "http://x.example"': "must begin with https",
    '[monitor]\nping_url = "env:BAD"': "must begin with https",
    '[monitor]\nping_url = "https://u:p@x.example"': "is not a URL",
    '[monitor]\nping_url = "canary"': 'use "env:NAME"',
    '[monitor]\nmetrics_file = ""': "monitor.metrics_file",
    '[alerts]\non = ["runs"]': "alerts.recipients: nobody",
    '[alerts]\nrecipients = ["a@b.example"]': "needs [mail]",
    '[alerts]\nwebhook = "env:PING"\non = ["nights"]': "alerts.on",
    '[alerts]\nwebhook = "env:PING"\nbudget_marks = [0]': "alerts.budget_marks",
}


@pytest.mark.parametrize("text", WRONG)
def test_what_cannot_be_meant_is_refused(tmp_path: Path, text: str) -> None:
    with pytest.raises(ConfigError) as caught:
        settings(tmp_path, text)

    assert WRONG[text] in str(caught.value)
    assert "canary" not in str(caught.value)
