"""What there is in the sandbox: people, spaces, automations and their runs."""
