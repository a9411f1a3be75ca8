"""Months that stand: frozen once, with a manifest, and read back as they were."""
