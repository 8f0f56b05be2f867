"""Which words of a partial text are settled."""

from hypothesis import given
from hypothesis import strategies as st

from stt.whisper.agreement import Agreement


def test_words_that_two_hearings_share_are_settled() -> None:
    agreement = Agreement()
    agreement.add(["apartamento", "5"])
    assert (agreement.words, agreement.settled) == (("apartamento", "5"), 0)
    agreement.add(["apartamento", "501"])
    assert (agreement.words, agreement.settled) == (("apartamento", "501"), 1)
    agreement.add(["apartamento", "501", "bloco"])
    assert (agreement.words, agreement.settled) == (("apartamento", "501", "bloco"), 2)


def test_settled_words_outlive_a_hearing_that_has_others() -> None:
    agreement = Agreement()
    for heard in (["bom", "dia"], ["bom", "dia"], ["boa", "dia", "apartamento"], ["boa"]):
        agreement.add(heard)
    assert agreement.words == ("bom", "dia")
    assert agreement.settled == 2


@given(st.lists(st.lists(st.sampled_from("abc"), max_size=6), max_size=8))
def test_what_was_settled_once_stays_the_beginning(hearings: list[list[str]]) -> None:
    agreement, before = Agreement(), ()
    for heard in hearings:
        agreement.add(heard)
        settled = agreement.words[: agreement.settled]
        assert settled[: len(before)] == before
        before = settled
