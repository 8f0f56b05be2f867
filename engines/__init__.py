"""Engines in a process of their own, the clients that reach it, the ladder between engines."""
