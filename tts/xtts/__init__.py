"""XTTS-v2 through coqui-tts: cloned voices, many streams on one set of weights.

Nothing here imports torch before a model is loaded: the process that only names this engine stays
as small as it was.
"""
