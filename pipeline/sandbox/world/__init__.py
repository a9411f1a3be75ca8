"""What there is in the sandbox: a seeded world that knows its own truth."""
