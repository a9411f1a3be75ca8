"""What models read of the finance files: tables, and the types of their columns."""

# Shares are whole basis points, so that 100 % is 10000.
TABLES = {
    "finance_rates": {
        "line": "integer",
        "meter": "varchar",
        "rate_from": "date",
        "valid_to": "date",
        "tier": "integer",
        "tier_from": "decimal(18, 6)",
        "unit_price": "decimal(18, 6)",
        "included": "decimal(18, 6)",
        "policy": "varchar",
        "currency": "varchar",
    },
    "finance_cost_centers": {
        "rule": "integer",
        "line": "integer",
        "priority": "integer",
        "cost_center": "varchar",
        "share_basis_points": "integer",
        "tenant": "varchar",
        "space": "varchar",
        "owner": "varchar",
        "automation": "varchar",
        "valid_from": "date",
        "valid_to": "date",
    },
    # What is known of a cost centre beside its rules; the path begins at the top.
    "finance_cost_center_details": {
        "cost_center": "varchar",
        "code": "varchar",
        "name": "varchar",
        "label": "varchar",
        "path": "varchar[]",
        "owner_email": "varchar",
    },
    "finance_fixed_costs": {
        "line": "integer",
        "item": "varchar",
        "tenant": "varchar",
        "amount": "decimal(18, 3)",
        "split": "varchar",
        "meter": "varchar",
        "valid_from": "date",
        "valid_to": "date",
    },
    "finance_fixed_shares": {
        "line": "integer",
        "cost_center": "varchar",
        "share_basis_points": "integer",
    },
    "finance_entitlements": {
        "line": "integer",
        "meter": "varchar",
        "cost_center": "varchar",
        "share_basis_points": "integer",
        "valid_from": "date",
        "valid_to": "date",
    },
    "finance_budgets": {
        "cost_center": "varchar",
        "month": "date",
        "amount": "decimal(18, 3)",
    },
}
