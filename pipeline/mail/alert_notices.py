"""What a tenant says of its sources: one that is refused, an endpoint that will end."""

from pipeline.formats.language import Language, msgid
from pipeline.mail.alert_runs import run_line
from pipeline.mail.alert_state import Alert
from pipeline.monitor import RunRecord

_TITLES = {
    "sources": msgid("%(tenant)s: %(subject)s is refused"),
    "endpoints": msgid("%(tenant)s: %(subject)s will end"),
}


def of_notices(last: RunRecord, language: Language) -> list[Alert]:
    """An alert for each source and endpoint that the *last* run met.

    A source that is refused is a state, which is over when it is read again.
    """
    return [
        Alert(
            f"{one.kind}/{one.tenant}/{one.subject}",
            (
                language.gettext(_TITLES[one.kind])
                % {"tenant": one.tenant, "subject": one.subject},
                *one.text.splitlines(),
                run_line(last, language),
            ),
            last.started,
            is_state=one.kind == "sources",
        )
        for one in last.notices
    ]


def is_read_again(key: str, last: RunRecord) -> bool:
    """Whether the source of *key*, which was refused, no more is.

    That is so if its tenant was read by the *last* run, and did not refuse it.
    """
    subject, _, rest = key.partition("/")
    if subject != "sources":
        return False
    tenant, _, source = rest.partition("/")
    whole = {one.name for one in last.tenants if not one.failure}
    named = {(one.tenant, one.subject) for one in last.notices}
    return tenant in whole and (tenant, source) not in named


def read_again(last: RunRecord, language: Language) -> Alert:
    """That sources which were refused are read again."""
    lines = (
        language.gettext("Sources are no more refused"),
        run_line(last, language),
    )
    return Alert(f"accepted/{last.id}", lines, last.ended or last.started)
