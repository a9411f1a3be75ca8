"""A tenant is its id: another name does not charge it twice, nor mix it with others."""

import json
from collections.abc import Iterator
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import pytest

from pipeline.config import TenantAccess
from pipeline.errors import ConfigError
from pipeline.lake.identity import check_addresses
from pipeline.lake.tenants import KnownTenant, read, today, write
from pipeline.sandbox import SandboxServer, World
from pipeline.sandbox.api.routes import Answer
from pipeline.sandbox.http.faults import Fault
from pipeline.sandbox.http.server import Request
from tools.commands import AS_OF, KEY, Folder
from worlds.closing import FEBRUARY, Company

pytestmark = [pytest.mark.slow, pytest.mark.usefixtures("few_tables")]


def served(**options: Any) -> SandboxServer:
    now = datetime(2026, 3, 3, 2, tzinfo=UTC)
    world = World(now=now, start=date(2026, 2, 25), automations=12)
    return SandboxServer(world, api_key=KEY, **options)


@pytest.fixture
def folder(tmp_path: Path) -> Iterator[Folder]:
    with served() as server:
        folder = Folder(tmp_path, server)
        configure(folder, acme=server.url)
        result = folder.chargeback("extract", "--as-of", AS_OF)
        assert result.returncode == 0, result.stderr
        yield folder


def configure(folder: Folder, formerly: str = "", **urls: str) -> None:
    sections = "".join(
        f'[[tenant]]\nname = "{name}"\nurl = "{url}"\napi_key = "env:SANDBOX_KEY"\n'
        f"{formerly}\n"
        for name, url in urls.items()
    )
    (folder.path / "chargeback.toml").write_text(
        f"first_day = 2026-02-25\n{sections}"
        "[extract]\nrequests_per_minute = 600000\nretries = 0\n"
    )


def lake(folder: Folder) -> dict[str, bytes]:
    root = folder.path / "data/lake"
    return {
        str(p.relative_to(root)): p.read_bytes() for p in root.rglob("*") if p.is_file()
    }


def test_the_id_is_noted_with_the_name(folder: Folder) -> None:
    (known,) = json.loads((folder.path / "data/lake/tenants.json").read_text())

    assert known["name"] == "acme"
    assert len(known["id"]) == 32
    assert known["host"] == folder.server.url.removeprefix("http://")


@pytest.mark.parametrize("command", ["extract", "build", "run"])
def test_another_name_for_the_same_tenant_is_refused(
    folder: Folder, command: str
) -> None:
    before = lake(folder)
    configure(folder, renamed=folder.server.url)

    result = folder.chargeback(command, "--as-of", AS_OF)

    assert result.returncode == 2
    assert "tenant renamed: is the one that was acme before" in result.stderr
    assert 'formerly = ["acme"]' in result.stderr
    assert len(result.stderr.splitlines()) == 2
    assert lake(folder) == before


def test_another_name_and_address_are_known_by_the_id(folder: Folder) -> None:
    """As with a domain of one's own."""
    alias = folder.server.url.replace("127.0.0.1", "localhost")
    configure(folder, renamed=alias)

    result = folder.chargeback("extract", "--as-of", AS_OF)
    told = folder.chargeback("doctor")

    assert result.returncode == 2
    assert "was acme before" in result.stderr
    assert told.returncode == 2
    assert "renamed: identity: tenant renamed: is the one that was acme" in told.stdout


def test_with_formerly_the_history_goes_along(folder: Folder) -> None:
    before = lake(folder)
    configure(folder, 'formerly = ["acme"]', renamed=folder.server.url)

    built = folder.chargeback("build", "--as-of", AS_OF)
    result = folder.chargeback("extract", "--as-of", AS_OF)

    assert (built.returncode, result.returncode) == (0, 0), built.stderr
    after = lake(folder)
    known = json.loads(after.pop("tenants.json"))
    before.pop("tenants.json")
    assert after == {
        name.replace("tenant=acme", "tenant=renamed"): content
        for name, content in before.items()
    }
    assert [(one["name"], one["formerly"]) for one in known] == [("renamed", ["acme"])]


