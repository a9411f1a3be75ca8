"""`chargeback.toml`, and what it says when it is wrong."""

import os
from datetime import date
from decimal import Decimal
from pathlib import Path

import pytest

from pipeline.config import Settings, holidays, load
from pipeline.config.secrets import secret
from pipeline.errors import ConfigError

TENANT = """
[[tenant]]
name = "acme"
url = "https://acme.eu.qlikcloud.com"
api_key = "env:ACME_API_KEY"
"""
BETA = """
[[tenant]]
name = "beta"
url = "https://beta.eu.qlikcloud.com"
api_key = "env:ACME_API_KEY"
"""
SECRET = "eyJ-very-secret"
HOOK = "https://chat.example/hooks/very-secret"


def settings(folder: Path, text: str) -> Settings:
    path = folder / "chargeback.toml"
    path.write_text(text, encoding="utf-8")
    env = {"ACME_API_KEY": SECRET, "HOOK": HOOK, "EMPTY": " ", "ODD": "a\nb"}
    return load(path, env)


def test_only_a_tenant_is_required(tmp_path: Path) -> None:
    read = settings(tmp_path, TENANT)

    assert read.data_dir == tmp_path / "data"
    assert read.currency == "EUR"
    assert read.extract.requests_per_minute == 450
    assert read.extract.lookback_days == 3
    assert read.extract.timeout_seconds == 30
    assert read.extract.retries == 6
    assert read.charge.files == ()
    assert read.charge.tolerance == Decimal("0.5")
    assert read.charge.anomaly_floor is None
    assert read.mail is None


def test_every_key_of_the_contract_is_read(tmp_path: Path) -> None:
    read = settings(
        tmp_path,
        """
data_dir = "/var/lib/chargeback"
currency = "JPY"
first_day = 2026-10-01
[extract]
requests_per_minute = 100
lookback_days = 5
timeout_seconds = 10
retries = 2
[charge]
rate_card = "rates.csv"
cost_centers = "cost_centers.csv"
budgets = "budgets.csv"
fixed_costs = "/etc/fixed_costs.csv"
entitlements = "entitlements.csv"
tolerance = "1.25"
anomaly_floor = 0.001
[report]
[mail]
host = "mail.acme.example"
port = 465
security = "tls"
user = "reports"
password = "env:ACME_API_KEY"
from = "Chargeback <chargeback@acme.example>"
recipients = ["finance@acme.example", "finance@ACME.example", "b@bücher.example"]
webhook = "env:HOOK"
[mail.cost_centers]
"CC-100 Finance" = ["anna@acme.example"]
[[tenant]]
name = "other"
url = "http://127.0.0.1:8765/"
oauth_client_id = "client"
oauth_client_secret = "env:ACME_API_KEY"
"""
        + TENANT,
    )

    assert [tenant.name for tenant in read.tenants] == ["other", "acme"]
    assert read.tenants[0].client_secret == SECRET
    assert read.tenants[0].url == "http://127.0.0.1:8765"
    assert read.first_day == date(2026, 10, 1)
    assert read.charge.files == (
        ("rate_card", tmp_path / "rates.csv"),
        ("cost_centers", tmp_path / "cost_centers.csv"),
        ("budgets", tmp_path / "budgets.csv"),
        ("fixed_costs", Path("/etc/fixed_costs.csv")),
        ("entitlements", tmp_path / "entitlements.csv"),
    )
    assert read.charge.tolerance == Decimal("1.25")
    assert read.charge.anomaly_floor == Decimal("0.001")
    assert read.mail is not None
    assert read.mail.sender == "chargeback@acme.example"
    assert read.mail.sender_name == "Chargeback"
    assert read.mail.recipients == ("finance@acme.example", "b@xn--bcher-kva.example")
    assert read.mail.cost_centers == {"CC-100 Finance": ("anna@acme.example",)}
    assert read.mail.password == SECRET
    assert read.mail.webhook == HOOK


def test_a_tenant_may_have_a_first_day_and_former_names(tmp_path: Path) -> None:
    own = 'first_day = 2026-11-05\nformerly = ["a", "b"]'

    read = settings(tmp_path, "first_day = 2026-10-01\n" + TENANT + own + BETA)

    assert read.first_day_of("acme") == date(2026, 11, 5)
    assert read.first_day_of("beta") == date(2026, 10, 1)
    assert read.renamed == {"a": "acme", "b": "acme"}


