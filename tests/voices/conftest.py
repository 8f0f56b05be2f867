"""The fixtures of a supervisor under test, and of its command line."""

from tests.supervisor.conftest import ramal, settings

__all__ = ["ramal", "settings"]
