"""``ramal texts``: what the doorman of a condominium, or the receptionist of a business, says."""

from typing import Annotated

import typer
from rich.console import Console
from rich.table import Table
from rich.text import Text

from conversation.texts.catalogue import TextsError
from supervisor.cli.running import database, run
from supervisor.database.condominiums import find_condominium
from supervisor.database.pool import Connection
from supervisor.database.texts import Whose, load_texts, remove_text, store_text
from supervisor.errors import OperatorError
from supervisor.rules import DOORMAN_LANGUAGES
from supervisor.sentences import SENTENCES

app = typer.Typer(
    no_args_is_help=True, add_completion=False, help="List, set and reset what is said."
)

Key = Annotated[str, typer.Argument(metavar="KEY", help="Such as greeting.morning.")]
Condominium = Annotated[str, typer.Option(help="Its name.")]
Language = Annotated[str, typer.Option(help="Which language's texts.")]


class TextError(OperatorError):
    """A text cannot be said; the message says why and what to do."""


@app.command("list")
def list_all(
    condominium: Condominium,
    *,
    language: Language = DOORMAN_LANGUAGES[0],
    agent: Annotated[str | None, typer.Option(help="doorman or receptionist; else both.")] = None,
) -> None:
    """Show every text as it is said; those of the condominium's own are marked.

    Example: ramal texts list --condominium "Edifício Aurora"
    """
    _check(language)
    agents = {each.script.agent for each in SENTENCES.values()}
    if agent is not None and agent not in agents:
        raise TextError(f'There is no agent "{agent}"; use {" or ".join(sorted(agents))}.')
    own = run(_list(condominium, language))
    table = Table(box=None, padding=(0, 2, 0, 0))
    for column in ("text", "own", "said"):
        table.add_column(column, overflow="fold")
    for name, sentence in SENTENCES.items():
        if agent in (None, sentence.script.agent):
            said = own.get(name, sentence.script.texts(language).variants(sentence.key))
            table.add_row(name, "yes" if name in own else "", Text("\n".join(said)))
    Console().print(table)


@app.command("set")
def change(
    key: Key,
    sentences: Annotated[
        list[str], typer.Argument(metavar="SENTENCE...", help="Said in turn, call after call.")
    ],
    *,
    condominium: Condominium,
    language: Language = DOORMAN_LANGUAGES[0],
) -> None:
    """Say a text in words of the condominium's own; new calls say it.

    Example: ramal texts set closing.goodbye "Volte sempre." --condominium "Edifício Aurora"
    """
    _check(language)
    if key not in SENTENCES:
        raise TextError(f'There is no text "{key}"; see: ramal texts list')
    try:
        said = SENTENCES[key].check(language, sentences)
    except TextsError as error:
        raise TextError(f'The text "{key}" cannot be said so: {error}.') from None
    run(_store(condominium, language, key, said))
    typer.echo(f"{condominium} says {key} in its own words.")


@app.command()
def reset(key: Key, *, condominium: Condominium, language: Language = DOORMAN_LANGUAGES[0]) -> None:
    """Say a text in our own words again.

    Example: ramal texts reset closing.goodbye --condominium "Edifício Aurora"
    """
    run(_remove(condominium, language, key))
    typer.echo(f"{condominium} says {key} in our words again.")


async def _list(condominium: str, language: str) -> dict[str, list[str]]:
    async with database() as connection:
        condominium_id = await find_condominium(connection, condominium)
        return (await load_texts(connection, condominium_id)).get(language, {})


async def _store(condominium: str, language: str, key: str, said: tuple[str, ...]) -> None:
    async with database() as connection:
        await store_text(connection, await _whose(connection, condominium), language, key, said)


async def _remove(condominium: str, language: str, key: str) -> None:
    async with database() as connection:
        whose = await _whose(connection, condominium)
        if await remove_text(connection, whose, language, key) is None:
            raise TextError(f'{condominium} has no words of its own for "{key}".')


async def _whose(connection: Connection, condominium: str) -> Whose:
    condominium_id = await find_condominium(connection, condominium)
    tenant_id = await connection.fetchval(
        "SELECT tenant_id FROM condominiums WHERE id = $1", condominium_id
    )
    return Whose(tenant_id, condominium_id)


def _check(language: str) -> None:
    if language not in DOORMAN_LANGUAGES:
        known = ", ".join(DOORMAN_LANGUAGES)
        raise TextError(f'There are no texts in "{language}"; use {known}.')
