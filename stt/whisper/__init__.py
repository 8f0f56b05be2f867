"""Whisper through faster-whisper, for real calls: the ``whisper`` extra and any of its models."""

from stt.whisper.options import DEFAULT_MODEL, WhisperOptions
from stt.whisper.recogniser import WhisperRecogniser
from stt.whisper.stream import WhisperStream

__all__ = ["DEFAULT_MODEL", "WhisperOptions", "WhisperRecogniser", "WhisperStream"]
