-- Cost centre rules take at least nine tenths of a month's charges.

select
    tenant,
    month,
    amount,
    unallocated_amount
from tenant_monthly
where unallocated_amount * 10 > amount
