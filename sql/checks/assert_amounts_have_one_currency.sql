-- All amounts are in the currency of the configuration.
-- grain: tenant, month, currency
-- by: month of month, of all tenants

select
    tenant,
    month,
    currency,
    count(*) as lines
from charges
where currency is distinct from getvariable('currency')
group by tenant, month, currency
