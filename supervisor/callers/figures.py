"""What a leg's times amount to: the figures that a call is judged by."""

from dataclasses import dataclass

from audiosocket.recording import lateness_ms
from supervisor.callers.measures import Quantiles, barge_in_ms, quantiles, voice_to_voice_ms
from supervisor.callers.person import Leg


@dataclass(frozen=True, slots=True)
class Answered:
    """One thing said and how soon an answer came; None where none was due or none came."""

    text: str
    at_s: float
    """From the UUID frame."""
    voice_to_voice_ms: float | None
    barge_in_ms: float | None


@dataclass(frozen=True, slots=True)
class Figures:
    """Of one leg, all by the caller's clock; None where there is nothing to measure."""

    first_frame_ms: float | None
    """UUID frame to the first frame of any kind."""
    greeting_ms: float | None
    """UUID frame to the first audible frame."""
    answered: tuple[Answered, ...]
    lateness: Quantiles | None
    """Of the received frames, against an even 20 ms clock."""

    @property
    def voice_to_voice_ms(self) -> list[float]:
        """Every measured voice-to-voice latency."""
        return [one.voice_to_voice_ms for one in self.answered if one.voice_to_voice_ms is not None]

    @property
    def barge_in_ms(self) -> list[float]:
        """Every measured time from an interruption to silence."""
        return [one.barge_in_ms for one in self.answered if one.barge_in_ms is not None]


def figures_of(leg: Leg) -> Figures:
    """The figures of a leg that has ended."""
    arrivals = [frame.at for frame in leg.received.frames]
    starts = [said.start for said in leg.said[1:]] + [leg.ended_at]
    answered = tuple(
        Answered(
            said.text,
            said.start - leg.connected_at,
            voice_to_voice_ms(said, leg.bursts, before=until),
            barge_in_ms(said, leg.sounds),
        )
        for said, until in zip(leg.said, starts, strict=False)
    )
    return Figures(
        first_frame_ms=_after(leg, arrivals[0]) if arrivals else None,
        greeting_ms=_after(leg, leg.sounds[0].start) if leg.sounds else None,
        answered=answered,
        lateness=quantiles(lateness_ms(arrivals)),
    )


def _after(leg: Leg, moment: float) -> float:
    return (moment - leg.connected_at) * 1000
