-- What cost far more than usual in the last two weeks, or is new and of high cost.
-- grain: subject, tenant, dimension, entity_id, kind, since_date

select
    'anomalies' as subject,
    tenant,
    label as name,
    dimension,
    kind,
    entity_id,
    first_date as since_date,
    '' as mark_percent,
    amount,
    expected_amount as compared_amount,
    currency
from marts.anomalies
where last_date >= getvariable('mail_as_of') - interval 14 day
order by all
