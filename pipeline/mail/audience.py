"""Who gets which alerts: all of them, or those that concern a cost centre."""

import logging
from collections.abc import Mapping
from dataclasses import dataclass

from pipeline import warehouse
from pipeline.config import Alerts, Settings
from pipeline.errors import PipelineError
from pipeline.mail import owners
from pipeline.mail.alert_state import Alert

log = logging.getLogger(__name__)

WEBHOOK = "webhook"


@dataclass(frozen=True, slots=True)
class Audience:
    """*everything* are addresses, and the webhook; *cost_centers* have addresses.

    If it *is_partial*, it is not known whose some cost centres are.
    """

    everything: tuple[str, ...]
    cost_centers: Mapping[str, tuple[str, ...]]
    is_partial: bool = False

    @property
    def by_mail(self) -> list[str]:
        """All addresses, each once."""
        of_centers = [one for each in self.cost_centers.values() for one in each]
        named = dict.fromkeys([*self.everything, *of_centers])
        return [one for one in named if one != WEBHOOK]

    def of(self, alert: Alert) -> set[str]:
        """Who gets *alert*."""
        of_centers = [self.cost_centers.get(one, ()) for one in alert.cost_centers]
        return {*self.everything, *(one for each in of_centers for one in each)}

    def is_known(self, alert: Alert) -> bool:
        """Whether `of` has all who are to get *alert*."""
        return not (self.is_partial and alert.cost_centers)


def audience(settings: Settings, alerts: Alerts) -> Audience:
    """Who gets alerts: as `[alerts]` says, and owners of cost centres if it does."""
    everything = alerts.recipients if settings.mail else ()
    if alerts.webhook:
        everything = (*everything, WEBHOOK)
    if settings.mail is None or not (alerts.cost_centers or alerts.has_owners):
        return Audience(everything, {})
    try:
        with warehouse.read(settings.warehouse, with_macros=False) as connection:
            centers = owners.read(connection)
    except PipelineError as exc:
        log.debug("alerts: owners are not known: %s", exc)
        return Audience(everything, alerts.cost_centers, is_partial=True)
    named = owners.named(alerts.cost_centers, centers)
    if alerts.has_owners:
        named = owners.with_owners(named, centers)
    return Audience(everything, named)
