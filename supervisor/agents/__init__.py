"""Agents: who may answer an extension, and how each is made ready for it."""
