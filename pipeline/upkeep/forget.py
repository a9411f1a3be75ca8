"""`chargeback forget USER`: a person's name and address, out of everything kept.

What is to be replaced by what is noted first, readable by its owner only, and removed
last: a repeat completes what a kill interrupted. Each step leaves what it finds done.
"""

import re
from collections.abc import Iterator
from pathlib import Path

import msgspec

from pipeline import nightly
from pipeline.build import finance_files
from pipeline.closing import redaction
from pipeline.config import Run, Settings
from pipeline.endpoints import TABLES
from pipeline.errors import CheckError, ConfigError
from pipeline.files import discard, remove, replacing
from pipeline.finance import UNALLOCATED
from pipeline.formats.plurals import counted
from pipeline.lake import Lake, forgotten, present
from pipeline.lake.folders import DAMAGED
from pipeline.lake.forgotten import Forgotten
from pipeline.upkeep import person
from pipeline.upkeep.person import Person
from pipeline.upkeep.words import Words

_PLAN = Path("state") / "forgetting.json"
_MODE = 0o600

# Columns of rules that are patterns, and whether they are compared with addresses.
_PATTERNS = ("owner", "owner_email", "space", "automation")


class _Plan(msgspec.Struct, frozen=True):
    """What is not done yet."""

    users: tuple[Forgotten, ...]
    names: dict[str, str]
    addresses: dict[str, str]


def forget(run: Run, user: str) -> list[str]:
    """Take the person whose id, name or address *user* is out; a line for each step.

    Raises:
        ConfigError: Nobody or several are called so, a rule matches them by name, or
            the name is that of a cost centre.
        CheckError: Something that is kept is not as it was written.
    """
    settings = run.settings
    done = [line for plan in _pending(settings) for line in _complete(run, plan)]
    try:
        found = person.find(settings, user)
    except ConfigError:
        if done:  # it was this one, or there is nothing left of the name
            return done
        raise
    _check_rules(settings, found)
    plan = _Plan(found.users, dict(found.words.names), dict(found.words.addresses))
    with replacing(settings.data_dir / _PLAN) as partial:
        partial.touch(_MODE)
        partial.write_bytes(msgspec.json.encode(plan))
    return done + _complete(run, plan)


def _pending(settings: Settings) -> Iterator[_Plan]:
    path = settings.data_dir / _PLAN
    if path.exists():
        try:
            yield msgspec.json.decode(path.read_bytes(), type=_Plan)
        except (msgspec.DecodeError, UnicodeDecodeError, OSError) as exc:
            raise CheckError(
                f"{path}: is not as it was written\nremove it, and forget the person"
                " again: what was done before stays done"
            ) from exc


def _complete(run: Run, plan: _Plan) -> list[str]:
    """Do what *plan* says; what was done before is found to be so."""
    settings = run.settings
    words = Words(plan.names, plan.addresses)
    forgotten.add(settings.data_dir, plan.users)
    days = sum(_lake(settings, words))
    closed = redaction.redact(run, words.of_bytes)
    noted = sum(_state_files(settings, words))
    discard(settings.build)  # what was made of the lake with the name
    nightly.build(run)
    nightly.report(run)
    remove(settings.data_dir / _PLAN)
    new = sorted({*plan.names.values(), *plan.addresses.values()})
    counts = {"lake": days, "closed": closed, "noted": noted}
    files = {name: counted(count, "file") for name, count in counts.items()}
    lines = [
        f"forgotten: {', '.join(new)}",
        f"lake: {files['lake']} without the name",
        f"closed months: {files['closed']}, in the register too; amounts are as closed",
        f"notes and quarantine: {files['noted']}; warehouse and pages: made anew",
    ]
    lines += [
        f"{path}: set aside as damaged, and may name this person: delete it"
        for path in sorted(settings.lake.glob(f"*/tenant=*/date=*/*{DAMAGED}*"))
    ]
    return lines + [
        f"{path}: still names this person; it is yours, change it there"
        for path in _own_files(run)
        if words.of(path.read_text("utf-8", "ignore"))
        != path.read_text("utf-8", "ignore")
    ]


def _lake(settings: Settings, words: Words) -> Iterator[bool]:
    """Rewrite the days of the lake in which a text has one of *words*."""
    lake = Lake(settings.lake)
    for tenant in sorted(present.counted(settings)):
        for table in TABLES:
            for day in lake.days(table, tenant):
                rows = lake.stored(table, tenant, day)
                without = words.of_frame(rows)
                if without is not rows:
                    lake.store(table, tenant, day, without)
                    yield True


def _state_files(settings: Settings, words: Words) -> Iterator[bool]:
    """Rewrite notes and pages of a tenant that were refused."""
    folders = [settings.data_dir / "state", settings.quarantine]
    for folder in folders:
        for path in sorted(folder.rglob("*")):
            if path.is_file() and not path.is_symlink() and path.name != _PLAN.name:
                content = path.read_bytes()
                without = words.of_bytes(content, path.name)
                if without != content:
                    with replacing(path) as partial:
                        partial.write_bytes(without)
                    yield True


def _check_rules(settings: Settings, found: Person) -> None:
    """Refuse what would move an amount: rules that match by a word, and cost centres.

    Raises:
        ConfigError: The message names the line, and the id to write there.
    """
    files, words = finance_files(settings), found.words
    for rule in files.rules:
        for column in _PATTERNS:
            pattern = getattr(rule, column)
            if any(
                _matches(pattern, old) != _matches(pattern, words.of(old))
                for old in words.replaced
                if pattern
            ):
                ids = ", ".join(one.user_id for one in found.users)
                raise ConfigError(
                    f"{settings.charge.cost_centers}, line {rule.line}, column"
                    f" {column}: {pattern!r} takes this person's usage by name\nwrite"
                    f" owner_id = {ids} in its place, so that all amounts stay"
                )
    names = files.cost_centers | {one.cost_center for one in files.centers}
    for name in sorted(names - {UNALLOCATED}):
        if words.of(name) != name:
            raise ConfigError(
                f"{name!r} is a cost centre, whose statements have this name\n"
                "give it another one first, by its code"
            )


def _matches(pattern: str, name: str) -> bool:
    parts = map(re.escape, pattern.lower().split("*"))
    return bool(re.fullmatch(".*".join(parts), name.lower(), re.DOTALL))


def _own_files(run: Run) -> Iterator[Path]:
    """The files of the user that may name somebody: what the pipeline never writes."""
    for _, path in run.settings.charge.files:
        yield path
    if run.settings.mail and run.settings.mail.file:
        yield run.settings.mail.file
