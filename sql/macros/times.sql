-- Moments.

-- A moment as a time of UTC without a zone. `at time zone` asks a calendar for each
-- row.
create temp macro at_utc(moment) as (make_timestamp(epoch_us(moment)));

-- The first day of what is shown of runs at once: a month is made as a whole.
create temp macro first_of_concurrency(as_of) as (
    date_trunc('month', as_of - interval 92 day)
);
