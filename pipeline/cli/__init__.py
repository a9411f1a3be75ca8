"""The command line: commands, their options, and what these mean."""

from pipeline.cli.entry import main

__all__ = ["main"]
