"""Whether a run is going to work: configuration, machine, tenants, files, mail."""

import json
import sys
import time
from collections.abc import Iterator, Mapping
from dataclasses import asdict, replace
from datetime import datetime, timedelta
from pathlib import Path

from rich.console import Console
from rich.table import Table
from rich.text import Text
from stamina.instrumentation import set_on_retry_hooks

from pipeline.config import Settings, check_holidays, load
from pipeline.doctor.bucket import bucket
from pipeline.doctor.finance import finance
from pipeline.doctor.finding import Finding, fail, ok
from pipeline.doctor.history import history
from pipeline.doctor.machine import machine
from pipeline.doctor.mail import mail, recipients
from pipeline.doctor.marts import marts
from pipeline.doctor.secrets import secrets
from pipeline.doctor.tenants import tenant
from pipeline.doctor.watchers import watchers
from pipeline.errors import ConfigError, PipelineError
from pipeline.formats.terminal import shown
from pipeline.lake.identity import check_addresses, check_former
from pipeline.lake.tenants import KnownTenant
from pipeline.lake.tenants import read as read_known
from pipeline.tenant import log_retry

__all__ = ["Finding", "diagnose", "examine"]

_STYLES = {"ok": "green", "warn": "yellow", "fail": "bold red"}
_SUBJECT_WIDTH = 24


def diagnose(
    path: Path, env: Mapping[str, str], now: datetime, *, quiet: bool, form: str
) -> int:
    """Print a line for each finding as it is made; the exit code of the first failure.

    *quiet* leaves out what is well. It is *now* when this is called.
    """
    set_on_retry_hooks([log_retry])
    code = 0
    for finding in examine(path, env, now):
        code = code or finding.exit_code
        if finding.state != "ok" or not quiet:
            _print(finding, form)
    return code


def examine(path: Path, env: Mapping[str, str], now: datetime) -> Iterator[Finding]:
    """All findings, in the order in which a run would meet the failures."""
    began = time.monotonic()
    secret_findings = list(secrets(path, env))
    try:
        settings = load(path, env)
    except ConfigError as exc:
        if not any(finding.exit_code for finding in secret_findings):
            remedy = "correct it, or begin with one that chargeback init writes"
            yield fail("configuration", exc, remedy, exc.exit_code)
        yield from secret_findings
        return
    yield ok("configuration", str(path.absolute()))
    yield from secret_findings
    yield from _holidays(settings)
    yield from machine(settings)
    yield from bucket(settings)
    yield history(settings, path)
    known: dict[str, KnownTenant] = {}
    try:
        known = read_known(settings.lake)
        check_addresses(settings.tenants)
        check_former(known, settings.tenant_names, settings.renamed)
    except PipelineError as exc:
        yield fail("tenants", exc, "", exc.exit_code)
    for access in settings.tenants:
        moment = now + timedelta(seconds=time.monotonic() - began)
        yield from tenant(access, settings.extract, moment, known)
    yield from finance(settings, now.date())
    yield from marts(settings)
    yield mail(settings.mail)
    yield from recipients(settings)
    yield from watchers(settings)


def _holidays(settings: Settings) -> Iterator[Finding]:
    """Whether the country's holidays are known, where one is configured."""
    try:
        check_holidays(settings.report.holidays)
    except ConfigError as exc:
        remedy = "correct it; until then no warehouse can be built"
        yield fail("holidays", exc, remedy, exc.exit_code)


def _print(finding: Finding, form: str) -> None:
    if form == "json":
        sys.stdout.write(json.dumps(asdict(finding)) + "\n")
        return
    finding = replace(
        finding,
        subject=shown(finding.subject),
        found=shown(finding.found),
        remedy=shown(finding.remedy),
    )
    console = Console(highlight=False)
    state = Text(finding.state.ljust(4), style=_STYLES[finding.state])
    remedy = f"\n→ {finding.remedy}" if finding.remedy else ""
    if console.is_terminal:
        line = Table.grid(padding=(0, 2))
        line.add_column(width=4)
        line.add_column(width=_SUBJECT_WIDTH, overflow="fold")
        line.add_column(overflow="fold")
        found = Text.assemble(finding.found, (remedy, "bold"))
        line.add_row(state, Text(finding.subject), found)
        console.print(line)
        return
    flat = f"{finding.subject}: {finding.found}{remedy.replace(chr(10), ' ')}"
    sys.stdout.write(f"{finding.state:<4}  {flat}\n")
