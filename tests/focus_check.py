"""What the public FOCUS validator says of our files, by the day and by the month.

They are of a month that is closed, of one that is open, of one that was reversed and
closed again, with all of its documents, of the sandbox's closed month, whose names have
letters of all kinds, and of the golden year.

A release of the validator has the rules of one version: 2.2.1 those of 1.2, 1.0.0 those
of 1.0. It has none of 1.4: of what 1.2 has too, the rules of 1.2 are asked. Each lives
in an environment of its own, since it has other versions of our libraries, and one
needs a later Python than we do. They judge a file without asking the network.

Neither looks at sums and prices: DuckDB does, of the same files.
"""

import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from xml.etree import ElementTree as ET

import duckdb

from pipeline.endpoints import AUTOMATIONS, USERS
from pipeline.lake import Lake
from tools.commands import call
from worlds import golden_year
from worlds.closing import FEBRUARY, JANUARY, RATES, Company
from worlds.export import make_folder
from worlds.lake import keep

ROOT = Path(__file__).parents[1]
LOCK = ROOT / "requirements-focus.lock"
WORLDS = ("closed", "open", "reversed", "sandbox", "golden")
ENV = {"KEY": "x", "COMPANY_KEY": "x"}

# What of FOCUS applies to us: everything but reserved capacity and discounts for
# commitments, of which there are none.
CRITERIA = (
    "ACCOUNT_NAMING_SUPPORTED,AVAILABILITY_ZONE_SUPPORTED,"
    "BILLING_BASED_ON_PROVISIONED_RESOURCES_SUPPORTED,"
    "MULTIPLE_BILLING_ACCOUNT_TYPES_SUPPORTED,MULTIPLE_PRICING_CATEGORIES_SUPPORTED,"
    "MULTIPLE_SUB_ACCOUNT_TYPES_SUPPORTED,NEGOTIATED_PRICING_SUPPORTED,"
    "PRICING_BILLING_CURRENCY_DIFFERENCES_SUPPORTED,PUBLIC_PRICE_LIST_SUPPORTED,"
    "REGION_SUPPORTED,RESOURCE_TYPE_ASSIGNMENT_SUPPORTED,SUB_ACCOUNT_SUPPORTED,"
    "TAGGING_SUPPORTED,UNIT_PRICING_SUPPORTED,USAGE_MEASUREMENT_SUPPORTED,"
    "VIRTUAL_CURRENCY_SUPPORTED"
)


# What holds of every file; rows are exceptions.
ARITHMETIC = {
    "costs sum to each statement": """
        with exported as (
            select BillingAccountId as tenant, BillingPeriodStart[:7] as period,
                ltrim(x_SubAccountId, chr(39)) as center,
                x_StatementNumber as number, x_StatementVersion as version,
                sum(BilledCost::decimal(18, 3)) as billed,
                sum(EffectiveCost::decimal(18, 3)) as effective
            from rows group by all
        ),
        stated as (
            select tenant, month[:7] as period,
                ltrim(cost_center, chr(39)) as center,
                statement_number as number, statement_version as version,
                sum(amount::decimal(18, 3)) as amount
            from statements where status != 'NO STATEMENT' group by all
        )
        from stated full join exported using (tenant, period, center, number, version)
        where amount is distinct from billed and (amount != 0 or billed is not null)
            or billed is distinct from effective
        """,
    "price times quantity is the list and the contracted cost": """
        from rows where ListUnitPrice is not null and (
            ListUnitPrice::decimal(18, 6) * PricingQuantity::decimal(18, 6)
                != ListCost::decimal(30, 12)
            or ListCost != ContractedCost or ListUnitPrice != ContractedUnitPrice
            or abs(BilledCost::decimal(18, 3) - ListCost::decimal(30, 12)) >= 0.02
        )
        """,
    "what has no price costs what is billed": """
        from rows where ListUnitPrice is null and (
            ListCost::decimal(30, 12) != BilledCost::decimal(18, 3)
            or EffectiveCost != BilledCost or PricingQuantity is not null
        )
        """,
    "periods lie within the month, but of what is corrected": """
        from rows where ChargePeriodStart >= ChargePeriodEnd
            or x_Part != 'correction' and (
                ChargePeriodStart < BillingPeriodStart
                or ChargePeriodEnd > BillingPeriodEnd
            )
        """,
}


@dataclass(frozen=True)
class Validator:
    """A release of it, in its environment; rules that are red of every right file."""

    home: Path
    packages: tuple[str, ...]
    rules: str
    options: tuple[str, ...]
    fewest: int  # of its rules that run
    known: frozenset[str]


