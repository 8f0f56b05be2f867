"""Figures as rows of 80 columns, printed as they come, or as Markdown."""

from collections.abc import Iterable

from bench.speech.figures import Cached, Cancelled, Figure, Heard, LeftOut, Setup, Spoken

SPEECH_HEAD = (
    f"{'streams':>9}{'first sound ms':>16}{'p95':>8}{'RTF slowest':>13}{'RTF all':>9}{'CPU s/s':>9}"
)
TEXT_HEAD = f"{'speech':>9}{'at once':>9}{'text ms':>12}{'p95':>9}{'CPU ms each':>13}"


class Printer:
    """Prints a heading where another kind of rows begins."""

    def __init__(self) -> None:
        self._last: type[Figure] | None = None

    def show(self, figure: Figure) -> None:
        """One figure."""
        head = {Spoken: SPEECH_HEAD, Heard: TEXT_HEAD}.get(type(figure))
        if head is not None and self._last is not type(figure):
            print(head)
        if not isinstance(figure, LeftOut):
            self._last = type(figure)
        print(line(figure), flush=True)


def line(figure: Figure) -> str:
    """As a terminal shows it."""
    match figure:
        case Setup():
            gpu = f", {figure.gpu_mib:.0f} MiB of the GPU" if figure.gpu_mib else ""
            return (
                f"\n{figure.engine} on {figure.device}: {figure.note}\n"
                f"  ready in {figure.ready_s:.1f} s, {figure.loaded_mib:+.0f} MiB{gpu}"
            )
        case Spoken():
            return (
                f"{figure.streams:>9}{figure.first_ms:>16.1f}{figure.first_p95_ms:>8.0f}"
                f"{figure.slowest:>13.3f}{figure.together:>9.3f}{figure.cpu:>9.3f}"
            )
        case Heard():
            return (
                f"{figure.seconds:>7} s{figure.at_once:>9}{figure.text_ms:>12.1f}"
                f"{figure.text_p95_ms:>9.0f}{figure.cpu_ms:>13.1f}"
            )
        case Cancelled():
            return (
                f"  cancel: closed in {figure.closed_ms:.1f} ms, "
                f"the next text {figure.next_later_ms:.1f} ms later than usual"
            )
        case Cached():
            target = ", target 1 ms" if figure.where == "memory" else ""
            return (
                f"  prompt from {figure.where}: {figure.median_ms:.3f} ms median, "
                f"{figure.p95_ms:.3f} p95{target}"
            )
        case LeftOut():
            return f"  {figure.engine}: {figure.what} left out, {figure.why}"


def markdown(figures: Iterable[Figure]) -> str:
    """The tables of docs/performance.md."""
    told = list(figures)
    engines = [each for each in told if isinstance(each, Setup)]
    spoken = [each for each in told if isinstance(each, Spoken)]
    cancelled = {each.engine: each for each in told if isinstance(each, Cancelled)}
    heard = [each for each in told if isinstance(each, Heard)]
    rows = ["| engine | device | what | ready | memory |", "|---|---|---|---|---|"]
    rows += [
        f"| {each.engine} | {each.device} | {each.note} | {each.ready_s:.1f} s | "
        f"{each.loaded_mib:.0f} MiB |"
        for each in engines
    ]
    rows += [
        "",
        "| speech | streams | first sound, ms (p95) | RTF, slowest | RTF, all | CPU s per s |",
    ]
    rows += ["|---|---|---|---|---|---|"]
    rows += [
        f"| {each.engine} | {each.streams} | {each.first_ms:.0f} ({each.first_p95_ms:.0f}) | "
        f"{each.slowest:.3f} | {each.together:.3f} | {each.cpu:.3f} |"
        for each in spoken
    ]
    rows += ["", "| cancel | closed | the next text is later by |", "|---|---|---|"]
    rows += [
        f"| {name} | {each.closed_ms:.1f} ms | {each.next_later_ms:.0f} ms |"
        for name, each in cancelled.items()
    ]
    rows += ["", *_heard_rows(heard), ""]
    rows += [line(each).strip() for each in told if isinstance(each, (Cached, LeftOut))]
    return "\n".join(rows)


def _heard_rows(heard: list[Heard]) -> list[str]:
    at_once = sorted({each.at_once for each in heard})
    rows = [
        f"| recognition, ms (p95) | speech | {' | '.join(f'{each} at once' for each in at_once)} |",
        f"|---|---|{'---|' * len(at_once)}",
    ]
    keys = dict.fromkeys((each.engine, each.seconds) for each in heard)
    known = {(each.engine, each.seconds, each.at_once): each for each in heard}
    for engine, seconds in keys:
        cells = [
            f"{found.text_ms:.0f} ({found.text_p95_ms:.0f})" if found else "–"
            for found in (known.get((engine, seconds, each)) for each in at_once)
        ]
        rows.append(f"| {engine} | {seconds} s | {' | '.join(cells)} |")
    return rows
