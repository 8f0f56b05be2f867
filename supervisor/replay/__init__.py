"""Calls played again: simulated time, lines without a network, and what differs from before."""
