"""An autumn's statements, whose they are, and what a night mails of them."""

from dataclasses import dataclass, replace
from datetime import UTC, date, datetime
from email.message import EmailMessage
from pathlib import Path
from typing import Any

import duckdb

from pipeline import mail, warehouse
from pipeline.config import Charge, Mail, Run, Settings
from worlds.report import make_warehouse

AS_OF = date(2026, 11, 24)
NOW = datetime(2026, 11, 24, 3, 30, tzinfo=UTC)
OCTOBER = date(2026, 10, 1)
FINANCE = "finance@acme.example"
ANNA = "anna@acme.example"
SALES = "sales@acme.example"


@dataclass
class Office:
    """A data folder with a warehouse, and a mail server on a port of loopback."""

    path: Path
    port: int

    @classmethod
    def of(cls, path: Path, port: int) -> "Office":
        """An office in *path*, with a warehouse of its own."""
        make_warehouse(path)
        return cls(path, port)

    @property
    def settings(self) -> Settings:
        return Settings((), self.path, charge=Charge(issuer="Group IT"))

    def mail(self, **more: Any) -> Mail:
        keys: dict[str, Any] = {
            "security": "none",
            "sender_name": "Chargeback",
            "cost_centers": {"CC-100 Finance": (ANNA,), "CC-200 Sales": (SALES,)},
            "timeout_seconds": 5,
        }
        return Mail(
            **{
                "host": "localhost",
                "port": self.port,
                "sender": "chargeback@acme.example",
                "recipients": (FINANCE,),
                **keys,
                **more,
            }
        )

    def deliver(
        self,
        as_of: date = AS_OF,
        now: datetime = NOW,
        dry_run: Path | None = None,
        **more: Any,
    ) -> None:
        settings = replace(self.settings, mail=self.mail(**more))
        mail.send(Run(settings, as_of, now), dry_run)

    def ask(self, sql: str) -> list[tuple[Any, ...]]:
        path = self.path / "warehouse.duckdb"
        with warehouse.read(path, with_macros=False) as connection:
            return connection.execute(sql).fetchall()

    def change(self, sql: str) -> None:
        """Make the warehouse what another night would have made it."""
        with duckdb.connect(self.path / "warehouse.duckdb") as connection:
            connection.execute(sql)

    def notes(self) -> dict[Path, bytes]:
        folder = self.path / "state"
        return {path: path.read_bytes() for path in folder.rglob("*") if path.is_file()}


CLOSE = """
update marts.statement
set closed = true, status = 'FINAL', statement_version = 1
where month = date '2026-10-01'
"""

MORE = """
update marts.statement
set amount = amount + 5, usage_amount = usage_amount + 5
where month = date '2026-10-01' and cost_center = 'CC-100 Finance'
"""


def body(mail: EmailMessage, kind: str) -> str:
    """The part of *kind*, plain or html."""
    part = mail.get_body((kind,))
    assert part is not None
    text: str = part.get_content()
    return text
