import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tts.normalising import LONGEST_TEXT, EmptyTextError, TextTooLongError
from tts.normalising.portuguese import PortugueseNormaliser

DWELLINGS = [
    ("501", "quinhentos e um"),
    ("apto 501", "apartamento quinhentos e um"),
    ("Apto. 1204B, bloco B", "Apartamento mil duzentos e quatro bê, bloco bê"),
    ("1204B", "mil duzentos e quatro bê"),
    ("501-B", "quinhentos e um bê"),
    ("apartamento 501 B", "apartamento quinhentos e um bê"),
    ("ap101", "apartamento cento e um"),
    ("ap. 12, bl. 3, nº 45", "apartamento doze, bloco três, número quarenta e cinco"),
    ("bloco 2 apto 34", "bloco dois apartamento trinta e quatro"),
    ("bloco B", "bloco bê"),
    ("Bl. C", "Bloco cê"),
    ("bl A", "bloco a"),
    ("torre E", "torre é"),
    ("vaga G2", "vaga gê dois"),
    ("A-12", "a doze"),
    ("bloco II", "bloco dois"),
    ("Sala 3", "Sala três"),
    ("501/502", "quinhentos e um barra quinhentos e dois"),
    ("nº 12", "número doze"),
    ("Av. Brasil, 1500", "avenida Brasil, mil e quinhentos"),
    ("R. das Flores, 10", "rua das Flores, dez"),
    ("Ed. Sol", "Edifício Sol"),
    ("3º and.", "terceiro andar"),
    ("O 501 é seu?", "O quinhentos e um é seu?"),
    ("Moro na casa e estou no bloco.", "Moro na casa e estou no bloco."),
]
CALENDAR = [
    ("às 14:30", "às quatorze e trinta"),
    ("14h30", "quatorze e trinta"),
    ("21h15min", "vinte e uma e quinze"),
    ("14h", "quatorze horas"),
    ("à 1h", "à uma hora"),
    ("2h", "duas horas"),
    ("são 22h.", "são vinte e duas horas."),
    ("às 12h", "ao meio-dia"),
    ("às 12:30", "ao meio-dia e trinta"),
    ("0h00", "meia-noite"),
    ("das 8h às 18h", "das oito horas às dezoito horas"),
    ("8h-18h", "oito horas às dezoito horas"),
    ("20/11/2026", "vinte de novembro de dois mil e vinte e seis"),
    ("01/05", "primeiro de maio"),
    ("em 1º de maio", "em primeiro de maio"),
    ("2026-11-20", "vinte de novembro de dois mil e vinte e seis"),
    ("2026-11-20T14:30", "vinte de novembro de dois mil e vinte e seis às quatorze e trinta"),
    ("31/02", "trinta e um barra zero dois"),
    ("2ª-feira", "segunda-feira"),
    ("6a feira", "sexta-feira"),
]
AMOUNTS = [
    ("1º andar", "primeiro andar"),
    ("2ª via", "segunda via"),
    ("21º", "vigésimo primeiro"),
    ("3o andar", "terceiro andar"),
    ("R$ 19,90", "dezenove reais e noventa centavos"),
    ("R$19,90!!!", "dezenove reais e noventa centavos!"),
    ("R$ 1", "um real"),
    ("R$ 0,01", "um centavo"),
    ("R$ 0,50", "cinquenta centavos"),
    ("R$ 1.250,00", "mil duzentos e cinquenta reais"),
    ("R$ 1.000.000", "um milhão de reais"),
    ("R$ 2,5 milhões", "dois vírgula cinco milhões de reais"),
    ("R$ 3 mil", "três mil reais"),
    ("US$ 10", "dez dólares"),
    ("€ 1,01", "um euro e um centavo"),
    ("50%", "cinquenta por cento"),
    ("3,5%", "três vírgula cinco por cento"),
    ("2 kg", "dois quilos"),
    ("1,5 l", "um vírgula cinco litro"),
    ("120 m²", "cento e vinte metros quadrados"),
    ("100 km/h", "cem quilômetros por hora"),
    ("30 min", "trinta minutos"),
    ("25°C", "vinte e cinco graus"),
    ("10 x 20 m", "dez por vinte metros"),
    ("2 encomendas", "duas encomendas"),
    ("21 pessoas", "vinte e uma pessoas"),
    ("200 pessoas", "duzentas pessoas"),
    ("2000 pessoas", "duas mil pessoas"),
    ("1000 pessoas", "mil pessoas"),
    ("3,5", "três vírgula cinco"),
    ("19,05", "dezenove vírgula zero cinco"),
    ("1.250,75", "mil duzentos e cinquenta vírgula setenta e cinco"),
    ("1.250.000", "um milhão duzentos e cinquenta mil"),
    ("-5", "menos cinco"),
    ("8-12", "oito a doze"),
    ("007", "zero zero sete"),
    ("16", "dezesseis"),
]
CODES = [
    ("98765-4321", "nove oito sete meia cinco, quatro três dois um"),
    ("(11) 3456-7890", "um um, três quatro cinco meia, sete oito nove zero"),
    ("11 98765-4321", "um um, nove oito sete meia cinco, quatro três dois um"),
    (
        "+55 11 98765-4321",
        "mais cinco cinco, um um, nove oito sete meia cinco, quatro três dois um",
    ),
    ("0800 123 4567", "zero oito zero zero, um dois três, quatro cinco meia sete"),
    (
        "CPF 123.456.789-09",
        "cê pê éfe um dois três, quatro cinco meia, sete oito nove, zero nove",
    ),
    (
        "12.345.678/0001-95",
        "um dois, três quatro cinco, meia sete oito, zero zero zero um, nove cinco",
    ),
    ("01310-100", "zero um três um zero, um zero zero"),
    ("placa ABC1D23", "placa a bê cê, um dê dois três"),
    ("placa ABC-1234", "placa a bê cê, um dois três quatro"),
    ("código 4821", "código quatro oito dois um"),
    ("1234567890", "um dois três quatro cinco seis sete oito nove zero"),
    ("versão 1.2.3", "versão um ponto dois ponto três"),
    ("joao.silva@gmail.com", "joao ponto silva arroba gmail ponto com"),
    (
        "https://www.exemplo.com.br/ajuda?x=1",
        "exemplo ponto com ponto bê érre barra ajuda",
    ),
    ("site.com.br", "site ponto com ponto bê érre"),
]
WORDS = [
    ("Sr. João e Sra. Rita", "Senhor João e Senhora Rita"),
    ("o dr. Paulo", "o doutor Paulo"),
    ("Dra Ana", "Doutora Ana"),
    ("D. Rita", "dona Rita"),
    ("Dom Pedro II", "Dom Pedro segundo"),
    ("João XXIII", "João vinte e três"),
    ("vc vem c/ ela p/ cá?", "você vem com ela para cá?"),
    ("morador(a)", "morador"),
    ("sim/não", "sim ou não"),
    ("TV da DHL", "tê vê da dê agá éle"),
    ("Água & Gás S.A.", "Água e Gás ésse á"),
    ("tecle # ou *", "tecle jogo da velha ou asterisco"),
    ("quer ir. Depois", "quer ir. Depois"),
]
NOISE = [
    ("oi 😀 tudo bem? 👍🏽", "oi tudo bem?"),
    ("**negrito**, _itálico_ e `código`", "negrito, itálico e código"),
    ("<b>oi</b> <speak>x</speak>", "oi x"),
    ("# Título\n- um\n- dois", "Título\num\ndois"),
    ("[ajuda](https://a.b/c)", "ajuda"),
    ("a &amp; b", "a e b"),
    ("e aí?!!", "e aí?"),
    ("  muito\t espaço  ", "muito espaço"),
    ("disse “sim” (baixinho).", "disse sim, baixinho."),
    ("espere…", "espere..."),
    ("na\u0303o", "não"),
    ("oi\x00\x07", "oi"),
]


