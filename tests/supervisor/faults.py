"""Workers with a defect: an extension's number says which, without a word of it in the program.

Python imports ``sitecustomize`` at its start; ours, in a folder at the front of ``PYTHONPATH``,
replaces the ``echo`` flow in workers by one that does harm.
"""

import os
from pathlib import Path

import pytest

_SITE = """
import sys

if "supervisor.worker" in sys.orig_argv:
    import ctypes, os
    from supervisor import flows
    from supervisor.calls import Flow

    hoard = []
    echo = flows.FLOWS["echo"].service

    async def harmful(shared, extension):
        if extension.number.startswith("66"):
            ctypes.string_at(0)  # a defect in native code: SIGSEGV
        answer = await echo(shared, extension)

        def met(connection):
            if extension.number.startswith("67"):
                os.abort()
            if extension.number.startswith("69"):
                __import__("time").sleep(600)
            if extension.number.startswith("68"):
                hoard.append(bytearray(os.urandom(2**20) * 150))
            return answer(connection)

        return met

    flows.FLOWS["echo"] = Flow(harmful)
"""
CRASHES_WHEN_OPENED = "6600"
CRASHES_WHEN_CALLED = "6700"
EATS_MEMORY_WHEN_CALLED = "6800"
"""150 MiB each time."""
HANGS_WHEN_CALLED = "6900"


def arrange_faults(folder: Path, monkeypatch: pytest.MonkeyPatch) -> str:
    """Have the echoes of these numbers do harm, in workers that start from now on; gives what
    ``PYTHONPATH`` is then."""
    site = folder / "site"
    site.mkdir()
    (site / "sitecustomize.py").write_text(_SITE)
    here = str(Path(__file__).parents[2])
    path = os.pathsep.join((str(site), here))
    monkeypatch.setenv("PYTHONPATH", path)
    return path