def test_no_secret_is_in_a_repr(tmp_path: Path) -> None:
    mail = """
[mail]
host = "h"
user = "u"
password = "env:ACME_API_KEY"
from = "a@b"
recipients = ["c@d"]
webhook = "env:HOOK"
"""

    shown = repr(settings(tmp_path, TENANT + mail))

    assert SECRET not in shown
    assert HOOK not in shown


def test_a_secret_may_be_in_a_file_beside_the_configuration(tmp_path: Path) -> None:
    (tmp_path / "key").write_text(f"{SECRET}\n")
    (tmp_path / "key").chmod(0o400)

    read = settings(tmp_path, TENANT.replace("env:ACME_API_KEY", "file:key"))

    assert read.tenants[0].api_key == SECRET


@pytest.mark.parametrize("mode", [0o640, 0o604, 0o620, 0o644])
def test_a_secret_that_others_can_read_or_change_is_refused(
    tmp_path: Path, mode: int
) -> None:
    key, text = tmp_path / "key", TENANT.replace("env:ACME_API_KEY", "file:key")
    key.write_text(SECRET)
    key.chmod(mode)

    with pytest.raises(ConfigError) as caught:
        settings(tmp_path, text)

    assert f"api_key: {key} can be read or chang" in str(caught.value)
    assert f"(mode {mode:04o})\nchmod 600 {key}; " in str(caught.value)
    assert SECRET not in str(caught.value)


