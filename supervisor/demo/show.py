"""The call on a terminal of 80 columns, as it happens, and what came of it."""

import time
from collections.abc import Sequence
from datetime import datetime

from rich.console import Console
from rich.table import Table
from rich.text import Text

from supervisor.callers.transcribing import Turn
from supervisor.demo.document import Result
from supervisor.simulation.chronicle import Recorded, VisitRow
from supervisor.simulation.portrait import Told, seconds

WIDTH = 80
COLOURS = {
    ("visitor", "visitor"): "bold blue",
    ("visitor", "agent"): "bold dark_orange",
    ("resident", "resident"): "bold magenta",
    ("resident", "agent"): "bold yellow",
}
"""By leg and speaker."""

FIELDS = (
    *("intent", "visitor", "company", "resident", "unit", "calls", "authorisation"),
    *("facts", "department", "message_for", "phone", "message"),
)
"""Of a visit's entry, in the order in which they are shown."""

VALUE_WIDTH = 64
"""As wide as a SHA-256 in hexadecimal; with the names that makes 80 columns."""


class Show:
    """Prints the call; a watcher of its people and of the server's events."""

    def __init__(self, console: Console, agent: str = "Doorman") -> None:
        self._console = console
        self._agent = agent
        self._began = time.monotonic()
        self._began_wall: datetime | None = None
        self._latency_ms: dict[str, float] = {}

    def call_begins(self, at: datetime) -> None:
        """The visitor's call is placed now, ``at`` by wall time."""
        self._began, self._began_wall = time.monotonic(), at

    def ready(self, condominium: str, place: str, after_s: float) -> None:
        """Everything is up."""
        text = f"[bold]{condominium}[/], {place}, up after {after_s:.1f} s\n"
        self._console.print(text, highlight=False)

    def said(self, person: str, text: str) -> None:
        """A person begins to say something."""
        self._line(person, person, text, self._now())

    def answered(self, person: str, latency_ms: float) -> None:
        """Kept for the line that it belongs to, which comes with the server's event."""
        self._latency_ms[person] = latency_ms

    def heard(self, person: str, turn: Turn) -> None:
        """What a person understood of the agent's words."""
        self._quote(f"{person} heard", turn.text)

    def event(self, recorded: Recorded) -> None:
        """An event of the server."""
        data = recorded.data
        match recorded.kind:
            case "speaking":
                party = str(data["party"])
                at_s = seconds(recorded.at, self._began_wall) if self._began_wall else 0.0
                self._line(party, "agent", data["text"], at_s, self._latency_ms.pop(party, None))
            case "turn" if data["speaker"] != "agent":
                self._quote(f"{self._agent.lower()} heard", data["text"])
            case "answered":
                self._happened(f"answers from the handbook: {_plain(data['facts'])}")
            case "transfer":
                self._happened(f"transfers to {data['destination']}")
            case "call_out.started":
                self._happened(f"calls {data['phone']}")
            case "call_out.ended":
                self._happened(f"{data['phone']}: {str(data['outcome']).replace('_', ' ')}")
            case "door.opened":
                self._happened("opens the door")
            case "door.failed":
                self._happened(f"the door does not open: {data['reason']}")

    def outcome(self, result: Result) -> None:
        """The visit's record, the figures, and whether all is as it should be."""
        self._console.print()
        if result.visit is not None:
            self._console.print(_visit_table(result.visit))
            self._console.print()
        self._console.print(_figures_table(result.told))
        self._console.print()
        for check in result.checks:
            mark = Text("✓ ", "bold green") if check.met else Text("✗ ", "bold red")
            found = f" (found: {check.found})" if check.found and not check.met else ""
            self._console.print(mark + Text(check.what + found))

    def _now(self) -> float:
        return time.monotonic() - self._began

    def _line(
        self,
        party: str,
        speaker: str,
        text: str,
        at_s: float,
        latency_ms: float | None = None,
    ) -> None:
        name = self._agent if speaker == "agent" else speaker.capitalize()
        name, style = f"{'  ' * (party == 'resident')}{name}", COLOURS[party, speaker]
        latency = "" if latency_ms is None else f"{latency_ms:.0f} ms"
        self._row(f"{at_s:5.1f}", Text(name, style), Text(text), Text(latency, "green"))

    def _quote(self, who: str, text: str) -> None:
        self._row("", Text(""), Text(f"{who}: {text or '(nothing)'}", "dim italic"), Text(""))

    def _happened(self, what: str) -> None:
        self._row(f"{self._now():5.1f}", Text("·", "dim"), Text(what, "dim"), Text(""))

    def _row(self, at: str, who: Text, text: Text, latency: Text) -> None:
        grid = Table.grid(padding=(0, 1))
        grid.add_column(width=5, style="dim")
        names = max(10, len(self._agent))  # the resident's stand further in
        grid.add_column(width=names)
        grid.add_column(width=min(self._console.width, WIDTH) - 5 - names - 8 - 3)
        grid.add_column(width=8, justify="right")
        grid.add_row(at, who, text, latency)
        self._console.print(grid)


def _visit_table(visit: VisitRow) -> Table:
    table = Table(box=None, show_header=False, padding=(0, 1, 0, 0))
    table.add_column(style="dim", no_wrap=True)
    table.add_column(overflow="fold", max_width=VALUE_WIDTH)
    table.add_row("visit", Text(f"No. {visit.position}: {visit.outcome}", "bold"))
    for name in FIELDS:
        if value := visit.data.get(name):
            table.add_row(name, _plain(value))
    table.add_row("logged", f"{visit.at:%Y-%m-%d %H:%M:%S %Z}")
    table.add_row("sha-256", visit.hash)
    return table


def _plain(value: object) -> str:
    """A value for people; the calls that were placed as ``2501 answered``."""
    if isinstance(value, list):
        return ", ".join(
            " ".join(map(str, one.values())) if isinstance(one, dict) else str(one) for one in value
        )
    return str(value)


def _figures_table(told: Told) -> Table:
    figures = told.visitor_figures
    table = Table(box=None, show_header=False, padding=(0, 1, 0, 0))
    table.add_column(style="dim")
    table.add_column()
    table.add_row("UUID to our first frame", _ms([figures.first_frame_ms]))
    table.add_row("UUID to the greeting", _ms([figures.greeting_ms]))
    table.add_row("voice-to-voice, visitor", _ms(figures.voice_to_voice_ms))
    for phone, _, at_home in told.residents:
        table.add_row(f"voice-to-voice, {phone}", _ms(at_home.voice_to_voice_ms))
    if figures.barge_in_ms:
        table.add_row("interruption to silence", _ms(figures.barge_in_ms))
    if figures.lateness is not None:
        late = figures.lateness
        table.add_row(
            "frames late, p50 / p99 / worst",
            f"{late.p50:.0f} / {late.p99:.0f} / {late.worst:.0f} ms",
        )
    return table


def _ms(values: Sequence[float | None]) -> str:
    return ", ".join(f"{value:.0f} ms" for value in values if value is not None) or "-"