# One of the two of InvoiceId is always red: it does not know what has an invoice.
OF_1_2 = Validator(
    ROOT / ".venv-focus",
    ("--require-hashes", "-r", str(LOCK)),
    "1.2",
    ("--block-download", "--applicability-criteria", CRITERIA),
    300,
    frozenset({"InvoiceId-C-004-C", "InvoiceId-C-005-C"}),
)
# It asks for columns by names that they do not have in the FOCUS of its version:
# InvoiceIssuerName, ProviderName, PublisherName, ResourceId, ChargeCategory.
OF_1_0 = Validator(
    ROOT / ".venv-focus-1.0",
    ("focus-validator==1.0.0", "multimethod<2"),
    "1.0",
    (),
    130,
    frozenset(
        {
            "InvoiceIssuer_Required",
            "Provider_Required",
            "Publisher_Required",
            "ResourceID_Required",
            "SkuPriceId_Nullable",
        }
    ),
)
# What 1.4 has under another name, and what is made of it.
RENAMED = ("ProviderName", "PublisherName")
OF_THEM = {
    *("BilledCost-C-000-M", "BilledCost-C-005-C"),
    *("CostAndUsage-D-021-M", "CostAndUsage-D-038-M"),
}


def main() -> int:
    """Validate files of each world and version; 1 if a rule is red that is not known.

    Arguments are the worlds, of which all are taken without any.
    """
    python = next(interpreters(), None)
    if python is None:
        print("focus-check: skipped, there is no Python 3.12 or later here")
        print("name one: make focus-check FOCUS_PYTHON=/path/to/python3.12")
        return 0
    install(OF_1_2, python)
    install(OF_1_0, sys.executable)
    wrong = 0
    with TemporaryDirectory() as root:
        for world in sys.argv[1:] or WORLDS:
            folder = Path(root) / world
            folder.mkdir()
            months = make(world, folder)
            for month in months:
                say("export", month, "--format", "csv", "--out", "csv", folder=folder)
            for version in ("1.0", "1.2", "1.4"):
                for by in ("day", "month"):
                    csv, *others = exported(folder, months, version, by)
                    name = f"{world} {version} by {by}"
                    wrong += reckon(name, csv, folder)
                    for file in (csv, *others):
                        wrong += judge(f"{name}, {file.suffix[1:]}", file, version)
    print("focus-check: nothing is red but what is known, and sums hold" * (not wrong))
    return min(wrong, 1)


def interpreters() -> Iterator[str]:
    """Those that are late enough, also where pyenv keeps them off the path."""
    pyenv = Path(os.environ.get("PYENV_ROOT", "/nonexistent"))
    kept = [str(path) for path in sorted(pyenv.glob("versions/3.*/bin/python"))]
    named = ("python3", "python3.12", "python3.13", "python3.14", "python3.15")
    probe = "import sys, venv; sys.exit(sys.version_info < (3, 12))"
    for name in (os.environ.get("FOCUS_PYTHON", ""), *named, *kept):
        if path := shutil.which(name):
            command = [path, "-c", probe]
            if not subprocess.run(command, capture_output=True, check=False).returncode:
                yield path


def install(validator: Validator, python: str) -> None:
    """Have the validator in its environment."""
    done = validator.home / ".done"
    if done.exists() and done.stat().st_mtime >= LOCK.stat().st_mtime:
        return
    print(f"focus-check: installing the validator in {validator.home.name}")
    subprocess.run([python, "-m", "venv", "--clear", validator.home], check=True)
    pip = [str(validator.home / "bin" / "python"), "-m", "pip", "install", "--quiet"]
    subprocess.run([*pip, *validator.packages], check=True)
    done.touch()


def make(world: str, folder: Path) -> list[str]:
    """A working folder that has charges; the months to export."""
    match world:
        case "closed" | "open":
            make_folder(folder, closed=world == "closed")
            return ["2026-10"]
        case "reversed":
            take_back(folder)
            return ["2026-01"]
        case "sandbox":
            for command in (("run",), ("close", "2026-10")):
                say(*command, "--as-of", "2026-11-12", "--quiet", folder=folder)
            return ["2026-10"]
    golden_year.fill(Lake(folder / "data/lake"))
    charge = "".join(
        f'{key} = "{golden_year.YEAR / key}.csv"\n'
        for key in ("cost_centers", "fixed_costs")
    )
    (folder / "chargeback.toml").write_text(
        'first_day = 2026-01-01\n[[tenant]]\nname = "acme"\nurl = "http://127.0.0.1:1"\n'
        f'api_key = "env:KEY"\n[charge]\n{charge}'
        f'rate_card = "{golden_year.FILES.rate_card}"\n'
    )
    say("build", "--quiet", folder=folder, today=f"{golden_year.AS_OF}")
    return [f"2026-{month:02}" for month in range(1, 13)]


