"""What the public FOCUS validator says of our files.

They are of a month that is closed, of one that is open, and of one that was reversed
and closed again, with all of its documents.

It needs a later Python than we do and has other versions of our libraries, so that it
lives in `.venv-focus`. It judges each file without asking the network.
"""

import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from tempfile import TemporaryDirectory
from xml.etree import ElementTree as ET

from pipeline.endpoints import AUTOMATIONS, USERS
from pipeline.lake import Lake
from worlds.closing import FEBRUARY, JANUARY, RATES, Company
from worlds.export import make_folder
from worlds.lake import keep

ROOT = Path(__file__).parents[1]
HOME = ROOT / ".venv-focus"
LOCK = ROOT / "requirements-focus.lock"

# One of the two is always red: the validator does not know what has an invoice.
KNOWN = {"InvoiceId-C-004-C", "InvoiceId-C-005-C"}

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
FEWEST_RULES = 300


def main() -> int:
    """Validate six files; 1 if a rule fails that is not known to."""
    python = next(interpreters(), None)
    if python is None:
        print("focus-check: skipped, there is no Python 3.12 or later here")
        print("name one: make focus-check FOCUS_PYTHON=/path/to/python3.12")
        return 0
    install(python)
    is_good = True
    with TemporaryDirectory() as folder:
        for month in ("closed", "open", "reversed"):
            for file in exported(Path(folder) / month, month):
                is_good &= judge(month, file)
    return 0 if is_good else 1


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


def install(python: str) -> None:
    """Have the validator in its environment, as its lock file says."""
    done = HOME / ".done"
    if done.exists() and done.stat().st_mtime >= LOCK.stat().st_mtime:
        return
    print(f"focus-check: installing the validator in {HOME.name}")
    subprocess.run([python, "-m", "venv", "--clear", HOME], check=True)
    pip = [str(HOME / "bin" / "python"), "-m", "pip", "install", "--quiet"]
    subprocess.run([*pip, "--require-hashes", "-r", str(LOCK)], check=True)
    done.touch()


def exported(folder: Path, month: str) -> list[Path]:
    """The Cost and Usage of a small month, as CSV and as Parquet."""
    folder.mkdir()
    if month == "reversed":
        result = reversed_month(folder)
    else:
        world = make_folder(folder, closed=month == "closed")
        result = world.export("focus", "focus")
    if result.returncode:
        raise SystemExit(result.stderr)
    return sorted((folder / "focus").glob("*-CostAndUsage.*"))


def reversed_month(folder: Path) -> subprocess.CompletedProcess[str]:
    """The export of a month that was closed, reversed, and closed at another price."""
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
    return company.chargeback(
        "export", "2026-01", "--format", "focus", "--out", str(folder / "focus")
    )


def judge(month: str, file: Path) -> bool:
    """Say what was found; whether it is nothing, or what is known."""
    report = file.with_suffix(f"{file.suffix}.xml")
    # It looks for its list of currencies below the folder that it is started in.
    (packages,) = HOME.glob("lib/python3.*/site-packages")
    command = [str(HOME / "bin" / "focus-validator"), "--data-file", str(file)]
    command += ["--validate-version", "1.2", "--block-download"]
    command += ["--applicability-criteria", CRITERIA]
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
    unknown = sorted(red - KNOWN)
    is_good = not unknown and len(ran) >= FEWEST_RULES
    print(
        f"{'ok  ' if is_good else 'FAIL'}  {month:8}  {file.suffix[1:]:7}"
        f"  {len(ran)} of {len(rules)} rules ran"
        f"; red as known: {', '.join(sorted(red & KNOWN))}"
        f"; red: {', '.join(unknown) or 'none'}"
    )
    return is_good


if __name__ == "__main__":
    sys.exit(main())
