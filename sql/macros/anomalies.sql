-- What is unusual.

-- The amount that usage must cost beyond the usual to be an anomaly: as configured,
-- else a hundredth of what the last complete month of a tenant comes to before what is
-- included, and one unit of the currency at least. An aggregate over the lines of all
-- months; greatest() passes over a null, where no month is complete.
create temp macro anomaly_floor(gross_amount, month, is_complete) as (
    coalesce(
        getvariable('anomaly_floor'),
        greatest(
            0.01 * list_sum(
                list_transform(
                    list_filter(
                        list(struct_pack(amount := gross_amount, month := month)),
                        lambda line: line.month = max(month) filter (
                            where is_complete
                            and month
                            < date_trunc('month', cast(getvariable('as_of') as date))
                        )
                    ),
                    lambda line: line.amount
                )
            ),
            1
        )
    )
);
