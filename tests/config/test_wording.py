"""What the configuration's errors say: the line, the tenant, what was meant."""

from pathlib import Path

import pytest

from pipeline.config import load
from pipeline.errors import ConfigError
from tools.commands import call

TENANT = """
[[tenant]]
name = "acme"
url = "https://acme.eu.qlikcloud.com"
api_key = "env:KEY"
"""
MAIL = '[mail]\nhost = "h"\nfrom = "a@b"\nrecipients = ["c@d"]\n'


def said(folder: Path, text: str) -> str:
    path = folder / "chargeback.toml"
    path.write_text(text, encoding="utf-8")
    with pytest.raises(ConfigError) as caught:
        load(path, {"KEY": "k"})
    return str(caught.value).removeprefix(str(path))


@pytest.mark.parametrize(
    ("text", "message"),
    [
        (
            f"{TENANT}[extract]\nretries = 1\nlookbak_days = 3",
            ", line 8: extract.lookbak_days: unknown key; did you mean lookback_days?",
        ),
        (
            f"{TENANT}[extract]\nlookback-days = 3",
            ", line 7: extract.lookback-days: unknown key; did you mean lookback_days?",
        ),
        (
            f"{TENANT}[extarct]\nretries = 1",
            ", line 6: extarct: unknown key; did you mean extract?",
        ),
        (
            f"{TENANT}[report]\nretries = 1",
            (
                ", line 7: report.retries: unknown key here; it belongs into [extract]"
                " or into [bucket]"
            ),
        ),
        (
            f"{TENANT}[monitor]\nrecipients = ['a@b.example']",
            (
                ", line 7: monitor.recipients: unknown key here; it belongs into [mail]"
                " or into [alerts]"
            ),
        ),
        (
            f"{TENANT}[charge]\ncurrency = 1",
            ", line 7: charge.currency: unknown key",
        ),
        (
            f"{TENANT}[sources]\ndata_dir = 'x'",
            ", line 7: sources.data_dir: unknown key here; it belongs to the top",
        ),
        (f"{TENANT}zzzzzz = 1", ", line 6: tenant acme: zzzzzz: unknown key"),
        (
            f"{TENANT}{TENANT.replace('acme', 'beta')}first-day = 2026-01-01",
            ", line 11: tenant beta: first-day: unknown key; did you mean first_day?",
        ),
        (
            f'{TENANT}[[ tenant ]] # two\n"name" = "b"\nurl = "x"\napi_key = "env:KEY"',
            ", line 8: tenant b: url: expected one like",
        ),
        (f'{TENANT}[[tenant]]\nname = "b"', ", line 6: tenant b: url: required, not"),
        (
            f"extract.retries = -1{TENANT}",
            ", line 1: extract.retries: expected int >= 0",
        ),
        (f"extract = {{retries = -1}}{TENANT}", ", line 1: extract.retries: expected"),
        (
            f"data_dir = '''\n[extract]'''\n{TENANT}[extract]\nx.y = 1.5",
            ", line 9: extract.x: unknown key",
        ),
        (
            f"{TENANT}{MAIL}[mail.cost_centers]\n\"1000 Sales\" = ['x']",
            ": mail.cost_centers.'1000 Sales': 'x' is not an address",
        ),
        (TENANT.replace("env:", "env:NO_"), ", line 5: tenant acme: api_key: the"),
        (
            f'{TENANT}[charge]\nbudgets = "~nobody-x/b.csv"',
            ", line 7: charge.budgets: '~nobody-x/b.csv' begins with a home folder",
        ),
        (TENANT.replace("env:KEY", "file:~nobody-x/k"), "folder that is not known"),
        (f"{TENANT}\nx = 1\nx = +", "at line 8"),
    ],
)
def test_an_error_says_where_it_is(tmp_path: Path, text: str, message: str) -> None:
    assert message in said(tmp_path, text)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        (".".join(["a"] * 100_000) + " = 1", ", line 1: a key of more than 32 parts"),
        ("\n[" + ".".join(["a"] * 100_000) + "]", ", line 2: a key of more than 32"),
        ("x = {" + " . ".join(["'a'"] * 100_000) + "=1}", ", line 1: a key of more"),
        ("\n".join(f"a.b{n} = 1" for n in range(100_000)), "larger than 1,048,576"),
        ("\n".join(f"a.{n}=1" for n in range(90_000)), "more than 20,000 lines"),
        ("a" * 1_000_000, "not valid TOML"),
        ("a." * 30 + "'" * 900_000, "not valid TOML"),
    ],
    ids=["key", "table", "inline", "bytes", "lines", "word", "quotes"],
)
def test_what_would_take_minutes_is_refused(
    tmp_path: Path, text: str, message: str
) -> None:
    assert message in said(tmp_path, text)


@pytest.mark.parametrize(
    "url",
    [
        *("https://256.1.1.1", "https://1.2.3", "https://0x7f.1", "https://acme.eu:0"),
        *(" https://acme.eu", "https://acme.eu ", "acme.eu", "//acme.eu", "https:acme"),
        *("https://\u2603.eu", "https://[::1", "https://a:99999", "https://a:x"),
        *("https://", "", "file:///x", "https://\uff11\uff12\uff17.0.0.1"),
    ],
    ids=ascii,
)
def test_what_is_no_url_is_refused(tmp_path: Path, url: str) -> None:
    text = TENANT.replace("https://acme.eu.qlikcloud.com", url)

    assert ", line 4: tenant acme: url: " in said(tmp_path, text)


def test_home_and_byte_order_mark_are_read(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HOME", str(tmp_path))
    (tmp_path / "key").write_text("k")
    (tmp_path / "key").chmod(0o600)
    path = tmp_path / "sub" / "chargeback.toml"
    path.parent.mkdir()
    tenant = TENANT.replace("env:KEY", "file:~/key")
    charge = '[charge]\nbudgets = "~/budgets.csv"\nrate_card = "./~/rates.csv"'
    text = f'\ufeffdata_dir = "~/data"{tenant}{charge}'
    path.write_text(text, encoding="utf-8")

    settings = load(path, {})

    assert settings.data_dir == tmp_path / "data"
    assert settings.charge.budgets == tmp_path / "budgets.csv"
    assert settings.tenants[0].api_key == "k"


def test_an_empty_variable_is_no_configuration(tmp_path: Path) -> None:
    result = call("verify", folder=tmp_path, env={"CHARGEBACK_CONFIG": ""})

    assert result.returncode == 2
    assert "CHARGEBACK_CONFIG" in result.stderr


def test_each_error_of_the_finance_files_is_a_line(tmp_path: Path) -> None:
    rates = "meter,unit_price,currency,valid_from\n" + "x,1,EUR,2026-01-01\n" * 30
    (tmp_path / "rates.csv").write_text(rates)
    config = f'{TENANT}[charge]\nrate_card = "rates.csv"'
    (tmp_path / "chargeback.toml").write_text(config)

    result = call("build", folder=tmp_path, env={})

    assert result.returncode == 2
    lines = result.stderr.splitlines()
    assert len([one for one in lines if "rates.csv, line " in one]) == 20
    assert "and 10 more" in lines[-1]
