"""Which commands there are; each one's module is imported when it is run, not for ``--help``."""

import inspect
from dataclasses import dataclass
from importlib import import_module
from importlib.metadata import version
from typing import Annotated, Any, Final

import typer
from typer.core import TyperCommand, TyperGroup


@dataclass(frozen=True, slots=True)
class Place:
    """Where a command is: a function, or a ``typer.Typer`` with commands of its own."""

    module: str
    attribute: str
    help: str


COMMANDS: Final = {
    "demo": Place("supervisor.demo.commands", "demo", "One whole call, on this machine alone."),
    "replay": Place("supervisor.replay.commands", "replay", "Play a recorded call again."),
    "simulate": Place("supervisor.simulation.commands", "simulate", "Play scenarios, and judge."),
    "serve": Place("supervisor.cli.serving", "serve", "Answer every enabled extension."),
    "migrate": Place("supervisor.cli.serving", "migrate", "Bring the schema up to date."),
    "doctor": Place("supervisor.cli.doctor", "doctor", "Say what is wrong and what to do."),
    "extension": Place("supervisor.cli.extension", "app", "List, add, set, remove extensions."),
    "directory": Place("supervisor.cli.directory", "app", "Import who lives where."),
    "door": Place("supervisor.cli.door", "app", "List, add, set, remove, test doors."),
    "visitor": Place("supervisor.cli.visitor", "app", "List, add expected visitors; codes, PINs."),
    "model": Place("supervisor.cli.model", "app", "List, set, test, remove language models."),
    "handbook": Place("supervisor.cli.handbook", "app", "Say what a receptionist knows."),
    "tenant": Place("supervisor.cli.tenant", "app", "List tenants, set what each may ask for."),
    "texts": Place("supervisor.cli.texts", "app", "List, set, reset what is said."),
    "visits": Place("supervisor.cli.visits", "app", "List, export, verify the visit log."),
    "key": Place("supervisor.cli.key", "app", "Create, list, rotate, revoke API keys."),
    "alert": Place("supervisor.cli.alert", "app", "List alerts, and test who is told of them."),
    "voice": Place("supervisor.cli.voice", "app", "Add, list, preview, revoke cloned voices."),
    "webhook": Place("supervisor.cli.webhook", "app", "Send events to others, and look after it."),
    "user": Place("supervisor.cli.user", "app", "Create, list, set, remove users."),
    "engines": Place("supervisor.cli.engines", "engines", "Serve speech engines to workers."),
    "recognise": Place(
        "supervisor.recognising.commands", "recognise", "Recognise recordings, and measure it."
    ),
    "speak": Place("supervisor.cli.speak", "speak", "Speak texts into files."),
    "call": Place("supervisor.callers.commands", "call", "Place one call, as a caller would."),
    "load": Place("supervisor.callers.commands", "load", "Place many calls at once."),
}


class LazyCommand(TyperCommand):
    """A name and a line of help until it is run or asked for its own help."""

    def __init__(self, name: str, place: Place) -> None:
        super().__init__(name, callback=None, help=place.help, add_help_option=False)
        self._place = place

    def make_context(self, *args: Any, **kwargs: Any) -> Any:
        """Import the real command; from here on it takes its own place."""
        target = getattr(import_module(self._place.module), self._place.attribute)
        if not isinstance(target, typer.Typer):
            alone = typer.Typer(add_completion=False)
            alone.command(self.name)(target)
            target = alone
        command: Any = typer.main.get_command(target)
        _unwrap_help(command)
        return command.make_context(*args, **kwargs)


def _unwrap_help(command: Any) -> None:
    """Let the terminal break the lines of a docstring's paragraphs, and not our source's width."""
    paragraphs = inspect.cleandoc(command.help or "").split("\n\n")
    command.help = "\n\n".join(" ".join(each.split()) for each in paragraphs)
    for each in getattr(command, "commands", {}).values():
        _unwrap_help(each)


class LazyCommands(TyperGroup):
    """The commands of :data:`COMMANDS`, in the order in which somebody new needs them."""

    def list_commands(self, ctx: Any) -> list[str]:
        """Their names."""
        return list(COMMANDS)

    def get_command(self, ctx: Any, cmd_name: str) -> Any:
        """The command of that name, not imported yet."""
        place = COMMANDS.get(cmd_name)
        return LazyCommand(cmd_name, place) if place else None


app: Final = typer.Typer(cls=LazyCommands, no_args_is_help=True, add_completion=False)


def _print_version(wanted: bool) -> None:
    if wanted:
        typer.echo(f"ramal {version('ramal')}")
        raise typer.Exit


@app.callback()
def ramal(
    *,
    _: Annotated[
        bool,
        typer.Option(
            "--version", is_eager=True, callback=_print_version, help="Print the version."
        ),
    ] = False,
) -> None:
    """Ramal answers telephone extensions over Asterisk: a doorman, a receptionist, or yours.

    Settings: ramal.toml (or the file that RAMAL_CONFIG names) and RAMAL_* variables.

    To see a whole call on this machine, with nothing else needed: ramal demo
    """
