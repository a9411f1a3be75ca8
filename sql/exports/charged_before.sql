-- Cost centres without a statement of the month that were charged earlier in its year.
-- grain: tenant, cost_center

-- The last statement says what the year comes to: after it nothing was charged.
select
    tenant,
    getvariable('export_month') as month,
    cost_center,
    'NO STATEMENT' as status,
    arg_max(is_unallocated, month) as is_unallocated,
    cast(0 as decimal(30, 3)) as amount,
    arg_max(ytd_amount, month) as ytd_amount,
    max(currency) as currency -- they are all the same
from marts.statement
where
    date_trunc('year', month) = date_trunc('year', getvariable('export_month'))
    and month <= getvariable('export_month')
    and cost_center = coalesce(getvariable('export_cost_center'), cost_center)
group by tenant, cost_center
having max(month) < getvariable('export_month') and arg_max(ytd_amount, month) != 0
