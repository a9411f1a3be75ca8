"""What runs did: their records, the labels of their log lines, what was not read."""

from pipeline.monitor.labels import fields, label, labelled
from pipeline.monitor.recorder import Recorder, current
from pipeline.monitor.records import (
    ErrorRecord,
    Gap,
    Listing,
    Message,
    Records,
    RunRecord,
    Stage,
    TenantRecord,
    WarningRecord,
    read,
)

__all__ = [
    "ErrorRecord",
    "Gap",
    "Listing",
    "Message",
    "Recorder",
    "Records",
    "RunRecord",
    "Stage",
    "TenantRecord",
    "WarningRecord",
    "current",
    "fields",
    "label",
    "labelled",
    "read",
]
