import re
from collections.abc import Iterator

import pytest

from conversation.doorman import TEXTS
from conversation.rules import rules_for
from conversation.texts import Texts
from conversation.understanding import Answer, Expecting, Intent, Understanding
from tests.conversation import resident_turns

RULES = rules_for("pt-BR")
TABLES = {
    Expecting.AUTHORISATION: resident_turns.AUTHORISATION,
    Expecting.YES_NO: resident_turns.CONFIRMATION,
}


def rows() -> Iterator[tuple[Expecting, str, str]]:
    for expecting, table in TABLES.items():
        for line in filter(None, table.splitlines()):
            said, meant = line.split(" = ")
            yield expecting, said, meant


def decided(heard: Understanding) -> set[str]:
    return {
        *([str(heard.answer)] if heard.answer else []),
        *([f"?{heard.question}"] if heard.question else []),
        *([f"!{heard.instruction}"] if heard.instruction else []),
    }


@pytest.mark.parametrize(("expecting", "said", "meant"), list(rows()))
def test_an_answer_decides_what_it_plainly_says(
    expecting: Expecting, said: str, meant: str
) -> None:
    assert decided(RULES.interpret(said, 1.0, expecting)) == set(meant.split()) - {"-"}


CLEAR = [said for asked, said, meant in rows() if asked == "authorisation" and meant == "yes"]


@pytest.mark.parametrize("said", CLEAR)
@pytest.mark.parametrize("spoil", ["não {}", "{} não", "acho que {}", "{} quem é"])
def test_a_yes_with_a_doubt_or_a_denial_around_it_is_no_yes(said: str, spoil: str) -> None:
    heard = RULES.interpret(spoil.format(said), 1.0, Expecting.AUTHORISATION)
    assert heard.answer is not Answer.YES


def test_a_yes_is_only_an_answer_where_something_was_asked() -> None:
    assert RULES.interpret("pode abrir o portão", 1.0, Expecting.PURPOSE).answer is None


@pytest.mark.parametrize(
    ("said", "intent"),
    [
        ("não é aqui foi engano", Intent.WRONG_NUMBER),
        ("a senhora ligou errado", Intent.WRONG_NUMBER),
        ("eu me mudei não moro mais aí", Intent.WRONG_NUMBER),
        ("após o sinal deixe seu recado", Intent.VOICE_MAIL),
        ("sua chamada está sendo encaminhada para a caixa postal", Intent.VOICE_MAIL),
        ("não posso atender agora grave sua mensagem", Intent.VOICE_MAIL),
        ("alô", Intent.GREETING),
        ("oi boa noite", Intent.GREETING),
        ("não entendi repete por favor", Intent.REPEAT),
        ("o que você disse", Intent.REPEAT),
        ("socorro tem um ladrão aqui", Intent.EMERGENCY),
        ("quero falar com o porteiro", Intent.HUMAN),
    ],
)
def test_a_resident_may_want_something_else_altogether(said: str, intent: Intent) -> None:
    assert RULES.interpret(said, 1.0, Expecting.AUTHORISATION).intent is intent


@pytest.mark.parametrize("said", ["aham", "tá", "sei", "uhum", "hum hum", "ah tá", "é"])
def test_signs_of_listening_are_told_from_turns(said: str) -> None:
    assert RULES.interpret(said, 1.0, Expecting.NOTHING).backchannel


@pytest.mark.parametrize("said", ["sim", "ok pode subir", "não", "apartamento um", "alô", ""])
def test_answers_are_no_signs_of_listening_where_one_was_asked(said: str) -> None:
    assert not RULES.interpret(said, 1.0, Expecting.AUTHORISATION).backchannel


@pytest.mark.parametrize("key", [key for key in TEXTS if key.startswith("resident.ask.")])
def test_our_own_question_is_no_yes_when_it_comes_back_from_a_loudspeaker(key: str) -> None:
    for said in Texts.load("pt-BR").variants(key):
        words = re.findall(r"\w+", said.lower())
        for start in range(len(words) - 1):
            echo = " ".join(words[start:])
            heard = RULES.interpret(echo, 1.0, Expecting.AUTHORISATION)
            assert heard.answer is not Answer.YES, echo
