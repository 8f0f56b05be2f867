"""The ``ramal`` command."""

import os
import sys

from supervisor.errors import OperatorError

INTERRUPTED = 130
"""What a shell gives a program that SIGINT ended."""


def main(arguments: list[str] | None = None) -> None:
    """Run a command and exit with its status.

    What an operator can put right is one sentence on stderr and status 1, never a traceback.
    """
    _open_standard_streams()
    from supervisor.cli.commands import app  # noqa: PLC0415

    try:
        app(arguments, prog_name="ramal")
    except OperatorError as error:
        sys.stderr.write(f"ramal: {error}\n")
    except KeyboardInterrupt:
        sys.exit(INTERRUPTED)
    sys.exit(1)


def _open_standard_streams() -> None:
    """Where whoever started us closed one, nothing that we open later may take its number."""
    for descriptor in range(3):
        try:
            os.fstat(descriptor)
        except OSError:
            os.open(os.devnull, os.O_RDWR)  # takes the lowest number that is free
    sys.stdout = sys.stdout or os.fdopen(1, "w", encoding="utf-8")
    sys.stderr = sys.stderr or os.fdopen(2, "w", encoding="utf-8")
