"""The commands that are ended and failed, in folders of the state before each."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, date, datetime
from pathlib import Path
from shutil import rmtree

from pipeline.sandbox import SandboxServer, World
from servers.mail import serve
from tools.commands import KEY
from worlds.closing import FEBRUARY, RATES, Company
from worlds.faults import Case

NAMES = ("run", "build", "close", "reverse", "deliver", "compact")
_NEXT = "2026-02-02"


@contextmanager
def cases(root: Path, names: tuple[str, ...] = NAMES) -> Iterator[list[Case]]:
    """The cases of these *names*, in folders of *root*."""
    world = World(
        now=datetime(2026, 2, 2, 2, tzinfo=UTC),
        start=date(2026, 1, 31),
        automations=2,
        forgets=False,
    )
    with SandboxServer(world, api_key=KEY) as server, serve() as inbox:
        made = []
        for name in names:
            folder = root / name
            folder.mkdir()
            if name == "run":
                made.append(_run(folder, server.url))
            elif name == "build":
                made.append(_build(folder))
            elif name == "compact":
                made.append(_compact(folder))
            elif name == "deliver":
                made.append(_deliver(folder, inbox.port))
                made[-1].mails = lambda: [
                    f"{to} {mail['Message-ID']}"
                    for (to, _), mail in zip(inbox.taken, inbox.mails, strict=True)
                ]
            else:
                made.append(_closing(folder, name))
        yield made


def _run(folder: Path, url: str) -> Case:
    """A second night after a first one."""
    (folder / "rates.csv").write_text(RATES)
    (folder / "chargeback.toml").write_text(f"""
first_day = 2026-01-31
[[tenant]]
name = "acme"
url = "{url}"
api_key = "env:SANDBOX_KEY"
[extract]
requests_per_minute = 600000
retries = 0
[charge]
rate_card = "rates.csv"
""")
    first = Case("run", folder, ("run",), "2026-02-01T02:00", {"SANDBOX_KEY": KEY})
    _become(first)
    return Case("run", folder, ("run",), "2026-02-02T02:00", {"SANDBOX_KEY": KEY})


def _closing(folder: Path, name: str) -> Case:
    """Two tenants' January, which is closed, or closed and then reversed."""
    company = Company(folder, ("acme", "beta"))
    company.start(FEBRUARY)
    close = ("close", "2026-01")
    env = company.env
    _become(Case("build", folder, ("build",), "2026-02-01T02:00", env))
    _become(Case("report", folder, ("report",), "2026-02-01T02:00", env))
    if name == "close":
        return Case(name, folder, close, "2026-02-01T03:00", env)
    _become(Case("close", folder, close, "2026-02-01T03:00", env))
    reverse = ("close", "--reverse", "2026-01", "a wrong price")
    return Case(name, folder, reverse, f"{_NEXT}T03:00", env)


def _compact(folder: Path) -> Case:
    """January and a part of February, which was built."""
    company = Company(folder)
    company.start(date(2026, 2, 10))
    return _of_months(company, "compact")


def _build(folder: Path) -> Case:
    """The same, of which a day of January came late."""
    company = Company(folder)
    company.start(date(2026, 2, 10))
    case = _of_months(company, "build")
    company.use(date(2026, 1, 20), {"a1": 7, "a2": 9})
    return case


def _of_months(company: Company, name: str) -> Case:
    """A command after a build, of which each month is a file."""
    made = [
        Case(one, company.path, (one,), f"2026-02-10T0{hour}:00", company.env)
        for hour, one in ((2, "build"), (3, name))
    ]
    for case in made:
        case.keeps_months = True
    _become(made[0])
    return made[1]


def _deliver(folder: Path, port: int) -> Case:
    """Statements of January for three recipients."""
    company = Company(folder)
    company.start(FEBRUARY)
    company.configure()
    text = (folder / "chargeback.toml").read_text()
    (folder / "chargeback.toml").write_text(f"""{text}
[mail]
host = "localhost"
port = {port}
security = "none"
from = "us@acme.example"
recipients = ["all@acme.example"]
cost_centers = {{ Finance = ["finance@acme.example"], Sales = ["sales@acme.example"] }}
""")
    build = Case("build", folder, ("build",), f"{_NEXT}T02:00", company.env)
    build.is_small = False
    _become(build)
    case = Case("deliver", folder, ("deliver",), f"{_NEXT}T03:00", company.env)
    case.is_small = False
    return case


def _become(case: Case) -> None:
    """Make the folder of *case* what the command makes of it."""
    case.reset()
    done = case.repeat()
    assert done.returncode == 0, done.stderr
    case.folder.rename(case.folder.with_name("before"))
    case.work.rename(case.folder)
    rmtree(case.folder.with_name("before"))