def test_a_secret_that_systemd_gives_to_a_service_is_taken(tmp_path: Path) -> None:
    """Its access list shows as if the group might read it."""
    key = tmp_path / "credentials" / "key"
    key.parent.mkdir()
    key.write_text(SECRET)
    key.chmod(0o440)
    text = TENANT.replace("env:ACME_API_KEY", f"file:{key}")
    (tmp_path / "chargeback.toml").write_text(text)

    read = load(
        tmp_path / "chargeback.toml", {"CREDENTIALS_DIRECTORY": str(key.parent)}
    )

    assert read.tenants[0].api_key == SECRET


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("", "tenant: required, not set"),
        ("tenant = []", "tenant: "),
        ("currency = 5" + TENANT, "currency: expected str, got int"),
        ('currency = "EURO"' + TENANT, "currency: 'EURO' is not an ISO 4217 code"),
        ('first_day = "x"' + TENANT, "first_day: "),
        ('colour = "red"' + TENANT, "colour: unknown key"),
        (TENANT + 'key = "x"', "line 6: tenant acme: key: unknown key"),
        (TENANT + "[extract]\nretires = 3", "extract.retires: unknown key"),
        (TENANT + '[extract]\nretries = "3"', "extract.retries: expected int, got str"),
        (TENANT + "[extract]\nretries = -1", "extract.retries: expected int >= 0"),
        (TENANT + "[extract]\ntimeout_seconds = inf", "expected float <= 3600"),
        (TENANT + "[extract]\ntimeout_seconds = nan", "expected float > 0"),
        (TENANT + "[extract]\nlookback_days = 36501", "expected int <= 36500"),
        (TENANT + "[extract]\nrun_history_days = 36501", "expected int <= 36500"),
        (
            TENANT + "[extract]\nrequests_per_minute = 0",
            "requests_per_minute: expected",
        ),
        (TENANT + "[charge]\ntolerance = true", "charge.tolerance: expected decimal"),
        (TENANT + '[charge]\ntolerance = "x"', "charge.tolerance: "),
        (TENANT + "[charge]\ntolerance = 101", "charge.tolerance: expected a number"),
        (TENANT + "[charge]\ntolerance = -0.1", "from 0 to 100, "),
        (TENANT + "[charge]\ntolerance = 0.00001", "at most 4 decimals, found 0.00001"),
        (TENANT + "[charge]\ntolerance = nan", "charge.tolerance: expected a number"),
        (TENANT + "[charge]\nanomaly_floor = inf", "charge.anomaly_floor: expected a"),
        (TENANT + "[charge]\nanomaly_floor = -1", "charge.anomaly_floor: expected a"),
        (TENANT + "[charge]\nanomaly_floor = 0.0005", "at most 3 decimals"),
        (TENANT + '[files]\nmode = "0666"', "files.mode: expected a mode like"),
        (TENANT + '[files]\nmode = "0400"', "files.mode: expected a mode like"),
        (TENANT + "[files]\nmode = 600", "files.mode: expected str"),
        (TENANT + '[files]\ngroup = ""', "files.group: expected one line"),
        (TENANT + '[report]\nlocale = "xx-nope"', "report.locale: 'xx-nope'"),
        (TENANT + '[report]\nholidays = "de"', 'expected a country like "DE", or a'),
        (TENANT + '[mail]\nhost = "h"', "mail.from: required, not set"),
        (TENANT.replace("acme", "a/b", 1), ": tenant[0].name: "),
        (
            TENANT + TENANT.replace('"acme"', '"ACME"'),
            "line 8: tenant ACME: name: 'acme' is there",
        ),
        (TENANT.replace("https", "http"), "line 4: tenant acme: url: "),
        (TENANT.replace("https", "ftp"), "line 4: tenant acme: url: "),
        (TENANT.replace(".com", ".com/console"), "without path"),
        (TENANT.replace("acme.eu", "me:word@acme.eu"), "without a user"),
        (TENANT.replace(".com", ".com:port"), "line 4: tenant acme: url: "),
        (TENANT.replace("env:ACME_API_KEY", "env:NOPE"), "variable NOPE is not set"),
        (TENANT.replace("env:ACME_API_KEY", "env:EMPTY"), "the secret is empty"),
        (TENANT.replace("env:ACME_API_KEY", "env:ODD"), "odd characters"),
        (TENANT.replace("env:ACME_API_KEY", "file:none"), "No such file"),
        (TENANT.replace("env:ACME_API_KEY", "file:pipe"), "not a regular file"),
        (TENANT.replace("env:ACME_API_KEY", "file:/dev/zero"), "not a regular file"),
        (TENANT.replace("env:ACME_API_KEY", "file:/dev/tty"), "/dev/tty"),
        (TENANT.replace("env:ACME_API_KEY", "file:."), "Is a directory"),
        (TENANT.replace("env:ACME_API_KEY", "file:large"), "larger than 65,536"),
        (
            TENANT.replace('"acme"', '"acme\\n"'),
            ": tenant[0].name: expected letters, digits",
        ),
        (
            TENANT.replace('"acme"', '"acme\\u001b"'),
            ": tenant[0].name: expected letters, digits",
        ),
        (
            TENANT.replace('"acme"', '"acme\\u200b"'),
            ": tenant[0].name: expected letters, digits",
        ),
        (
            TENANT.replace('"acme"', '"acme "'),
            ": tenant[0].name: expected letters, digits",
        ),
        (TENANT.replace("api_key", "oauth_client_id"), "no credentials"),
        (TENANT + 'oauth_client_id = "x"', "not both"),
        ('data_dir = "a?b"' + TENANT, "data_dir: "),
        ('data_dir = "a\\\\b"' + TENANT, "has a \\ in its path"),
        ("[[tenant", "not valid TOML"),
        (
            TENANT + 'formerly = ["a/b"]',
            "line 6: tenant acme: formerly[0]: expected letters",
        ),
        (TENANT + 'formerly = ["Acme"]', "'Acme' is the name of a tenant that is"),
        (TENANT + 'formerly = ["b"]' + BETA + 'formerly = ["B"]', "stands with acme"),
    ],
)
def test_what_is_wrong_is_named_by_file_and_key(
    tmp_path: Path, text: str, message: str
) -> None:
    os.mkfifo(tmp_path / "pipe")
    (tmp_path / "large").write_bytes(bytes(70_000))

    with pytest.raises(ConfigError) as caught:
        settings(tmp_path, text)

    assert message in str(caught.value)
    assert "chargeback.toml" in str(caught.value)


def test_a_literal_secret_is_refused_and_not_repeated(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="env:NAME") as caught:
        settings(tmp_path, TENANT.replace("env:ACME_API_KEY", SECRET))

    assert SECRET not in str(caught.value)


