"""The command line, and what it shows."""

from flows.cli.command import impact, main

__all__ = ["impact", "main"]
