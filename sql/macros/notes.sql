-- Whether the statement of a month shows a note: one of its own, or, as long as it is
-- open, one that came late to a month before, which no statement shows yet.
create temp macro is_shown_on(note_month, shown_month, statement_month, is_closed) as (
    coalesce(
        shown_month = statement_month,
        not is_closed and note_month < statement_month
    )
);
