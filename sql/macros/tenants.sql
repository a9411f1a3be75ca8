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

-- The first day on which what a first snapshot says counts for charges: that of all
-- days, but not of a month that was closed without it.
create temp macro counts_from(of_tenant, of_listing, snapshot_date) as (
    least(
        snapshot_date,
        coalesce(
            list_max(
                list_transform(
                    list_filter(
                        getvariable('closed_unlisted')[of_tenant || ' ' || of_listing],
                        lambda one: one.listed_until < snapshot_date
                    ),
                    lambda one: one.next_month
                )
            ),
            cast('0001-01-01' as date)
        )
    )
);
