"""The tenant itself: its id, which stays where its name and address change."""

from pipeline.endpoints.records import Id, Record

OWN_TENANT = "/api/v1/tenants/me"


class TenantRecord(Record):
    """The tenant of the caller."""

    id: Id
