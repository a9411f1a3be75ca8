-- Moments.

-- A moment as a time of UTC without a zone. `at time zone` asks a calendar for each
-- row.
create temp macro at_utc(moment) as (make_timestamp(epoch_us(moment)));
