"""What the rules understand, and how fast: ``python -m bench.rules [--turns N] [--seed S]``.

Turns are made from templates of their own with units, names and firms put in, then spoilt letter by
letter as a recogniser spoils them: each letter is left out or replaced with the given probability.
Columns are % of turns:

    purpose, unit, firm, name   the slot is right, where the turn has it; the unit with its block
    no call                     of the turns, no unit was understood: the doorman asks again
    wrong                       another unit than was said was understood: it is read back or denied
    yes                         consents taken for one | false yes: of what is no consent

and then microseconds of CPU per turn.
"""

import argparse
import random
import statistics
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from num2words import num2words

from conversation.directory import Directory, Resident, Unit
from conversation.rules import LANGUAGES, Rules, rules_for
from conversation.rules.polyglot import Polyglot
from conversation.understanding import Answer, Expecting, Understanding

LETTERS = "abcdefghijlmnoprstuvzãçéó"
SPOILT = (0.0, 0.01, 0.02, 0.05, 0.1)
NAMES = (
    "ademilson bragança",
    "jucélia prates",
    "vanderson couto",
    "iracilda",
    "edvânia lucena",
    "valmor zanella",
    "creuza",
    "ronildo batistela",
    "thalita bastos",
    "aécio",
    "marilúcia",
    "genilson paes",
)
FIRMS = (
    "Mercado Livre",
    "Amazon",
    "Shopee",
    "Loggi",
    "Correios",
    "iFood",
    "Rappi",
    "Magalu",
    "Jadlog",
    "Petz",
)
GREETINGS = ("", "oi ", "bom dia ", "boa tarde ", "alô boa noite ", "oi tudo bem ")
TURNS = (
    ("delivery", "tem uma encomenda {of} para {unit}"),
    ("delivery", "eu vim deixar um pacote {of} aí em {unit}"),
    ("delivery", "sou o entregador {of} é em {unit}"),
    ("delivery", "é mercadoria {of} pra {unit} por favor"),
    ("visit", "eu vim fazer uma visita em {unit} meu nome é {name}"),
    ("visit", "aqui é {name} tô indo visitar o pessoal de {unit}"),
    ("visit", "sou visitante de {unit} me chamo {name}"),
    ("service", "vim fazer um serviço de pintura em {unit}"),
    ("service", "assistência técnica em {unit} quem fala é {name}"),
    ("service", "é pra fazer a manutenção do elevador em {unit}"),
)
CONSENTS = (
    "sim",
    "pode subir",
    "pode deixar ele subir",
    "libera",
    "autorizo",
    "pode liberar a entrada",
    "manda subir",
    "claro pode entrar",
    "ok pode mandar subir",
    "tá autorizado",
    "sim senhor",
    "deixa subir por favor",
)
OTHERS = (
    "não",
    "não pode subir",
    "não conheço essa pessoa",
    "não estou esperando ninguém",
    "quem é",
    "não autorizo a entrada",
    "deixa na portaria",
    "já estou descendo",
    "um momento por favor",
    "de que empresa é",
    "não libera não",
    "alô",
    "talvez mais tarde",
    "manda embora",
    "eu não pedi nada",
    "não deixa entrar",
)


@dataclass(frozen=True, slots=True)
class Said:
    """A turn with what it means."""

    text: str
    purpose: str
    unit: tuple[str, str | None]
    firm: str | None
    name: str | None


def a_turn(chance: random.Random) -> Said:
    """A turn out of the templates."""
    purpose, template = chance.choice(TURNS)
    number = chance.randrange(1, 26) * chance.choice([10, 100]) + chance.randrange(1, 9)
    block = chance.choice([None, *"ABCDF", "1", "2"])
    firm = chance.choice(FIRMS) if "{of}" in template else None
    name = chance.choice(NAMES) if "{name}" in template else None
    text = template.format(
        of=_of(firm) if firm else "", unit=_spoken(chance, number, block), name=name
    )
    return Said(chance.choice(GREETINGS) + text, purpose, (str(number), block), firm, name)


def _of(firm: str) -> str:
    return rules_for("pt-BR").of_company(firm).lower()


def _spoken(chance: random.Random, number: int, block: str | None) -> str:
    digits = [_words(int(digit)) for digit in str(number)]
    said = " ".join(digits) if chance.random() < 0.3 else _words(number)
    tower = f" bloco {_words(int(block)) if block.isdigit() else block.lower()}" if block else ""
    return f"{chance.choice(['apartamento', 'apê', 'unidade'])} {said}{tower}"


def _words(number: int) -> str:
    return str(num2words(number, lang="pt_BR")).replace(",", "")


