"""The tables in which models read closed months, and the types of their columns."""

TABLES = {
    # The lines of every closed month, as marts.charges showed them.
    "raw_closed_charges": {
        "tenant": "varchar",
        "month": "date",
        "line": "bigint",
        "kind": "varchar",
        "cost_center": "varchar",
        "owner_id": "varchar",
        "space_id": "varchar",
        "automation_id": "varchar",
        "meter": "varchar",
        "item": "varchar",
        "tier": "integer",
        "rate_from": "date",
        "base_quantity": "decimal(38, 4)",
        "included_base_quantity": "decimal(38, 4)",
        "quantity": "decimal(38, 6)",
        "included_quantity": "decimal(38, 6)",
        "billable_quantity": "decimal(38, 6)",
        "unit": "varchar",
        "unit_price": "decimal(18, 6)",
        "gross_amount": "decimal(30, 3)",
        "included_amount": "decimal(30, 3)",
        "amount": "decimal(30, 3)",
        "currency": "varchar",
        "driver": "varchar",
        "share_ratio": "decimal(9, 6)",
        "is_of_no_tenant": "boolean",  # unknown of months that were closed before it
        "corrects_month": "date",
        "corrects_statement": "varchar",
        "cause": "varchar",
        "cause_detail": "varchar",
    },
    # The statements of every closed month, as marts.statement shows them since.
    "raw_closed_statement": {
        "tenant": "varchar",
        "month": "date",
        "cost_center": "varchar",
        "statement_number": "varchar",
        "statement_version": "integer",
        "status": "varchar",
        "is_unallocated": "boolean",
        "amount": "decimal(30, 3)",
        "usage_amount": "decimal(30, 3)",
        "fixed_amount": "decimal(30, 3)",
        "adjustment_amount": "decimal(30, 3)",
        "no_tenant_amount": "decimal(30, 3)",  # unknown likewise
        "prior_amount": "decimal(30, 3)",
        "change_amount": "decimal(30, 3)",
        "comparable_prior_amount": "decimal(30, 3)",
        "comparable_change_amount": "decimal(30, 3)",
        "budget": "decimal(30, 3)",
        "budgeted_amount": "decimal(30, 3)",
        "budget_remaining": "decimal(30, 3)",
        "ytd_amount": "decimal(30, 3)",
        "currency": "varchar",
        "closed": "boolean",
        "is_complete_month": "boolean",
        "covered_days": "bigint",
        "days_in_month": "bigint",
        "trace_query": "varchar",
        # Months that were closed without a second currency have none of these.
        "display_amount": "decimal(30, 3)",
        "display_currency": "varchar",
        "exchange_rate": "decimal(18, 10)",
        "exchange_rate_from": "date",
    },
    # What owners, spaces and automations were called on the pages of a closed month.
    # Months that were closed by earlier versions have none.
    "raw_closed_labels": {
        "tenant": "varchar",
        "month": "date",
        "dimension": "varchar",
        "entity_id": "varchar",
        "label": "varchar",
    },
    # The manifests.
    "raw_closed_months": {
        "tenant": "varchar",
        "month": "date",
        "statement_version": "integer",
        "closed_at": "timestamptz",
        "as_of": "date",
        "reason": "varchar",
        "version": "varchar",
        "revision": "varchar",
        "statements": "bigint",
        "lines": "bigint",
        "amount": "decimal(30, 3)",
        "currency": "varchar",
        "usage_days": "bigint",
        "runs_days": "bigint",
        "days_in_month": "bigint",
        "dispute_days": "bigint",
        # By an earlier version, whose rules matched ids and addresses as names.
        "matches_ids": "boolean",
    },
    # The cost centres in the rules of every closed month; see finance.TABLES.
    "raw_closed_cost_centers": {
        "tenant": "varchar",
        "month": "date",
        "cost_center": "varchar",
        "code": "varchar",
        "name": "varchar",
        "label": "varchar",
        "path": "varchar[]",
        "owner_email": "varchar",
    },
    # The notes that were frozen with a closed month, also those on other months.
    "raw_closed_notes": {
        "tenant": "varchar",
        "closed_month": "date",
        "line": "integer",
        "month": "date",
        "cost_center": "varchar",
        "kind": "varchar",
        "noted_date": "date",
        "author": "varchar",
        "note_text": "varchar",
        "tenants": "varchar[]",
    },
    # The documents that the register has, oldest first.
    "raw_register": {
        "entry": "bigint",
        "statement_number": "varchar",
        "version": "integer",
        "kind": "varchar",
        "tenant": "varchar",
        "month": "date",
        "cost_center": "varchar",
        "amount": "decimal(30, 3)",
        "currency": "varchar",
        "issued_at": "timestamptz",
        "issued_date": "date",
        "seal": "varchar",
        "reverses": "varchar",
        "reason": "varchar",
        "booked_month": "date",
        "display_amount": "decimal(30, 3)",
        "display_currency": "varchar",
    },
    # Which rules changed since a closed month was charged: what concerns a cost centre.
    "raw_rule_changes": {
        "tenant": "varchar",
        "closed_month": "date",
        "cost_center": "varchar",
        "detail": "varchar",
    },
    # The month before the running one, priced as if it had ended on the same day.
    "raw_prior_to_date": {
        "tenant": "varchar",
        "billing_month": "date",
        "cost_center": "varchar",
        "kind": "varchar",
        "owner_id": "varchar",
        "space_id": "varchar",
        "automation_id": "varchar",
        "meter": "varchar",
        "base_quantity": "decimal(38, 4)",
        "amount": "decimal(30, 3)",
    },
    # A closed month priced again: step 1 with all that finance had set, step 2 with
    # the cost centres of then and the prices and fixed costs of today.
    "raw_repriced": {
        "tenant": "varchar",
        "billing_month": "date",
        "step": "integer",
        "cost_center": "varchar",
        "kind": "varchar",
        "meter": "varchar",
        "item": "varchar",
        "base_quantity": "decimal(38, 4)",
        "amount": "decimal(30, 3)",
    },
}

# What a column was called in months that were closed before it had its name.
OLDER_NAMES = {"budget_remaining": "budget_rest"}

# What stands for a column in months that were closed before it was there.
LATER_COLUMNS = {
    "comparable_prior_amount": "prior_amount",
    "comparable_change_amount": "change_amount",
    "budgeted_amount": "budget - coalesce(budget_remaining, budget_rest)",
}