def take_back(folder: Path) -> None:
    """A month that was closed, reversed, and closed again at another price."""
    company = Company(folder)
    company.start(FEBRUARY)
    lake = Lake(folder / "data/lake")
    names = [{"automation_id": f"a{n}", "name": f"Job {n}"} for n in (1, 2)]
    keep(lake, AUTOMATIONS.table, JANUARY, names)
    keep(lake, USERS.table, JANUARY, [{"user_id": "o1", "name": "Owner"}])
    company.close("2026-01", "2026-02-01")
    company.write("rates", RATES.replace("0.5", "0.4"))
    company.close("2026-01", "2026-02-01", "--reverse", "The price was wrong.")
    company.close("2026-01", "2026-02-01")


def say(*command: str, folder: Path, today: str = "") -> None:
    result = call(*command, folder=folder, env=ENV, today=today)
    if result.returncode:
        raise SystemExit(result.stderr)


def exported(folder: Path, months: list[str], version: str, by: str) -> list[Path]:
    """The Cost and Usage of *months*: their rows below one head; some as Parquet."""
    out = folder / f"focus-{version}-{by}"
    lines: list[bytes] = []
    for month in months:
        options = ("--focus-version", version, "--by", by, "--out", str(out))
        say("export", month, "--format", "focus", *options, "--quiet", folder=folder)
        file = out / f"chargeback-{month}-CostAndUsage.csv"
        lines += file.read_bytes().splitlines(keepends=True)[bool(lines) :]
    (out / "CostAndUsage.csv").write_bytes(b"".join(lines))
    is_both = version == "1.2" and len(months) == 1
    return [
        out / "CostAndUsage.csv",
        *(out.glob("*-CostAndUsage.parquet") if is_both else ()),
    ]


def reckon(name: str, file: Path, folder: Path) -> int:
    """Say where sums are not those of the statements, or prices not those of rows."""
    with duckdb.connect() as connection:
        connection.execute(
            "create table rows as from read_csv($1, all_varchar = true)", [str(file)]
        )
        connection.execute(
            "create table statements as from read_csv($1, all_varchar = true)",
            [f"{folder}/csv/*-statement.csv"],
        )
        found = {
            claim: connection.execute(f"{sql} limit 3").fetchall()
            for claim, sql in ARITHMETIC.items()
        }
        ((count,),) = connection.execute("select count(*) from rows").fetchall()
    wrong = {claim: rows for claim, rows in found.items() if rows}
    found_wrong = wrong or "sums and prices hold"
    print(f"{'FAIL' if wrong else 'ok  '}  {name:29}  {count} rows; {found_wrong}")
    return len(wrong)


def judge(name: str, file: Path, version: str) -> int:
    """Say what was found; 1 if it is anything that is not known."""
    validator = OF_1_0 if version == "1.0" else OF_1_2
    report = file.with_suffix(f"{file.suffix}.xml")
    # It looks for its list of currencies below the folder that it is started in.
    (packages,) = validator.home.glob("lib/python3.*/site-packages")
    command = [
        str(validator.home / "bin" / "focus-validator"),
        "--data-file",
        str(file),
    ]
    command += ["--validate-version", validator.rules, *validator.options]
    command += ["--output-type", "unittest", "--output-destination", str(report)]
    told = subprocess.run(command, cwd=packages, capture_output=True, check=False)
    if not report.exists():  # its exit code is 0 also where rules fail
        raise SystemExit(told.stderr.decode(errors="replace"))
    rules = list(ET.parse(report).getroot().iter("testcase"))  # noqa: S314 (its own)
    ran = [rule for rule in rules if rule.find("skipped") is None]
    red = {
        rule.attrib["name"].partition(" ")[0]
        for rule in ran
        if rule.find("failure") is not None or rule.find("error") is not None
    }
    renamed = {one for one in red if is_renamed(one, version)}
    known = (red & validator.known) | renamed
    is_good = red == known and len(ran) >= validator.fewest
    more = f" and {len(renamed)} of names that 1.4 changed" * bool(renamed)
    print(
        f"{'ok  ' if is_good else 'FAIL'}  {name:29}  {len(ran)} of {len(rules)} rules"
        f" of {validator.rules} ran; red as known: {', '.join(sorted(known - renamed))}"
        f"{more}; red: {', '.join(sorted(red - known)) or 'none'}",
        flush=True,
    )
    return int(not is_good)


def is_renamed(rule: str, version: str) -> bool:
    return version == "1.4" and (rule.startswith(RENAMED) or rule in OF_THEM)


if __name__ == "__main__":
    sys.exit(main())
