"""Asterisk's REST interface (ARI): a client that stays connected, and a telephone."""
