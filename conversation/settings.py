"""How a session behaves in time: every default in one place, with its reason beside it."""

from dataclasses import dataclass

from conversation.echo import DEFAULT_THRESHOLDS, EchoThresholds


@dataclass(frozen=True, slots=True)
class SessionSettings:
    """Times of a session, in seconds unless the name says otherwise."""

    reprompt_after_s: float = 5.0
    """Silence after a question before it is asked in other words: people at an intercom turn to
    the driver or look up a number for some three seconds; five is plainly waiting for us."""
    waiting_every_s: float = 9.0
    """How often somebody who waits for a ringing phone is told so: two rings of the Brazilian
    cadence (5 s each), so that the words do not fall into the same ring every time."""
    idle_limit_s: float = 120.0
    """No interaction for this long ends the call: a forgotten handset holds a channel."""
    call_limit_s: float = 600.0
    """A ceiling on any call; a doorman's call takes one or two minutes."""
    rings_within_s: float = 12.0
    """A phone that is not heard to ring by then is out of reach: Asterisk itself would wait for
    the whole ring time. A mobile network takes up to ten seconds to find a phone."""
    leg_timeout_s: float = 5.0
    """From an answered phone to its AudioSocket connection; Asterisk needs 1 ms."""
    drain_limit_s: float = 15.0
    """The longest that a hang-up waits for what is still being said."""
    listen_first_s: float = 0.7
    """Who is called speaks first: people say "alô" within half a second of lifting the phone, and
    our first words should not fall on it."""
    false_interruption_s: float = 1.6
    """An interruption that turned into no words by then was none: we go on speaking."""
    echo_window_ms: int = 160
    """How much of what we hear is compared with what we said: long enough to tell a vowel from
    another one, short enough to decide within the 150 ms that a barge-in may take."""
    echo_delay_ms: int = 600
    """The longest echo path searched: a mobile network and a loudspeaker stay below half a
    second."""
    echo: EchoThresholds = DEFAULT_THRESHOLDS
    """From what on we take it for our own voice."""
    nothing_heard_ms: int = 1200
    """Speech at least this long that turned into no words is told to the flow as not understood;
    anything shorter is a cough or a door."""
