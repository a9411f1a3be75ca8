"""Closed months: frozen once with a manifest, and read back unchanged."""
