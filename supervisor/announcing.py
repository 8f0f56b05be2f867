"""Sentences for whoever looks at the terminal, or reads the service's journal."""

import sys
from contextlib import suppress


def announce(sentence: str) -> None:
    """Print it on stdout, at once."""
    with suppress(BrokenPipeError):  # nobody looks any more, and calls go on all the same
        sys.stdout.write(f"{sentence}\n")
        sys.stdout.flush()
