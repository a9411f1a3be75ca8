-- Why runs fail.

-- The cause that the error of a failed run tells of, as data/seeds has them.
create temp macro cause_of_failure(error_text) as (
    case
        when error_text is null then 'no error'
        else coalesce(
            (
                select min_by(cause, priority)
                from seed_failure_causes
                where regexp_matches(lower(error_text), pattern)
            ),
            'other'
        )
    end
);

-- What of an amount is for a part of its quantity, which may be one of several parts:
-- at most all of it, where more was listed than metered. 0 of what is not known.
create temp macro charged_part(amount, part, quantity, all_parts) as (
    cast(
        coalesce(amount * part / nullif(greatest(quantity, all_parts), 0), 0)
        as decimal(30, 6)
    )
);
