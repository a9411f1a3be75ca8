"""Reads our DATEV file with a parser that others wrote, and compares the sums.

It is strict: it refuses what is no EXTF of version 700 and 13 to the field. It lives in
`.venv-datev`, since it brings pyarrow, and looks at no network.
"""

import json
import subprocess
import sys
from collections import defaultdict
from decimal import Decimal
from pathlib import Path
from tempfile import TemporaryDirectory

from worlds.export import Folder, make_folder

ROOT = Path(__file__).parents[1]
PYTHON = ROOT / ".venv-datev" / "bin" / "python"
READ = """
import json, sys
from mloda.community.feature_groups.experimental.german_ledger.datev import read_batch
_, legs = read_batch(sys.argv[1])
print(json.dumps([legs["Belegfeld 1"], legs["Konto"], list(map(str, legs["Betrag"]))]))
"""
LEDGER = """
expense_account = "6815"
clearing_account = "8990"
sending_cost_center = "900"
[cost_centers]
"CC-100 Finance" = "100"
'=CC-200 "Sales", EMEA' = "200"
"CC-300 Ops" = "300"
[tenants]
acme = "AC"
beta = "BE"
[unallocated]
account = "6999"
cost_center = "999"
[datev]
consultant = 29098
client = 55003
transfer_account = "1590"
"""


def main() -> int:
    """Print what is wrong with a closed month and with drafts; 1 if anything is."""
    wrong = []
    for closed in (True, False):
        with TemporaryDirectory() as name:
            path = Path(name)
            (path / "ledger.toml").write_text(LEDGER)
            charge = 'ledger = "ledger.toml"'
            wrong += compared(make_folder(path, closed=closed, charge=charge))
    print("\n".join(wrong) or "DATEV: read, and sums are those of the statements")
    return 1 if wrong else 0


def compared(folder: Folder) -> list[str]:
    """What the parser reads otherwise than the statements have it."""
    done = folder.export("journal", "EXTF_october.csv", "--layout", "datev")
    if done.returncode:
        return [done.stderr]
    command = [str(PYTHON), "-c", READ, str(folder.path / "EXTF_october.csv")]
    answer = subprocess.run(command, capture_output=True, text=True, check=False)
    if answer.returncode:
        return [answer.stderr]
    documents: dict[str, Decimal] = defaultdict(Decimal)
    accounts: dict[str, Decimal] = defaultdict(Decimal)
    charged: dict[str, Decimal] = defaultdict(Decimal)
    for number, account, amount in zip(*json.loads(answer.stdout), strict=True):
        documents[number] += Decimal(amount)
        accounts[account] += Decimal(amount)
        charged[number] += Decimal(amount) if account[0] == "6" else 0
    expected = folder.ask(
        "select amount from statement where month = date '2026-10-01' and amount != 0"
    )
    wrong = [f"{number}: is not balanced" for number, n in documents.items() if n]
    if accounts["1590"]:
        wrong.append(f"the transfer account keeps {accounts['1590']}")
    if sorted(charged.values()) != sorted(amount for (amount,) in expected):
        wrong.append(f"charged are {dict(charged)}, expected {expected}")
    return wrong


if __name__ == "__main__":
    sys.exit(main())
