"""Which alerts there were, and who was told: `data/state/alerts.json`.

An alert is kept until everybody was told of it, and then so that nobody is told twice.
Recipients stand there as hashes.
"""

import hashlib
import logging
from collections.abc import Callable, Collection
from datetime import datetime, timedelta
from pathlib import Path

import msgspec

from pipeline.files import read_small, replacing

log = logging.getLogger(__name__)

_FORMAT = 1
_LARGEST = 64 * 2**20
_KEPT = timedelta(days=800)


class Alert(msgspec.Struct, frozen=True):
    """What somebody should learn of: *lines*, the first a title.

    One with the same *key* is the same alert. *is_state* says that it ends, which is
    sent too. It concerns *cost_centers*, if any.
    """

    key: str
    lines: tuple[str, ...]
    since: datetime
    is_state: bool = False
    cost_centers: tuple[str, ...] = ()

    @property
    def subject(self) -> str:
        """What it is about, as `alerts.on` names figures."""
        return self.key.partition("/")[0]


class Known(msgspec.Struct):
    """An alert, the recipients that were told, and whether it is over.

    It *is_done* when all were told who were to be: who comes later does not get it.
    """

    alert: Alert
    reached: set[str] = set()
    is_over: bool = False
    is_done: bool = False


class AlertState(msgspec.Struct):
    """All alerts that are known, by key.

    *week* is the last one of which figures were sent, where they are once a week.
    """

    format: int = _FORMAT
    week: str = ""
    alerts: dict[str, Known] = {}

    def add(self, alert: Alert) -> None:
        """Add an alert, unless it is known; one that was over begins again."""
        known = self.alerts.get(alert.key)
        if known is None or (alert.is_state and known.is_over):
            self.alerts[alert.key] = Known(alert)

    def end(self, is_over: Callable[[str], bool], over: Alert) -> None:
        """End the states whose key *is_over*; who was told of one learns it."""
        ended = [
            one
            for one in self.alerts.values()
            if one.alert.is_state and not one.is_over and is_over(one.alert.key)
        ]
        for one in ended:
            one.is_over = True
        if ended:
            titles = tuple(
                f"Before: {one.alert.lines[0]} ({one.alert.since:%Y-%m-%d %H:%M} UTC)"
                for one in ended
            )
            self.add(msgspec.structs.replace(over, lines=(*over.lines, *titles)))

    def pending(
        self, recipient: str, audience: Callable[[Alert], Collection[str]]
    ) -> list[Known]:
        """What was not sent to *recipient* yet, in the order in which it happened.

        *audience* says who gets an alert.
        """
        target = hashed(recipient)
        found = [
            one
            for one in self.alerts.values()
            if not one.is_done
            and target not in one.reached
            and recipient in audience(one.alert)
        ]
        return sorted(found, key=lambda one: (one.alert.since, one.alert.key))

    def finish(self, audience: Callable[[Alert], Collection[str] | None]) -> None:
        """Take the words out of what its *audience* has: they may name people.

        A state keeps its title, which names none, for when it is over. What has an
        audience that is not known (None) is kept.
        """
        for one in self.alerts.values():
            everybody = audience(one.alert)
            if everybody is not None and set(map(hashed, everybody)) <= one.reached:
                one.is_done = True
                kept = one.alert.lines[:1] if one.alert.is_state else ()
                one.alert = msgspec.structs.replace(one.alert, lines=kept)

    def forget_old(self, now: datetime) -> None:
        """Forget alerts of events so long ago that none of them is found again."""
        for key, one in list(self.alerts.items()):
            if now - one.alert.since > _KEPT and (
                one.is_over or not one.alert.is_state
            ):
                del self.alerts[key]


def hashed(recipient: str) -> str:
    """A recipient as a name that is no address."""
    return hashlib.sha256(recipient.encode()).hexdigest()[:16]


def read(path: Path) -> AlertState:
    """The state in *path*; a new one where it is not there, or damaged."""
    try:
        state = msgspec.json.decode(read_small(path, _LARGEST), type=AlertState)
    except FileNotFoundError:
        return AlertState()
    except (OSError, msgspec.MsgspecError, UnicodeDecodeError) as exc:
        log.warning("%s: not readable, alerts may come twice: %s", path, exc)
        return AlertState()
    if state.format != _FORMAT:
        log.warning("%s: of another version, alerts may come twice", path)
        return AlertState()
    return state


def write(path: Path, state: AlertState) -> None:
    """Replace the state in *path*; one that cannot be written is a warning."""
    try:
        with replacing(path) as partial:
            partial.write_bytes(msgspec.json.format(msgspec.json.encode(state)))
    except OSError as exc:
        log.warning("%s: alerts may come twice: %s", path, exc.strerror or exc)
