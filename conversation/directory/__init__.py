"""Who lives where, and which numbers to call: looked up, never read out."""

from conversation.directory.lookup import Directory, Finding, Lookup, Match
from conversation.directory.units import Resident, Unit

__all__ = ["Directory", "Finding", "Lookup", "Match", "Resident", "Unit"]
