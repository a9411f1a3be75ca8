-- What a bridge tells of a change is the whole change, to the minor unit.

select
    tenant,
    month,
    cost_center,
    prior_amount,
    amount,
    price_amount,
    volume_amount,
    mix_amount,
    allocation_amount,
    fixed_amount,
    adjustment_amount
from statement_bridge
where
    price_amount
    + volume_amount
    + mix_amount
    + allocation_amount
    + fixed_amount
    + adjustment_amount
    is distinct from amount - prior_amount
