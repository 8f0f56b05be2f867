"""Cloned voices: how they are made, who speaks with them, and how they are forgotten."""
