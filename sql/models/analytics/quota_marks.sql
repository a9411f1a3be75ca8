-- When 60, 75, 90 and 100 % of the third-party runs of a period were, or will be, used.
-- grain: tenant, period_start_date, mark_percent

select
    burned.tenant,
    burned.period_start_date,
    marks.mark_percent,
    max(burned.period_end_date) as period_end_date, -- the same on all days
    max(burned.quota) as quota,
    cast(max(burned.quota) * marks.mark_percent * 0.01 as decimal(30, 2)) as mark_runs,
    min(burned.date) filter (
        where
        not burned.is_projected
        and burned.all_used * 100 >= burned.quota * marks.mark_percent
    ) as reached_date,
    -- The first day of all, if it is still to come.
    case
        when
            bool_or(
                not burned.is_projected
                and burned.all_used * 100 >= burned.quota * marks.mark_percent
            )
            then null
        else
            min(burned.date) filter (
                where burned.all_used * 100 >= burned.quota * marks.mark_percent
            )
    end as expected_date
from quota_burn_down as burned
cross join (
    values
    (cast(60 as hugeint)), (75), (90), (100)
) as marks (mark_percent)
group by burned.tenant, burned.period_start_date, marks.mark_percent
