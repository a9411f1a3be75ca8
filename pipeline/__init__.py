"""Usage analytics and chargeback for Qlik Automate."""
