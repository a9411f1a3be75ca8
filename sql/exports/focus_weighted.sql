-- A line of usage with a weight for each day; one without a day if none is known.
-- grain: tenant, line, usage_date

-- Whole millionths and minor units, which are divided by what each day metered. Amounts
-- of a currency that had more digits once are divided in thousandths.
with divisible as (
    select
        tenant,
        line,
        automation_id,
        owner_id,
        space_id,
        meter,
        cost_center,
        month as billing_month,
        next_month,
        direction,
        abs(to_e6(quantity)) as quantity_e6,
        abs(cast(gross_amount * 1000 as hugeint)) as gross,
        abs(cast(included_amount * 1000 as hugeint)) as included,
        case
            when
                (gross % getvariable('export_thousandths_per_minor')) = 0
                and (included % getvariable('export_thousandths_per_minor')) = 0
                then getvariable('export_thousandths_per_minor')
            else 1
        end as minor
    from focus_resources
    where kind = 'usage'
)

-- Where rules changed within the month, the days on which the cost centre paid count.
select
    divisible.*,
    weights.usage_date,
    case
        when weights.usage_date is null then 1
        when
            charged.usage_date is null
            and bool_or(charged.usage_date is not null) over parts
            then 0
        else weights.weight
    end as weight
from divisible
left join focus_weights as weights -- of a line without any the month is the part
    on
        divisible.tenant = weights.tenant
        and divisible.automation_id = weights.automation_id
        and divisible.owner_id = weights.owner_id
        and divisible.space_id = weights.space_id
        and divisible.meter = weights.meter
left join focus_charged_days as charged
    on
        weights.tenant = charged.tenant
        and divisible.cost_center = charged.cost_center
        and weights.usage_date = charged.usage_date
window parts as (partition by divisible.tenant, divisible.line)