@pytest.mark.parametrize(
    ("written", "spoken"), DWELLINGS + CALENDAR + AMOUNTS + CODES + WORDS + NOISE
)
def test_what_is_written_is_said_as_a_brazilian_says_it(written: str, spoken: str) -> None:
    assert PortugueseNormaliser().normalise(written) == spoken


@pytest.mark.parametrize(
    "spoken", [spoken for _, spoken in DWELLINGS + CALENDAR + AMOUNTS + CODES + WORDS]
)
def test_what_was_normalised_stays_as_it_is(spoken: str) -> None:
    assert PortugueseNormaliser().normalise(spoken) == spoken


def test_a_whole_announcement_reads_well() -> None:
    written = "Olá, Sr. Daniel. A Sra. Rita, do apto. 501, bl. B, autorizou sua entrada às 14h30."
    assert PortugueseNormaliser().normalise(written) == (
        "Olá, Senhor Daniel. A Senhora Rita, do apartamento quinhentos e um, bloco bê, "
        "autorizou sua entrada às quatorze e trinta."
    )


@settings(deadline=None)
@given(st.integers(0, 10**15))
def test_no_digit_of_any_number_is_left(number: int) -> None:
    spoken = PortugueseNormaliser().normalise(f"apartamento {number}")
    assert not any(character.isdigit() for character in spoken)


@settings(deadline=None)
@given(st.text(alphabet="aBeI 0159.,:/-–hº$%R€*#@()\n", min_size=1, max_size=60))
def test_whatever_is_written_is_said_without_digits_or_refused(written: str) -> None:
    try:
        spoken = PortugueseNormaliser().normalise(written)
    except EmptyTextError:
        return
    assert not any(character in "0123456789#*@$" for character in spoken)
    assert spoken == spoken.strip()


@settings(deadline=None)
@given(st.text(max_size=200))
def test_any_text_at_all_is_normalised_or_refused(written: str) -> None:
    try:
        assert PortugueseNormaliser().normalise(written)
    except EmptyTextError:
        assert not any(character.isascii() and character.isalpha() for character in written)


@pytest.mark.parametrize("written", ["", "   ", "...", "🙂", "<br/>", "***"])
def test_nothing_to_say_is_an_error(written: str) -> None:
    with pytest.raises(EmptyTextError, match="nothing to speak"):
        PortugueseNormaliser().normalise(written)


def test_too_much_to_say_is_an_error() -> None:
    with pytest.raises(TextTooLongError, match="at most 2000"):
        PortugueseNormaliser().normalise("a" * (LONGEST_TEXT + 1))
