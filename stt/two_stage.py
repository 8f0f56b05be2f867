"""The default detector: a cheap gate that is nearly free on a silent line, silero behind it.

The gate opens when a frame has more power than the line's background and WebRTC's detector calls
it voice. Silero is asked only while it is open, decides whether the sound is speech, and the gate's
power measure dates the end of it, because silero's own answer fades 100-250 ms too late.
"""

from dataclasses import dataclass

import webrtcvad

from stt.noise import NoiseFloor, decibels
from stt.silero_vad import SileroLine, SileroModel
from stt.vad import FRAME_MS, FRAME_SAMPLES, RATE_HZ, Samples
from stt.webrtc_vad import STRICTEST


@dataclass(frozen=True, slots=True)
class TwoStageThresholds:
    """When the gate opens, when silero is believed, and when a sound is over.

    The numbers were chosen by running ``bench/vad.py`` with others: espeak-ng speech in six kinds
    of noise over G.711, and ten sounds alone. That is not human speech, and no street; whoever
    has real calls should tune on them.
    """

    open_db: float = 5.0
    """Above the background; a 20 ms frame of steady noise swings by about 2 dB. With 4 the gate
    opens on half as much babble again, and nothing is heard earlier. (Silero does not hold the
    gate open: it believes in voices however far away.)"""
    hold_ms: int = 300
    """How long the gate stays open after its last frame: longer than any stop inside a word."""
    onset: float = 0.5
    """Silero's probability that starts speech; its authors' choice. Over five noises at 10 and
    20 dB, 0.4 starts 4 ms sooner and is wrong half as often again; 0.6 starts 5 ms later."""
    release: float = 0.45
    """... and below which it is over. Silero fades slowly: 0.35 dates the end in noise 40 ms later
    for the slowest tenth, 0.5 splits more sentences."""
    loud_db: float = 15.0
    """Sounds this far above the background need less of silero's belief: on short loud words of
    espeak-ng it was often at 0.1 to 0.5, on slamming doors, music, sirens, barking and dialled
    digits, however loud, below 0.05 (median 0.01) nearly always."""
    loud_onset: float = 0.3
    """What a loud sound needs to start speech; with 0.2 barking began several times a minute."""
    loud_release: float = 0.07
    """... and to go on: loud vowels of "sim" fell to 0.1."""
    end_db: float = 3.0
    """Speech that is not this much above the background is not sounding; with 2 the end in noise
    is dated 60 ms later for the slowest tenth."""
    dynamics_db: float = 32.0
    """... nor is what is this much below the loudest of the last seconds: reverberation. The
    weakest consonants of a telephone are about 30 dB below its vowels."""
    noisy_db: float = 24.0
    """Speech less than this above the background has weak sounds that noise covers, so ..."""
    bridge_ms: int = 80
    """... so much without power still counts as sounding while silero says speech. It costs as much
    silence at the end, hence not on clean lines."""
    warm_up: int = 8
    """Steps of 32 ms of the past that silero hears first when the gate opens (0.5 ms of CPU): with
    3 it starts 20 ms later at 10 dB of noise; more than 12 gain nothing."""


class TwoStageVoiceActivity:
    """One line's detector; ``model`` is shared by all lines of the process."""

    def __init__(self, model: SileroModel, thresholds: TwoStageThresholds | None = None) -> None:
        chosen = thresholds or TwoStageThresholds()
        self._thresholds = chosen
        self._open_factor = decibels(chosen.open_db)
        self._end_factor = decibels(chosen.end_db)
        self._dynamics = decibels(-chosen.dynamics_db)
        self._fade = decibels(-6 * FRAME_MS / 1000)
        self._loud = decibels(chosen.loud_db)
        self._noisy = decibels(chosen.noisy_db)
        self._bridge_frames = chosen.bridge_ms // FRAME_MS
        self._hold_frames = chosen.hold_ms // FRAME_MS
        self._line = SileroLine(model)
        self._start_over()

    def _start_over(self) -> None:
        self._gate = webrtcvad.Vad(STRICTEST)
        self._floor = NoiseFloor()
        self._open_for = 0
        self._speaking = False
        self._loudest = 0.0
        self._weak_for = 0

    def process(self, frame: Samples) -> bool:
        """See :meth:`stt.vad.VoiceActivity.process`."""
        floats = self._line.remember(frame)
        power = float(floats.dot(floats)) / FRAME_SAMPLES
        voiced = self._work_gate(power, frame)
        if self._open_for:
            self._ask_silero(power > self._floor.power * self._loud)
        if self._speaking:
            self._loudest = max(self._loudest * self._fade, power)
            self._floor.creep(power)
            return self._is_sounding(power)
        (self._floor.doubt if voiced else self._floor.follow)(power)
        return False

    def _is_sounding(self, power: float) -> bool:
        if power > self._least_power():
            self._weak_for = 0
            return True
        self._weak_for += 1
        noisy = self._loudest < self._floor.power * self._noisy
        return noisy and self._weak_for <= self._bridge_frames

    def gap(self, duration_ms: int) -> None:
        """See :meth:`stt.vad.VoiceActivity.gap`."""
        if duration_ms >= self._thresholds.hold_ms:
            self._shut()

    def reset(self) -> None:
        """See :meth:`stt.vad.VoiceActivity.reset`."""
        self._line.forget()
        self._start_over()

    def _work_gate(self, power: float, frame: Samples) -> bool:
        above = self._floor.known and power > self._floor.power * self._open_factor
        if above and self._gate.is_speech(frame.tobytes(), RATE_HZ):
            if not self._open_for:
                self._line.restart(self._thresholds.warm_up)
            self._open_for = self._hold_frames
            return True
        if self._open_for:
            self._open_for -= 1
            if not self._open_for:
                self._shut()
        return False

    def _shut(self) -> None:
        self._open_for = 0
        self._speaking = False
        self._loudest = 0.0

    def _ask_silero(self, loud: bool) -> None:
        chosen = self._thresholds
        probability = self._line.listen()
        if probability is None:
            if self._speaking:
                return
            probability = self._line.glance()
        if self._speaking:
            self._speaking = probability >= (chosen.loud_release if loud else chosen.release)
        else:
            self._speaking = probability >= (chosen.loud_onset if loud else chosen.onset)

    def _least_power(self) -> float:
        return max(self._floor.power * self._end_factor, self._loudest * self._dynamics)
