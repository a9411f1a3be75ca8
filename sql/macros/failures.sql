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
