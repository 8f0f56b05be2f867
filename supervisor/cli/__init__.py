"""The ``ramal`` command."""

import sys

from supervisor.errors import OperatorError

INTERRUPTED = 130
"""What a shell gives a program that SIGINT ended."""


def main(arguments: list[str] | None = None) -> None:
    """Run a command and exit with its status.

    What an operator can put right is one sentence on stderr and status 1, never a traceback.
    """
    from supervisor.cli.commands import app  # noqa: PLC0415

    try:
        app(arguments, prog_name="ramal")
    except OperatorError as error:
        sys.stderr.write(f"ramal: {error}\n")
    except KeyboardInterrupt:
        sys.exit(INTERRUPTED)
    sys.exit(1)
