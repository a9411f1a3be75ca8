-- How far the included third-party runs of the running period are used up.
-- grain: tenant

with latest as (
    select burn_down.*
    from quota_burn_down as burn_down
    where getvariable('as_of') - 1 >= burn_down.period_start_date
    qualify
        burn_down.period_start_date
        = max(burn_down.period_start_date) over (partition by burn_down.tenant)
)

-- The licence is shared: what all tenants used counts against it.
select
    tenant,
    max(period_start_date) as period_start_date, -- the same for all its days
    max(period_end_date) as period_end_date,
    max(source) as source,
    max(quota) as quota,
    max(date) filter (where not is_projected) as last_date,
    max(all_used) filter (where not is_projected) as used,
    max(all_used_ratio) filter (where not is_projected) as used_ratio,
    max(all_used) as projected,
    max(all_used_ratio) as projected_ratio,
    min(date) filter (where all_used_ratio >= 1) as exhausted_date
from latest
group by tenant
