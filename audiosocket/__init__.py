"""The wire: AudioSocket frames, connections, the media clock, server and caller.

Knows nothing of speech, conversations or databases; depends on numpy and soxr at most.
"""
