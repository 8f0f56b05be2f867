"""Every speech engine that is present, at the concurrencies of busy hours: ``make bench-speech``.

Models that are not given are made here with random weights of the real sizes: what a network
computes does not depend on its weights, so speed and memory are real, and the sound is noise.
"""
