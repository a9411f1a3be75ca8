-- Usage and runs were read for every day before this one, after it had ended.

select
    tenant,
    date,
    source,
    status
from coverage
where
    source in ('usage', 'runs')
    and status != 'complete'
    and date < getvariable('as_of')
