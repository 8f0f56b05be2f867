"""The distribution's ``espeak-ng`` program, one run per text: a separate GPL-3 program."""

import shutil
import struct
import subprocess

import numpy as np

from tts.espeak_library import OnAudio, UnusableError

_BLOCK_BYTES = 8192
_RIFF_BYTES = 12
_CHUNK_BYTES = 8
_RATE_OFFSET = 4
_VERSION_DEADLINE_S = 10


class EspeakProgram:
    """``espeak-ng --stdout``; its WAV header states a false length, so it is read to its end."""

    def __init__(self) -> None:
        found = shutil.which("espeak-ng")
        if found is None:
            raise UnusableError("there is no espeak-ng program on the PATH")
        self._program = found
        self.description = _version(found)
        self.rate_hz = 22050

    def speak(
        self, text: str, voice: str, words_per_minute: int, pitch: int, on_audio: OnAudio
    ) -> None:
        """Hand the speech to ``on_audio`` as it is made, and return.

        Raises ``ValueError`` with the program's own words where it refuses (an unknown voice).
        """
        settings = ["-v", voice, "-s", str(words_per_minute), "-p", str(pitch)]
        with subprocess.Popen(  # noqa: S603
            [self._program, "--stdout", "--stdin", *settings],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
        ) as running:
            assert running.stdin and running.stdout and running.stderr
            try:
                running.stdin.write(text.encode())
                running.stdin.close()
                if self._pass_on(running, on_audio):
                    return
            finally:
                running.kill()
            complaint = running.stderr.read().decode(errors="replace").strip()
        if running.returncode > 0 or complaint:
            raise ValueError(complaint or f"espeak-ng ended with {running.returncode}")

    def phonemes(self, clause: str, voice: str, tie: str) -> str:
        """How ``clause`` is pronounced, in the International Phonetic Alphabet.

        Raises ``ValueError`` with the program's own words where it refuses (an unknown voice).
        """
        how = ["--ipa", *([f"--tie={tie}"] if tie else [])]
        try:
            ran = subprocess.run(  # noqa: S603
                [self._program, "-q", "--stdin", "-v", voice, *how],
                input=clause.encode(),
                capture_output=True,
                timeout=_VERSION_DEADLINE_S,
                check=False,
            )
        except subprocess.TimeoutExpired:
            raise ValueError("espeak-ng did not answer") from None
        if ran.returncode:
            complaint = ran.stderr.decode(errors="replace").strip()
            raise ValueError(complaint or f"espeak-ng ended with {ran.returncode}")
        return " ".join(ran.stdout.decode(errors="replace").split())

    def _pass_on(self, running: "subprocess.Popen[bytes]", on_audio: OnAudio) -> bool:
        """True once there was audio: complaints after that are of no consequence."""
        assert running.stdout
        self._skip_header(running)
        heard = False
        while block := running.stdout.read(_BLOCK_BYTES):
            heard = True
            if on_audio(np.frombuffer(block[: len(block) // 2 * 2], "<i2").astype(np.int16)):
                return True
        return heard

    def _skip_header(self, running: "subprocess.Popen[bytes]") -> None:
        assert running.stdout
        running.stdout.read(_RIFF_BYTES)
        while len(chunk := running.stdout.read(_CHUNK_BYTES)) == _CHUNK_BYTES:
            name, size = struct.unpack("<4sI", chunk)
            if name == b"data":
                return
            body = running.stdout.read(size)
            if name == b"fmt ":
                (self.rate_hz,) = struct.unpack_from("<I", body, _RATE_OFFSET)


def _version(program: str) -> str:
    """What the program says of itself. Raises :class:`UnusableError` where it does not answer."""
    try:
        said = subprocess.run(  # noqa: S603
            [program, "--version"], capture_output=True, timeout=_VERSION_DEADLINE_S, check=True
        )
    except (OSError, subprocess.SubprocessError) as failure:
        raise UnusableError(f"{program} does not run: {failure}") from failure
    return said.stdout.decode(errors="replace").split("Data")[0].strip()
