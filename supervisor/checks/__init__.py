"""What ``ramal doctor`` looks at: each check says what it found, and what to do where it is bad."""

from supervisor.checks.examining import examine
from supervisor.checks.finding import Finding, Status

__all__ = ["Finding", "Status", "examine"]
