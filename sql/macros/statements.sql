-- What lines of statements have in common: when a rule or price holds, whose name a
-- rule means, and the query that shows what is behind a line.

-- Whether what is valid from and to these days holds on a day; without a first or a
-- last day (null) it has no end there.
create temp macro in_force(on_day, valid_from, valid_to) as (
    (valid_from is null or on_day >= valid_from)
    and (valid_to is null or on_day <= valid_to)
);

-- A name or an address as it is compared: accents may be typed as one sign or as two,
-- and letters large or small.
create temp macro as_compared(name) as (
    lower(nfc_normalize(name))
);

-- A pattern of a rule for LIKE, which has % for our *, and whose own signs are escaped.
create temp macro like_pattern(pattern) as (
    replace(regexp_replace(as_compared(pattern), '[\\%_]', '\\\0', 'g'), '*', '%')
);

-- Whether the month after this one still runs, and is compared by days.
create temp macro precedes_running(first_of_month) as (
    cast(first_of_month + interval 1 month as date)
    is not distinct from getvariable('running_month')
);

-- What the lines that hold to something come to; a true zero where none does.
create temp macro amount_of(holds, amount) as (
    to_amount(coalesce(sum(amount) filter (where holds), 0))
);

-- Where an amount stands against its budget: the first that is true.
create temp macro budget_state(budget, amount, forecast_amount, high_amount) as (
    case
        when budget is null then 'no budget'
        when amount > budget then 'over'
        when forecast_amount > budget then 'will exceed'
        when high_amount > budget then 'may exceed'
        else 'within'
    end
);

-- A text as SQL writes it, in quotes. A query may be pasted between the quotes of a
-- shell: what a shell would expand there, and what nobody sees, is written as a number.
create temp macro text_literal(value) as (
    ''''
    || case
        when
            regexp_matches(
                replace(cast(value as varchar), '''', ''''''),
                '[$`\\"!%\pC\x{2028}\x{2029}]'
            )
            then array_to_string(
                [
                    case
                        when sign = '''' then ''''''
                        when regexp_matches(sign, '[$`\\"!%\pC\x{2028}\x{2029}]')
                            then ''' || chr(' || unicode(sign) || ') || '''
                        else sign
                    end
                    for sign in regexp_extract_all(cast(value as varchar), '(?s).')
                ],
                ''
            )
        else replace(cast(value as varchar), '''', '''''')
    end
    || ''''
);

-- The query that shows what a line of a statement is made of.
create temp macro trace_of(
    tenant, month, cost_center, kind, meter, tier, rate_from, item, corrects_month,
    cause
) as (
    'select * from marts.charges where tenant = ' || text_literal(tenant)
    || ' and month = date ' || text_literal(month)
    || ' and cost_center = ' || text_literal(cost_center)
    || coalesce(' and kind = ' || text_literal(kind), '')
    || coalesce(' and meter = ' || text_literal(meter), '')
    || coalesce(' and tier = ' || tier, '')
    || coalesce(' and rate_from = date ' || text_literal(rate_from), '')
    || coalesce(' and item = ' || text_literal(item), '')
    || coalesce(' and corrects_month = date ' || text_literal(corrects_month), '')
    || coalesce(' and cause = ' || text_literal(cause), '')
);

-- Whether a fixed amount is of a tenant: it names nobody, this one, or it among others.
-- Null if the tenant is not known.
create temp macro is_of_tenant(named, listed, tenant) as (
    named in ('', tenant) or coalesce(list_contains(listed, tenant), false)
);
