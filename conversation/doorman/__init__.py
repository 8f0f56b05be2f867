"""The doorman of a condominium: asks, calls the resident, and lets in only who is authorised."""

from conversation.doorman.doorman import Doorman
from conversation.doorman.settings import DoormanSettings
from conversation.doorman.state import Outcome, Stage
from conversation.doorman.wording import TEXTS

__all__ = ["TEXTS", "Doorman", "DoormanSettings", "Outcome", "Stage"]
