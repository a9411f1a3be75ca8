-- All amounts are in the currency of the configuration.

select
    tenant,
    month,
    currency,
    count(*) as lines
from charges
where currency is distinct from getvariable('currency')
group by tenant, month, currency