def test_two_sections_of_one_tenant_are_refused(folder: Folder) -> None:
    """By id: their addresses differ."""
    before = lake(folder)
    alias = folder.server.url.replace("127.0.0.1", "localhost")
    configure(folder, acme=folder.server.url, beta=alias)

    result = folder.chargeback("extract", "--as-of", AS_OF)

    assert result.returncode == 2
    assert "tenants acme and beta are one tenant" in result.stderr
    assert lake(folder) == before


@pytest.mark.parametrize(
    "host",
    ["acme.eu.qlikcloud.com", "ACME.eu.qlikcloud.com", "acme.eu.qlikcloud.com.:443"],
)
def test_two_sections_of_one_address_are_refused_without_asking(host: str) -> None:
    tenants = [
        TenantAccess("acme", "https://acme.eu.qlikcloud.com"),
        TenantAccess("beta", f"https://{host}"),
    ]

    check_addresses([tenants[0], TenantAccess("beta", "https://b.eu.qlikcloud.com")])
    with pytest.raises(ConfigError, match=r"acme and beta are one tenant, acme.eu"):
        check_addresses(tenants)


def test_a_name_that_was_another_tenants_is_refused(folder: Folder) -> None:
    before = lake(folder)
    with served(tenant_id="somebody-else") as other:
        configure(folder, acme=other.url)
        result = folder.chargeback("extract", "--as-of", AS_OF)
        configure(folder, 'formerly = ["acme"]', other=other.url)
        mixed = folder.chargeback("extract", "--as-of", AS_OF)

    assert (result.returncode, mixed.returncode) == (2, 2)
    assert "another tenant" in result.stderr
    assert "formerly 'acme' was another tenant" in mixed.stderr
    assert lake(folder) == before


class Saying(SandboxServer):
    """A tenant that says each of *ids* in its turn instead of its own, then its own."""

    ids: tuple[object, ...] = ()

    def reply(self, request: Request, body: bytes) -> tuple[Answer, Fault | None]:
        answer, fault = super().reply(request, body)
        if "/api/v1/tenants/" not in request.path or not answer.body or not self.ids:
            return answer, fault
        odd, *rest = self.ids
        self.ids = tuple(rest)
        return answer._replace(body=json.dumps({"id": odd}).encode()), fault


@pytest.fixture
def saying() -> Iterator[Saying]:
    now = datetime(2026, 3, 3, 2, tzinfo=UTC)
    world = World(now=now, start=date(2026, 2, 25), automations=12)
    with Saying(world, api_key=KEY) as server:
        yield server


@pytest.mark.parametrize("ids", [["x"], ["x", "y"]])
@pytest.mark.parametrize("is_first", [True, False])
def test_an_odd_id_that_is_said_once_makes_no_other_tenant(
    *, tmp_path: Path, saying: Saying, ids: list[object], is_first: bool
) -> None:
    """Neither for that run nor for those after it."""
    folder = Folder(tmp_path, saying)
    configure(folder, acme=saying.url)
    if not is_first:
        assert folder.chargeback("extract", "--as-of", AS_OF).returncode == 0
    saying.ids = tuple(ids)

    odd = folder.chargeback("extract", "--as-of", AS_OF)
    later = folder.chargeback("extract", "--as-of", AS_OF)

    assert (odd.returncode, later.returncode) == (0, 0), odd.stderr + later.stderr


def test_a_tenant_that_is_another_one_stops_no_other(
    tmp_path: Path, saying: Saying
) -> None:
    with served(tenant_id="beta") as beta:
        folder = Folder(tmp_path, beta)
        configure(folder, acme=saying.url, beta=beta.url)
        assert folder.chargeback("extract", "--as-of", AS_OF).returncode == 0
        before = lake(folder)
        saying.ids, beta.world.now = ("x",) * 9, datetime(2026, 3, 4, 2, tzinfo=UTC)

        result = folder.chargeback("extract", "--as-of", "2026-03-04")

    changed = {
        name for name, content in lake(folder).items() if before.get(name) != content
    }
    assert result.returncode == 2
    assert "tenant acme: was " in result.stderr
    assert "tenant=beta/date=2026-03-03" in " ".join(changed)
    assert not any("tenant=acme" in name for name in changed)


