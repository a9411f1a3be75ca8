"""`python -m pipeline` is `chargeback`."""

from pipeline.cli.commands import main

main()
