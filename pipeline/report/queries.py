"""What pages show of the marts: a query of each, in the order in which they show it."""

# Sums and ranks are the marts'; here they are only put in order.
QUERIES = {
    "tenants": "select tenant from tenant_monthly group by tenant order by tenant",
    "months": "from report_months order by month desc",
    "cost_centers": "from report_cost_centers where tenants > 0"
    " order by is_unallocated, amount desc, cost_center",
    "rollup": "from report_cost_centers order by position",
    "rolled_up": "from cost_center_rollup order by position",
    "rankings": "from report_rankings order by position",
    "meters": "from meter_monthly order by tenant, position",
    # Over all tenants, and of the days that both sources tell of.
    "reconciliation": "select cast(date_trunc('month', date) as date) as month, metric,"
    " count(*) filter (where status = 'equal') as equal_days,"
    " count(*) filter (where status = 'differs') as differing_days,"
    " count(*) filter (where difference is null) as uncompared_days,"
    " sum(metered) filter (where difference is not null) as metered,"
    " sum(listed) filter (where difference is not null) as listed,"
    " sum(difference) as difference from reconciliation_daily"
    " group by all order by month desc, metric desc",
    "exceptions": "from checks where failing_rows > 0 order by check_name",
    "sound": "select count(*) as checks from checks where failing_rows = 0",
    "covered": "from tenant_monthly order by tenant",
    "statements": "select statement.*, label from statement inner join"
    " cost_center_rollup using (tenant, month, cost_center)"
    " order by is_unallocated, tenant, cost_center",
    # Of each month, each cost centre of it, and each statement, where a value is set.
    "worth": "select month, cost_center, tenant, count(distinct (tenant,"
    " automation_id)) filter (where automation_id != 'shared') as automations,"
    " count(distinct (tenant, automation_id)) filter (where valued_runs is not null"
    " or unknown_outcome_runs > 0) as valued_automations,"
    " sum(unknown_outcome_runs) as unknown_runs,"
    " cast(sum(saved_minutes) / 60 as decimal(30, 2)) as saved_hours,"
    " to_amount(sum(value_amount)) as value_amount, to_amount(sum(amount)) as amount,"
    " cast(to_ratio(sum(value_amount), sum(amount)) as decimal(30, 2)) as return_ratio"
    " from automation_value"
    " group by grouping sets ((month), (month, cost_center),"
    " (month, cost_center, tenant)) having valued_automations > 0",
    "lines": "from statement_lines order by position",
    # Of the months whose pages are made: there may be hundreds a statement.
    "details": "from report_statement_details where list_contains("
    "coalesce(getvariable('shown_months'), [month]), month) order by position",
    # What those that stand alone came to in all months, for bars: decimals would take
    # ten times as long.
    "detail_amounts": "select tenant, cost_center, dimension, entity_id, month,"
    " is_rest, cast(amount as double) as amount from report_statement_details where"
    " is_rest or (tenant, cost_center, dimension, entity_id) in (select (tenant,"
    " cost_center, dimension, entity_id) from report_statement_details where position"
    " <= 10 and list_contains(coalesce(getvariable('shown_months'), [month]), month))",
    "tie_out": "from tie_out order by tenant, meter",
    "bridges": "from statement_bridge",
    "causes": "from report_statement_causes order by position",
    "rules": "from cost_center_rules order by line",
    "attention": "from report_attention order by position",
    # By what is shown: rounding may set two of nearly one amount a cent the other way.
    "savings": "from report_savings"
    " order by kind, is_rest, amount desc nulls last, position",
    "scheduled": "select usage.tenant, usage.entity_id, month, usage.amount"
    " from usage_monthly as usage semi join report_savings as listed on"
    " usage.tenant = listed.tenant and usage.entity_id = listed.entity_id"
    " and listed.kind = 'schedules' where dimension = 'automation' order by month",
    "reasons": "from report_reasons order by month, kind, position",
    "forecast": "from forecast_levels where tenant = '' and cost_center = ''",
    "forecasts": "select levels.*, coalesce(label, cost_center) as label"
    " from forecast_levels as levels left join cost_centers using (cost_center)"
    " where tenant = '' and cost_center != ''"
    " order by cost_center = 'Unallocated' desc, forecast_amount desc, cost_center",
    "quota": "from report_tenants where quota is not null order by tenant",
    "marks": "from quota_marks order by tenant, mark_percent",
    "burn_down": "from quota_burn_down order by tenant, date",
    "anomalies": "from anomalies order by excess_amount desc, label, first_date",
    "documents": "from issued_statements order by entry",
    "notes": "select statement.month as statement_month, label, entries.*"
    " from statement_notes as entries inner join statement on"
    " entries.tenant = statement.tenant"
    " and entries.cost_center = statement.cost_center and is_shown_on(entries.month,"
    " shown_month, statement.month, statement.closed) inner join cost_center_rollup"
    " as rolled_up on statement.tenant = rolled_up.tenant"
    " and statement.month = rolled_up.month"
    " and statement.cost_center = rolled_up.cost_center"
    " order by entries.cost_center, entries.tenant, entries.month desc, position",
    "disputes": "select tenant, month, cost_center, max(label) as label"
    " from statement_notes inner join cost_center_rollup"
    " using (tenant, month, cost_center) where is_open"
    " group by tenant, month, cost_center order by month, cost_center, tenant",
    "closed": "from closed_months order by month desc, tenant",
    "amounts": "from report_amounts order by position, month",
    "trends": "from report_trends order by dimension, period, position, period_start",
    "to_date": "from report_month_to_date order by position",
    "movers": "from report_movers order by position",
    "durations": "from report_durations where kind = 'months' order by position",
    "buckets": "from report_durations where kind = 'buckets' order by position",
    "concurrency": "from report_concurrency"
    " qualify date > max(date) over () - 92 order by tenant, date",
    "limited": "select tenant, automation_id, label, max_concurrent_runs"
    " from automations semi join report_concurrency as waits"
    " on automations.tenant = waits.tenant"
    " and automations.automation_id = waits.longest_automation_id",
    "run_limits": "select tenant, meter, quota from quota where quota is not null"
    " and meter ilike 'maxConcurrent%' qualify date = max(date) over"
    " (partition by tenant, meter)",
    "failures": "from report_failures order by position",
    "failed_runs": "from report_runs where kind = 'failed_runs' order by position",
    "limits": "from report_runs where kind = 'near_limit' order by position",
    "automations": "from report_tenants where listed_automations is not null"
    " order by tenant",
    "connectors": "from report_connectors where kind = 'connectors' order by position",
    "connector_owners": "from report_connectors where kind = 'owners'"
    " order by position",
    "connector_days": "from report_connector_days order by position, date",
    "coverage": "from coverage where source in ('usage', 'runs')"
    " order by tenant, source desc, date_trunc('month', date) desc, date",
    # The days of a month, and of those before it that differ the last hundred.
    "reconciliation_days": "select * from reconciliation_daily qualify"
    " date > max(date) over () - 31 or (status != 'equal' and row_number() over"
    " (partition by status = 'equal' order by date desc, tenant, metric) <= 100)"
    " order by date desc, tenant, metric desc",
}

# What the pages of months show, and what is around the contents of each.
OF_MONTHS = (
    *("tenants", "months", "coverage", "covered", "closed", "documents", "notes"),
    *("cost_centers", "rollup", "rolled_up", "rankings", "meters", "reconciliation"),
    *("statements", "worth", "lines", "details", "detail_amounts", "tie_out"),
    *("bridges", "causes", "reasons", "anomalies", "forecasts"),
)

# Of many rows.
AS_TEXT = {
    "details": (
        "runs",
        "third_party_runs",
        "duration_seconds",
        "bandwidth_bytes",
        "amount",
        "prior_amount",
        "change_amount",
        "amount_ratio",
    )
}
