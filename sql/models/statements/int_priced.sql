-- The currency of all amounts, if anything has a price or a month was closed.
-- grain: currency
-- conserves: nothing: it is a word, not a sum

-- No row: neither prices nor fixed amounts are set, and nothing was closed, so that
-- there is no statement.
select getvariable('currency') as currency
where
    (select count(*) from finance_rates)
    + (select count(*) from finance_fixed_costs)
    + (select count(*) from raw_closed_months)
    > 0
