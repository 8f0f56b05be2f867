"""Recordings of calls: written while they go on, archived after, played, listened to, deleted."""
