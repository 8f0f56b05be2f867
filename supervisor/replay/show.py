"""The difference between two calls for people: a table for a terminal, a page for a browser."""

from html import escape

from rich.console import Console
from rich.table import Table
from rich.text import Text

from supervisor.replay.differences import CLEARLY_MS, Difference, Row, Turn, waited

SAME = "the same"


def show(console: Console, difference: Difference, title: str) -> None:
    """Print it; a turn that stayed as it was takes one line."""
    table = Table(title=title, title_justify="left", expand=True, show_edge=False)
    table.add_column("s", justify="right", no_wrap=True)
    table.add_column("who", no_wrap=True)
    table.add_column("recorded", ratio=1)
    table.add_column("replayed", ratio=1)
    table.add_column("ms", justify="right", no_wrap=True)
    for row in difference.rows:
        shown = row.then or row.now
        assert shown is not None
        table.add_row(
            f"{shown.at_s:.1f}", _who(shown), *_words(row), _delay(row), style=_style(row)
        )
    console.print(table)
    for label, lines in (("then", difference.decided_then), ("now", difference.decided_now)):
        if label == "now" and difference.same_decisions:
            console.print("Decided now: the same.")
        else:
            console.print(Text(f"Decided {label}: " + "; ".join(lines)))
    console.print(
        f"Answers waited {_ms(waited(difference.rows, 'then'))} (median) then, "
        f"{_ms(waited(difference.rows, 'now'))} now."
    )


def _words(row: Row) -> tuple[str, str]:
    then = _text(row.then)
    return then, (_text(row.now) if row.differs else SAME)


def _text(turn: Turn | None) -> str:
    if turn is None:
        return "–"
    return f"{turn.text} ({turn.ignored}: let pass)" if turn.ignored else turn.text


def _who(turn: Turn) -> str:
    return f"to {turn.party}" if turn.speaker == "agent" else turn.party


def _delay(row: Row) -> str:
    turn = row.now or row.then
    known = "" if turn is None or turn.waited_ms is None else str(turn.waited_ms)
    slower = row.slower_ms
    return known if slower is None or abs(slower) < CLEARLY_MS else f"{known} ({slower:+d})"


def _style(row: Row) -> str:
    return "yellow" if row.differs else ""


def _ms(value: int | None) -> str:
    return "–" if value is None else f"{value} ms"


def page(difference: Difference, title: str) -> str:
    """One HTML page that needs nothing else."""
    rows = "".join(
        f"<tr{' class=differs' if row.differs else ''}>"
        + "".join(f"<td>{escape(cell)}</td>" for cell in _cells(row))
        + "</tr>"
        for row in difference.rows
    )
    decided = "".join(
        f"<h2>Decided {label}</h2><ul>{''.join(f'<li>{escape(line)}</li>' for line in lines)}</ul>"
        for label, lines in (("then", difference.decided_then), ("now", difference.decided_now))
    )
    then, now = (_ms(waited(difference.rows, which)) for which in ("then", "now"))
    return (
        '<!doctype html><html lang="en"><meta charset="utf-8">'
        '<meta name="viewport" content="width=device-width">'
        f"<title>{escape(title)}</title><style>body{{font:15px sans-serif;margin:2em;"
        "max-width:70em}table{border-collapse:collapse;width:100%}td,th{border-bottom:1px solid "
        "#ddd;padding:.4em;text-align:left;vertical-align:top}tr.differs{background:#fff3cd}"
        f"</style><h1>{escape(title)}</h1>"
        f"<p>Answers waited {then} (median) then, {now} now. Rows that differ are marked.</p>"
        "<table><tr><th>s<th>who<th>recorded<th>replayed<th>waited, ms</tr>"
        f"{rows}</table>{decided}</html>\n"
    )


def _cells(row: Row) -> tuple[str, ...]:
    shown = row.then or row.now
    assert shown is not None
    return (f"{shown.at_s:.1f}", _who(shown), *_words(row), _delay(row))
