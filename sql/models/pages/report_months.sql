-- A month over all tenants: what is charged and used, and how well it is founded.
-- grain: month
-- conserves: sum(amount) per month = tenant_monthly
--   where month in (select month from report_months)

with sums as (
    select
        month as billing_month,
        max(days_in_month) as days_in_month, -- they are all the same
        min(covered_days) as covered_days,
        min(listed_days) as listed_days,
        min(first_covered_date) as first_covered_date,
        max(last_covered_date) as last_covered_date,
        bool_and(is_complete) as is_complete,
        sum(runs) as runs,
        sum(third_party_runs) as third_party_runs,
        sum(failed_runs) as failed_runs,
        sum(duration_seconds) as duration_seconds,
        sum(bandwidth_in_bytes) as bandwidth_in_bytes,
        sum(bandwidth_out_bytes) as bandwidth_out_bytes,
        sum(unlisted_runs) as unlisted_runs,
        sum(unknown_billing_runs) as unknown_billing_runs,
        sum(unmetered_runs) as unmetered_runs,
        sum(runs_by_listing) as runs_by_listing,
        sum(runs_by_snapshot) as runs_by_snapshot,
        sum(runs_by_current_owner) as runs_by_current_owner
    from tenant_monthly
    group by month
    -- A month of which nothing was read has no page.
    having max(covered_days) > 0 or sum(runs) is not null
)

select
    sums.billing_month as month,
    charged.currency,
    charged.status,
    sums.billing_month < date_trunc('month', getvariable('as_of')) as has_ended,
    is_in_trends(sums.billing_month) as is_recent,
    -- The latest month that has ended; in the very first month, that one.
    row_number() over (
        order by
            sums.billing_month < date_trunc('month', getvariable('as_of')) desc,
            sums.billing_month desc
    ) = 1 as is_headline,
    earlier.days_in_month as prior_days_in_month,
    earlier.covered_days as prior_covered_days,
    sums.* exclude (billing_month), -- noqa: RF02
    to_hours(sums.duration_seconds) as duration_hours,
    to_gb(sums.bandwidth_in_bytes) as bandwidth_in_gb,
    to_gb(sums.bandwidth_out_bytes) as bandwidth_out_gb,
    charged.amount,
    charged.comparable_prior_amount,
    charged.comparable_change_amount,
    charged.budget,
    charged.budgeted_amount,
    charged.budget_remaining,
    charged.unbudgeted_amount,
    charged.unbudgeted_count,
    charged.unallocated_amount,
    to_ratio(sums.failed_runs, sums.runs) as failed_ratio,
    to_ratio(sums.runs_by_listing, sums.runs) as listing_ratio,
    to_ratio(sums.runs_by_snapshot, sums.runs) as snapshot_ratio,
    to_ratio(sums.runs_by_current_owner, sums.runs) as current_owner_ratio,
    charged.change_ratio,
    charged.unallocated_ratio
from sums
inner join _months_charged as charged -- drops nothing: it has every month
    on sums.billing_month = charged.billing_month
left join sums as earlier
    on sums.billing_month = cast(earlier.billing_month + interval 1 month as date)