def test_a_password_never_goes_over_plain_text(tmp_path: Path) -> None:
    mail = """
[mail]
host = "h"
security = "none"
password = "env:ACME_API_KEY"
from = "a@b"
recipients = ["c@d"]
"""

    with pytest.raises(ConfigError, match=r"mail\.security"):
        settings(tmp_path, TENANT + mail)


@pytest.mark.parametrize(
    ("key", "value", "words"),
    [
        ("recipients", '["finance"]', "mail.recipients: 'finance' is not an address"),
        ("recipients", "[]", "mail.recipients"),
        ("from", '"a@b\\r\\nBcc: c@d"', "mail.from"),
        ("from", '"A\\u202e <a@b>"', "mail.from"),
        ("from", '"=?u?q?=0D=0AX:?= <a@b>"', "mail.from"),
        ("recipients", '["=?u?q?=0D=0AX:?=@b"]', "is not an address"),
        ("cost_centers", '{ "CC" = ["a b@c"] }', "mail.cost_centers.'CC'"),
        ("user", '"u"', "mail.user: a user and a password"),
        ("attach", '["docx"]', "mail.attach"),
        ("timeout_seconds", "0", "mail.timeout_seconds"),
        ("webhook", '"https://chat.example/x"', "mail.webhook"),
        ("webhook", '"env:ACME_API_KEY"', "mail.webhook: the secret is not a URL"),
        ("webhook", '"file:plain"', "mail.webhook: the URL must begin with https"),
    ],
)
def test_mail_that_could_not_be_sent_is_refused(
    tmp_path: Path, key: str, value: str, words: str
) -> None:
    (tmp_path / "plain").write_text("http://chat.example/hooks/very-secret")
    (tmp_path / "plain").chmod(0o600)
    keys = {"host": '"h"', "from": '"a@b"', "recipients": '["c@d"]', key: value}
    mail = "".join(f"{name} = {given}\n" for name, given in keys.items())

    with pytest.raises(ConfigError) as caught:
        settings(tmp_path, f"{TENANT}[mail]\n{mail}")

    assert words in str(caught.value)
    assert "very-secret" not in str(caught.value)


def test_a_webhook_on_loopback_may_be_plain_http(tmp_path: Path) -> None:
    (tmp_path / "hook").write_text("http://127.0.0.1:8080/x")
    (tmp_path / "hook").chmod(0o600)
    mail = '[mail]\nhost = "h"\nfrom = "a@b"\nrecipients = ["c@d"]\n'

    read = settings(tmp_path, f'{TENANT}{mail}webhook = "file:hook"\n')

    assert read.mail is not None
    assert read.mail.webhook == "http://127.0.0.1:8080/x"


def test_a_missing_file_is_named(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match=r"nope\.toml: no such file"):
        load(tmp_path / "nope.toml", {})


def test_a_configuration_that_does_not_end_is_refused() -> None:
    with pytest.raises(ConfigError, match=r"/dev/zero: larger than 1,048,576 bytes"):
        load(Path("/dev/zero"), {})


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("x = " + "[" * 100_000, "not valid TOML: nested too deep"),
        ("x = " + "9" * 5000, "not valid TOML: Exceeds the limit"),
        ('data_dir = "a\\u0000b"', "data_dir: holds a line break or a control"),
        ('data_dir = "a\\nb"', "data_dir: holds a line break"),
        ('[mail.cost_centers]\n"a\\u001b" = ["a@b.c"]', "mail: required|mail.host"),
        ('data_dir = "/dev/null"', "/dev/null is a file; name a folder"),
        (f'data_dir = "{"x" * 300}"', "File name too long"),
    ],
    ids=lambda text: text[:20],
)
def test_what_no_file_can_mean_is_refused(tmp_path: Path, text: str, said: str) -> None:
    with pytest.raises(ConfigError, match=said):
        settings(tmp_path, f"{text}\n{TENANT}")


@pytest.mark.parametrize("end", ["\n", "\r\n"])
def test_an_editor_of_windows_may_have_saved_it(tmp_path: Path, end: str) -> None:
    read = settings(tmp_path, "\N{BYTE ORDER MARK}" + TENANT.replace("\n", end))

    assert read.tenant_names == ("acme",)