def test_a_tenant_of_unknown_id_is_its_host(folder: Folder) -> None:
    path = folder.path / "data/lake/tenants.json"
    (known,) = json.loads(path.read_text())
    path.write_text(json.dumps([{**known, "id": None}]))

    result = folder.chargeback("extract", "--as-of", AS_OF)

    assert result.returncode == 0, result.stderr
    assert json.loads(path.read_text()) == [known]


def test_an_older_lake_learns_who_its_tenants_are(folder: Folder) -> None:
    path = folder.path / "data/lake/tenants.json"
    before = path.read_bytes()
    path.unlink()

    result = folder.chargeback("extract", "--as-of", AS_OF)

    assert result.returncode == 0, result.stderr
    assert path.read_bytes() == before


def test_names_that_were_given_back_and_on_lead_to_todays(tmp_path: Path) -> None:
    known = [KnownTenant("c", "1", "h", ("a", "b")), KnownTenant("x", "2", "i")]
    write(tmp_path, known)

    found = read(tmp_path)

    assert list(found.values()) == known
    assert today(found, {}) == {"a": "c", "b": "c"}
    assert today(found, {"c": "d"}) == {"a": "d", "b": "d", "c": "d"}
    assert today(found, {"c": "a"}) == {"b": "a", "c": "a"}


CHARGED = """
select month, cost_center, kind, sum(amount) from charges group by all order by all
"""


@pytest.mark.whole
def test_closed_months_of_a_renamed_tenant_stay_and_are_its_own(tmp_path: Path) -> None:
    company = Company(tmp_path)
    company.start(date(2026, 2, 10))
    closed = company.close("2026-01", "2026-02-10")
    assert closed.returncode == 0, closed.stderr
    before, charged, numbers = (
        company.files(),
        company.ask(CHARGED),
        company.ask("select statement_number from statement where closed order by all"),
    )

    company.tenants = ("renamed",)
    company.configure(of_tenant='formerly = ["acme"]')
    company.build("2026-02-10")

    assert company.files() == before
    assert company.ask(CHARGED) == charged
    assert company.adjustments() == {}
    assert company.ask("select distinct tenant from charges") == [("renamed",)]
    assert company.ask("select distinct tenant from closed_months") == [("renamed",)]
    assert (
        company.ask("select statement_number from statement where closed order by all")
        == numbers
    )


def test_a_new_name_moves_no_amount_that_tenants_share(tmp_path: Path) -> None:
    """It stands with the first tenant, which the renamed one still is."""
    company = Company(tmp_path, ("acme", "beta"))
    company.start(date(2026, 2, 10))
    assert company.close("2026-01", "2026-02-10").returncode == 0
    charged = company.ask(CHARGED)

    company.tenants = ("zeta", "beta")
    company.configure()
    path = tmp_path / "chargeback.toml"
    own = 'name = "zeta"\nformerly = ["acme"]'
    path.write_text(path.read_text().replace('name = "zeta"', own))
    company.build("2026-02-10")

    assert company.ask(CHARGED) == charged
    assert company.adjustments() == {}


def test_a_tenant_that_left_keeps_what_it_was_charged(tmp_path: Path) -> None:
    company = Company(tmp_path, ("acme", "beta"))
    company.start(date(2026, 2, 10))
    company.build("2026-02-10")
    of_beta = (
        "select month, cost_center, kind, item, amount from charges"
        " where tenant = 'beta' order by all"
    )
    charged = company.ask(of_beta)

    company.tenants = ("acme",)
    company.configure()
    company.use(date(2026, 3, 1), {"a1": 3})
    company.build("2026-03-05")

    assert charged
    assert company.ask(of_beta) == charged
    assert company.ask("select max(date) from coverage where tenant = 'beta'") == [
        (date(2026, 2, 9),)
    ]
    assert company.ask("select max(month) from charges where tenant = 'beta'") == [
        (FEBRUARY,)
    ]
