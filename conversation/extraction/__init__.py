"""Slots by a language model, where the rules are not sure: it fills them, the flow decides."""