def spoil(chance: random.Random, text: str, share: float) -> str:
    """Leave out or replace each letter with probability ``share``."""
    return "".join(
        char
        if char == " " or chance.random() >= share
        else chance.choice(["", chance.choice(LETTERS)])
        for char in text
    )


def slots_right(rules: Rules, said: Sequence[Said], chance: random.Random, share: float) -> str:
    """The table's row for turns of visitors."""
    heard = [(one, rules.interpret(spoil(chance, one.text, share))) for one in said]
    units = [(one.unit, (got.apartment, got.block)) for one, got in heard]
    firms = [(one.firm, got.company) for one, got in heard if one.firm]
    names = [(one.name, got.visitor_name) for one, got in heard if one.name]
    columns = (
        [one.purpose == got.intent for one, got in heard],
        [want == got for want, got in units],
        [want == got for want, got in firms],
        [want == got for want, got in names],
        [got[0] is None for _, got in units],
        [got[0] is not None and got[0] != want[0] for want, got in units],
    )
    return "".join(f"{100 * statistics.fmean(column):9.1f}" for column in columns)


def yes_right(rules: Rules, turns: int, chance: random.Random, share: float) -> str:
    """The table's row for turns of residents."""

    def share_of_yes(phrases: Sequence[str]) -> float:
        heard = [
            _decided(rules, spoil(chance, chance.choice(phrases), share)) for _ in range(turns)
        ]
        return 100 * statistics.fmean(got.answer is Answer.YES for got in heard)

    return f"{share_of_yes(CONSENTS):9.1f}{share_of_yes(OTHERS):11.2f}"


def _decided(rules: Rules, text: str) -> Understanding:
    return rules.interpret(text, 1.0, Expecting.AUTHORISATION)


def microseconds(work: Callable[[Said], object], said: Sequence[Said]) -> str:
    """CPU time of ``work`` per turn, median and 95th percentile, in microseconds."""
    taken = []
    for one in said:
        start = time.process_time_ns()
        work(one)
        taken.append((time.process_time_ns() - start) / 1000)
    return f"{statistics.median(taken):9.0f}{statistics.quantiles(taken, n=20)[-1]:9.0f}"


FOREIGN = (
    ("en", "hello i have a delivery from amazon for apartment five oh one block b"),
    ("es", "buenas tardes traigo una entrega de amazon para el quinientos uno bloque b"),
)


def several_languages() -> None:
    """Print what a turn costs in each language, alone and where callers may change over."""
    plain = {language: rules_for(language) for language in LANGUAGES}
    several = {language: Polyglot(rules, plain) for language, rules in plain.items()}
    print()
    for language, text in FOREIGN:
        said = [Said(text, "delivery", ("501", "B"), None, None)] * 500
        for title, rules in (
            (f"{language}, a turn", plain[language]),
            (f"{language}, among three", several[language]),
            (f"{language}, heard in pt-BR", several["pt-BR"]),
        ):
            print(f"{title:>24}{microseconds(lambda one, by=rules: by.interpret(one.text), said)}")


def main() -> None:
    """Print the tables."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n", 1)[0] if __doc__ else None)
    parser.add_argument("--turns", type=int, default=2000)
    parser.add_argument("--seed", type=int, default=1)
    options = parser.parse_args()
    chance = random.Random(options.seed)
    said = [a_turn(chance) for _ in range(options.turns)]
    rules = rules_for("pt-BR")
    heads = ("spoilt", "purpose", "unit", "firm", "name", "no call", "wrong", "yes", "false yes")
    print("".join(f"{head:>{11 if head == 'false yes' else 9}}" for head in heads))
    for share in SPOILT:
        slots = slots_right(rules, said, chance, share)
        print(f"{share:9.0%}{slots}{yes_right(rules, options.turns, chance, share)}")

    units = [
        Unit(str(number), block, (Resident(chance.choice(NAMES).title(), ("1",)),))
        for block in "ABCD"
        for number in range(101, 151)
    ]
    directory = Directory(units)
    directory.find(resident_name="ninguém")
    print(f"\n{'us CPU':>24}      p50      p95   (target: 200 a turn)")
    for title, work in (
        ("a turn, all its slots", lambda one: rules.interpret(one.text)),
        ("a partial, how complete", lambda one: rules.judge(one.text, Expecting.PURPOSE)),
        ("a unit among 200", lambda one: directory.find(*one.unit)),
        ("a name among 200", lambda one: directory.find(resident_name=one.name or "creuza")),
    ):
        print(f"{title:>24}{microseconds(work, said[:1000])}")
    several_languages()


if __name__ == "__main__":
    main()
