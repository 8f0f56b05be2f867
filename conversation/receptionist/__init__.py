"""The receptionist of a business: answers from its handbook, takes messages, transfers."""

from conversation.receptionist.handbook import Department, Fact, Handbook, Hours
from conversation.receptionist.receptionist import Receptionist, ReceptionistSettings
from conversation.receptionist.wording import TEXTS

__all__ = [
    "TEXTS",
    "Department",
    "Fact",
    "Handbook",
    "Hours",
    "Receptionist",
    "ReceptionistSettings",
]
