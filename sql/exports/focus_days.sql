-- A line of usage by the day, in parts that sum to it; whole if no day is known.
-- grain: tenant, line, start_date
-- conserves: sum(quantity), sum(gross_amount), sum(included_amount) per tenant, line =
--   focus_resources where kind = 'usage'

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
),

-- Where rules changed within the month, the days on which the cost centre paid count.
weighted as (
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
),

divided as (
    select
        *,
        whole_part(quantity_e6, weight, sum(weight) over parts) as quantity_part,
        fraction_part(quantity_e6, weight, sum(weight) over parts) as quantity_left,
        whole_part(gross // minor, weight, sum(weight) over parts) as gross_part,
        fraction_part(gross // minor, weight, sum(weight) over parts) as gross_left,
        whole_part(included // minor, weight, sum(weight) over parts) as included_part,
        fraction_part(included // minor, weight, sum(weight) over parts)
            as included_left
    from weighted
    window parts as (partition by tenant, line)
),

shares as (
    select
        *,
        direction * largest_remainder(
            quantity_part,
            quantity_e6 - sum(quantity_part) over parts,
            row_number() over (parts order by quantity_left desc, usage_date asc)
        ) as quantity_share,
        direction * minor * largest_remainder(
            gross_part,
            gross // minor - sum(gross_part) over parts,
            row_number() over (parts order by gross_left desc, usage_date asc)
        ) as gross_share,
        direction * minor * largest_remainder(
            included_part,
            included // minor - sum(included_part) over parts,
            row_number() over (parts order by included_left desc, usage_date asc)
        ) as included_share
    from divided
    window parts as (partition by tenant, line)
)

select
    tenant,
    line,
    coalesce(usage_date, billing_month) as start_date,
    coalesce(cast(usage_date + interval 1 day as date), next_month) as end_date,
    from_e6(quantity_share) as quantity,
    cast(gross_share as decimal(38, 0)) * 0.001 as gross_amount,
    cast(included_share as decimal(38, 0)) * 0.001 as included_amount
from shares
where weight > 0