NO_HOSTS = [
    "xn--a",
    "a" * 64,
    "../x",
    "\N{RIGHT-TO-LEFT OVERRIDE}x",
    "a..b",
    "-",
    "a b",
]


@pytest.mark.parametrize("host", NO_HOSTS, ids=ascii)
def test_what_is_no_name_of_a_host_is_refused(tmp_path: Path, host: str) -> None:
    mail = f'[mail]\nhost = "{host}"\nfrom = "a@b.c"\nrecipients = ["a@b.c"]\n'
    tenant = TENANT.replace("acme.eu.qlikcloud.com", host)

    with pytest.raises(ConfigError, match=r"mail\.host: "):
        settings(tmp_path, TENANT + mail)
    with pytest.raises(ConfigError, match="line 4: tenant acme: url: "):
        settings(tmp_path, tenant)


@pytest.mark.parametrize(
    "host", ["zürich.example", "mail_1.example.", "::1", "10.0.0.1"]
)
def test_a_mail_server_may_be_a_name_of_any_alphabet_or_an_address(
    tmp_path: Path, host: str
) -> None:
    mail = f'[mail]\nhost = "{host}"\nfrom = "a@b.c"\nrecipients = ["a@b.c"]\n'

    read = settings(tmp_path, TENANT + mail).mail

    assert read is not None
    assert read.host == host


@pytest.mark.parametrize(
    "day", ["0001-01-01", "1970-01-01", "2014-12-31", "9999-12-31"]
)
@pytest.mark.parametrize(
    "text",
    [
        "first_day = {0}\n" + TENANT,
        TENANT + "first_day = {0}",
        TENANT + "[sources]\naudit_events = true\naudit_archive_from = {0}",
    ],
    ids=["first_day", "of a tenant", "archive"],
)
def test_a_day_that_cannot_be_meant_is_refused(
    tmp_path: Path, text: str, day: str
) -> None:
    with pytest.raises(ConfigError, match=rf": {day} is no day from 2015-01-01 on"):
        settings(tmp_path, text.format(day))


@pytest.mark.parametrize(
    "key", ["eyJhbGciOiJFUzM4NCJ9.e30.c2lnbmF0dXJl", "k-9/+=", "a" * 65]
)
def test_a_key_that_is_taken_for_a_variable_is_not_repeated(
    tmp_path: Path, key: str
) -> None:
    with pytest.raises(ConfigError, match="api_key: its variable is not set") as caught:
        settings(tmp_path, TENANT.replace("ACME_API_KEY", key))

    assert key not in str(caught.value)


def test_a_key_file_that_is_denied_says_to_whom_and_one_that_is_missing_does_not(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def denied(*_: object) -> bytes:
        raise PermissionError(13, "Permission denied")

    where = f"{tmp_path}: tenant[0].api_key"
    with pytest.raises(ConfigError, match=r"No such file.*\nwrite the secret into it"):
        secret(where, "file:key", tmp_path / "x.toml", {})
    monkeypatch.setattr("pipeline.config.secrets.read_small", denied)
    with pytest.raises(ConfigError, match=r"Permission denied\nlet .* read it: chown"):
        secret(where, "file:key", tmp_path / "x.toml", {})


def test_holidays_are_those_of_the_country_and_of_its_part() -> None:
    first, last = date(2026, 12, 1), date(2027, 1, 31)
    corpus_christi = date(2026, 6, 4)

    assert date(2027, 1, 1) in holidays("DE", first, last)
    assert corpus_christi not in holidays("DE", first, last)
    assert corpus_christi in holidays("DE-BY", first, last)
    assert holidays(None, first, last) == []


@pytest.mark.parametrize(
    ("written", "words"),
    [
        ("DX", "'DX' is not a country whose .* with D are DE, DJ, DK, DM, DO, DZ"),
        ("DE-ZZ", "'ZZ' is not a part of DE .* expected BB, BE, BW, BY"),
        ("VA-1", "'1' is not a part of VA .* expected none"),
    ],
)
def test_holidays_that_nobody_knows_are_refused(written: str, words: str) -> None:
    with pytest.raises(ConfigError, match=f"report.holidays: {words}"):
        holidays(written, date(2026, 1, 1), date(2026, 1, 2))
