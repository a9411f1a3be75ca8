-- What is set for a tenant.

-- The first day of a tenant that is charged and shown: its own, else that of all
-- tenants, else the first of the calendar.
create temp macro first_day_of(of_tenant) as (
    coalesce(
        getvariable('first_days')[of_tenant],
        getvariable('first_day'),
        cast('0001-01-01' as date)
    )
);

-- The name that a tenant had first, which orders tenants: a new name moves nothing.
create temp macro first_name_of(of_tenant) as (
    coalesce(getvariable('first_names')[of_tenant], of_tenant)
);
