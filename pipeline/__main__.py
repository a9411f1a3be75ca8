"""`python -m pipeline` is `chargeback`."""

from pipeline.cli.entry import main

main()
