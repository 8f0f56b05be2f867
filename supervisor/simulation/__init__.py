"""Whole calls with simulated people: the stage that the demo and ``ramal simulate`` share."""
