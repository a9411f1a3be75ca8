-- A statement line is its price times its quantity, less than a minor unit apart.
-- grain: tenant, month, cost_center, position
-- by: month of month, of all tenants

-- In millionths of the currency times ten-thousandths of base units, exactly: the
-- rounding of a line may add or take half a minor unit, of which gross has two.
with priced as (
    select
        statement_lines.tenant,
        statement_lines.month,
        statement_lines.cost_center,
        statement_lines.position,
        statement_lines.amount,
        statement_lines.gross_amount,
        to_e6(statement_lines.unit_price)
        * to_e4(statement_lines.base_quantity - statement_lines.included_base_quantity)
            as exact_net,
        to_e6(statement_lines.unit_price)
        * to_e4(statement_lines.base_quantity) as exact_gross,
        to_e6(statement_lines.amount) * 10000 * meters.base_per_unit as charged_net,
        to_e6(statement_lines.gross_amount)
        * 10000
        * meters.base_per_unit as charged_gross,
        cast(getvariable('micros_per_minor') as hugeint)
        * 10000
        * meters.base_per_unit as minor_unit
    from statement_lines
    inner join seed_meters as meters -- lines of usage have a meter
        on statement_lines.meter = meters.meter
    where statement_lines.kind = 'usage'
)

select
    tenant,
    month,
    cost_center,
    position,
    amount,
    gross_amount
from priced
where
    2 * abs(exact_net - charged_net) > minor_unit
    or 2 * abs(exact_gross - charged_gross) > minor_unit
