"""Random Brazilian Portuguese sentences of a doorman's calls: visitor, resident and agent."""

from __future__ import annotations

import random
from collections.abc import Callable, Sequence

from stt.training.grammar import names as n
from stt.training.grammar import numbers
from stt.training.grammar import pt_br_phrases as p
from stt.training.grammar.general import general_sentence
from stt.training.grammar.server import Slots, server_sentence
from stt.training.grammar.wordlist import words

_PSEUDO_ONSETS = words(
    "b d f j l m n p r t v br cr dr fr gr pr tr bl cl fl pl lh nh ch qu gu s k b d l m n p t"
)
_PSEUDO_VOWELS = words("a a a e e i i o o u ã ei ai ou")
_UNIT_WORDS = ("apartamento",) * 6 + ("unidade", "casa", "apê", "sala", "apto", "loja")
_BLOCK_LETTERS = (*"aaabbbcccdddfgh", "é/e", "j", "k", "l")  # "é/e": said / written
_LETTERS = "abcdefghijklmnpqrstuvxz"


class Grammar:
    """Draws sentences.

    ``rng`` makes the draw repeatable; with ``held_names`` people are called only by the names that
    training never uses. With ``odd`` some people have invented names and some sentences are words
    in no order, so that the network learns to spell what it hears.
    """

    def __init__(self, rng: random.Random, held_names: bool = False, odd: bool = True) -> None:
        self._rng = rng
        self._odd = odd and not held_names
        self._first: Sequence[str] = n.HELD_FIRST if held_names else n.FIRST
        self._last: Sequence[str] = n.HELD_LAST if held_names else n.LAST
        self._cores: tuple[tuple[float, Callable[[], str]], ...] = (
            (6, self._introduces), (4, self._delivery), (4, self._company), (6, self._visit),
            (5, self._destination), (4, self._service), (4, self._parcel), (3, self._relation),
            (3, self._digit_string), (2, self._plate), (3, self._block), (4, self._allows),
            (7, self._number), (6, self._name), (4, self._resident_name), (3, self._confirms),
            (16, self._short), (8, lambda: self._one(p.RESIDENT)),
            (6, lambda: self._one(p.VISITOR)), (8, lambda: self._one(p.TALK)),
            (3, lambda: self._one(p.EMERGENCY)), (4, lambda: self._one(p.AGENT)),
            (6, lambda: self._one(p.SERVER)),
            (2, lambda: self._one(p.JOINING)), (3, lambda: self._one(p.RECEPTION)),
            (3, lambda: self._one(p.ACCESS)),
            (8, self._agent_slots), (3, self._time),
            (10, lambda: general_sentence(rng)),
        )  # fmt: skip
        self._weights = [weight for weight, _ in self._cores]
        self._makers = [maker for _, maker in self._cores]

    def _one(self, options: Sequence[str]) -> str:
        return self._rng.choice(options)

    def _maybe(self, probability: float, text: str) -> str:
        return text if self._rng.random() < probability else ""

    def pseudo_word(self) -> str:
        """An invented word of two to four syllables, spelt as it is said."""
        syllables = [
            self._one(_PSEUDO_ONSETS) + self._one(_PSEUDO_VOWELS)
            for _ in range(self._rng.choice((2, 2, 3, 3, 4)))
        ]
        word = "".join(syllables)
        word = self._maybe(0.2, self._one(("a", "e", "i", "o"))) + word
        word = word.replace("quu", "qua").replace("guu", "gua").replace("quo", "co")
        return word + self._maybe(0.25, self._one(("s", "l", "r", "n")))

    def person(self, full: float = 0.55) -> str:
        """A first name, with the given probability followed by a surname."""
        rng = self._rng
        if self._odd and rng.random() < 0.05:
            return self.pseudo_word() + self._maybe(full, " " + self.pseudo_word())
        name = self._one(self._first) + self._maybe(0.1, " " + self._one(self._first))
        if rng.random() < full:
            name += self._maybe(0.15, self._one((" da", " de", " dos", " do")))
            name += " " + self._one(self._last) + self._maybe(0.06, " " + self._one(self._last))
            name += self._maybe(0.02, self._one((" filho", " neto", " júnior")))
        return name

    def unit_number(self) -> str:
        """A unit's number in one of the ways it is said: cardinal, digits, pairs."""
        rng = self._rng
        kind = rng.random()
        typical = rng.randrange(1, 26) * rng.choice((10, 100)) + rng.randrange(1, 9)
        if kind < 0.5:
            return numbers.portuguese(typical)
        if kind < 0.66:
            return numbers.portuguese(rng.randrange(1, 2501))
        if kind < 0.88:
            count = rng.choice((2, 3, 3, 3, 4, 4))
            digits = "".join(rng.choice("0123456789") for _ in range(count))
            return numbers.portuguese_digits(digits, rng)
        if typical < 1000 or rng.random() < 0.3:
            return numbers.portuguese_pairs(rng.randrange(101, 2600), rng)
        return numbers.portuguese_pairs(typical, rng)

    def block(self) -> str:
        """``bloco b``, ``torre dois``, ``torre norte``."""
        rng = self._rng
        word = self._one(("bloco", "bloco", "bloco", "torre", "torre", "prédio"))
        kind = rng.random()
        if kind < 0.6:
            return f"{word} {self._one(_BLOCK_LETTERS)}"
        if kind < 0.9:
            return f"{word} {numbers.portuguese(rng.randrange(1, 21))}"
        return f"torre {self._one(n.TOWER_NAMES)}"

    def unit(self, with_block: float = 0.45) -> str:
        """``apartamento quinhentos e um bloco b``."""
        rng = self._rng
        kind = self._one(_UNIT_WORDS)
        kind = "apartamento" if kind == "apto" else kind
        text = f"{kind} {self._maybe(0.1, 'número ')}{self.unit_number()}"
        if rng.random() < with_block:
            block = self.block()
            linking = self._one((" ", " ", " ", " do ", " da " if "torre" in block else " do "))
            text = text + linking + block if rng.random() < 0.85 else f"{block} {text}"
        return text

    def _title(self) -> str:
        return self._one(("o ", "a ", "seu ", "dona ", "senhor ", "senhora ", "doutor ", ""))

    def _introduces(self) -> str:
        opening = self._one(
            ("meu nome é ", "eu sou ", "aqui é ", "sou ", "é ", "quem fala é ", "eu me chamo ",
             "quem está falando é ", "me chamo ", "o meu nome é ", "pode dizer que é ",
             "diz que é ", "fala que é ")
        )  # fmt: skip
        text = opening + self._one(("", "", "o ", "a ")) + self.person()
        if self._rng.random() < 0.25:
            text += self._one((" da ", " do ", " de ")) + self._one(n.COMPANIES + n.FIRMS)
        elif self._rng.random() < 0.2:
            text += self._one((" do ", " moro no ", " vim visitar o ")) + self.unit()
        return text

    def _delivery(self) -> str:
        opening = self._one(
            ("é ", "é uma ", "tenho uma ", "vim trazer uma ", "", "vim fazer uma ", "trouxe uma ",
             "tem uma ", "chegou uma ", "estou com uma ")
        )  # fmt: skip
        link = self._one(("para o ", "pro ", "no ", "do ", "pra o ", "para a ", "para "))
        return f"{opening}entrega {link}" + self._one((self.unit(), self.unit(), self.person()))

    def _company(self) -> str:
        opening = self._one(
            ("entrega da ", "entrega do ", "sou da ", "sou do ", "é da ", "é do ", "aqui é da ",
             "é o entregador do ", "sou entregador da ", "pacote da ", "encomenda do ", "é o ",
             "vim pela ", "estou pela ", "entregador do ")
        )  # fmt: skip
        text = opening + self._one(n.COMPANIES if self._rng.random() < 0.75 else n.FIRMS)
        return text + self._one(
            ("", "", f" para {self._title()}{self.person()}", f" pro {self.unit()}",
             f" para o {self.unit()}")
        )  # fmt: skip

    def _visit(self) -> str:
        opening = self._one(
            ("vim visitar ", "vou visitar ", "eu vim ver ", "quero falar com ", "vim falar com ",
             "visita para ", "queria falar com ", "gostaria de falar com ", "vou na casa da ",
             "vou na casa do ", "preciso falar com ", "estou procurando ", "chama ",
             "é visita para ",
             "eu vim visitar ", "vim na casa de ", "pode chamar ", "por favor chama ")
        )  # fmt: skip
        return opening + self._title() + self.person() + self._one(
            ("", "", f" do {self.unit()}", f" no {self.unit()}", f" {self.unit()}",
             f" da {self.block()}" if self._rng.random() < 0.3 else f" do {self.block()}")
        )  # fmt: skip

    def _destination(self) -> str:
        opening = self._one(
            ("vou no ", "é no ", "o apartamento dele é o ", "é para o ", "moro no ", "é do ",
             "", "",
             "vou para o ", "vou ao ", "quero ir no ", "o apartamento é o ", "sou do ",
             "ele mora no ",
             "ela mora no ", "fica no ", "vim no ", "liga para o ", "chama o ", "pro ")
        )  # fmt: skip
        return opening + self.unit(0.55)

    def _service(self) -> str:
        opening = self._one(
            ("é serviço de ", "serviço de ", "vim fazer um serviço de ", "sou da ", "sou do ",
             "manutenção de ", "é da empresa de ", "vim consertar o ", "vim consertar a ", "sou o ",
             "vim fazer a manutenção do ", "vim fazer a instalação da ", "é o rapaz da ",
             "vim por causa do ",
             "é o técnico da ", "sou técnico de ", "vim ver o ", "vim arrumar o ", "vim para a ")
        )  # fmt: skip
        return (
            opening
            + self._one(n.SERVICES)
            + self._one(
                ("", "", f" no {self.unit()}", f" do {self.unit()}", f" na casa de {self.person()}")
            )
        )

    def _parcel(self) -> str:
        opening = self._one(("é ", "tem ", "chegou ", "trouxe ", "vim deixar ", "vim entregar ",
                             "tenho ", "estou com ", "vim trazer ", ""))  # fmt: skip
        if self._rng.random() < 0.5:
            thing = self._one(("um ", "o ", "um ")) + self._one(n.PARCELS_M)
        else:
            thing = self._one(("uma ", "a ", "uma ")) + self._one(n.PARCELS_F)
        return opening + thing + self._one(
            ("", "", f" para {self._title()}{self.person()}", f" para o {self.unit()}",
             f" da {self._one(n.COMPANIES)}", f" pro {self.unit()}")
        )  # fmt: skip

    def _relation(self) -> str:
        opening = self._one(("sou ", "eu sou ", "é ", "aqui é ", "diz que é "))
        article = self._one(("o ", "a ", ""))
        owner = self._one(("do ", "da ", "de ")) + self.person(0.3)
        return f"{opening}{article}{self._one(n.KIN)} {owner}" + self._one(
            ("", f" do {self.unit()}")
        )

    def _digit_string(self) -> str:
        rng = self._rng
        opening = self._one(
            ("o número é ", "meu documento é ", "meu cpf é ", "o código é ", "a senha é ", "",
             "meu telefone é ", "o telefone é ", "meu rg é ", "é ", "", "", "o pedido é ")
        )  # fmt: skip
        count = rng.choice((1, 2, 3, 3, 4, 4, 5, 6, 8, 9, 11))
        digits = "".join(rng.choice("0123456789") for _ in range(count))
        return opening + numbers.portuguese_digits(digits, rng)

    def _plate(self) -> str:
        rng = self._rng
        letters = " ".join(rng.choice(_LETTERS) for _ in range(3))
        tail = numbers.portuguese_digits("".join(rng.choice("0123456789") for _ in "1234"), rng)
        if rng.random() < 0.4:  # Mercosul plates: ABC 1D23
            words = tail.split()
            words[1] = rng.choice(_LETTERS)
            tail = " ".join(words)
        return self._one(("a placa é ", "placa ", "é um carro placa ", "")) + f"{letters} {tail}"

    def _block(self) -> str:
        block = self.block()
        opening = self._one(("", "", "é no ", "é o ", "no ", "moro no ", "do "))
        if "torre" in block:
            opening = opening.replace("no ", "na ").replace("o ", "a ").replace("do ", "da ")
        return opening + block

    def _allows(self) -> str:
        opening = self._one(
            ("pode deixar ", "deixa ", "autorizo ", "não deixa ", "manda ", "pode mandar ",
             "pode liberar ", "libera ", "autoriza ", "não autorizo ", "não libera ",
             "estou esperando ",
             "não conheço ", "pede para ", "fala para ", "diz para ")
        )  # fmt: skip
        who = self._one(("", self._title() + self.person(0.2), "ele", "ela", "o rapaz", "a moça",
                         "o entregador", "o motoboy", "o técnico", "a visita"))  # fmt: skip
        return opening + who + self._one((" subir", " entrar", "", " esperar", " descer"))

    def _number(self) -> str:
        rng = self._rng
        kind = rng.random()
        if kind < 0.3:
            return numbers.portuguese(rng.randrange(0, 2501))
        if kind < 0.45:
            return numbers.portuguese(rng.randrange(0, 30))
        if kind < 0.9:
            return self._one(("", "", "", "é o ", "é ", "no ", "do ", "é no ")) + self.unit_number()
        return self.unit_number() + " não " + self.unit_number()

    def _name(self) -> str:
        return self._maybe(0.2, self._one(("o ", "a ", "seu ", "dona "))) + self.person(0.65)

    def _resident_name(self) -> str:
        opening = self._one(
            ("o morador é ", "é para ", "procuro ", "estou procurando ", "o nome é ", "é pra ",
             "o nome dela é ", "o nome dele é ", "o morador se chama ", "a moradora é ", "com ",
             "ele se chama ", "ela se chama ", "acho que é ", "é com ")
        )  # fmt: skip
        return opening + self._maybe(0.4, self._title()) + self.person()

    def _confirms(self) -> str:
        return f"{self._one(('sim', 'não', 'isso', 'claro', 'é', 'tá', 'aham'))} " + self._one(
            (
                self._one(p.RESIDENT),
                self._one(p.SHORT),
                self.unit(),
                self.person(),
                "é " + self.unit(),
            )
        )

    def _short(self) -> str:
        return self._one(p.SHORT)

    def _time(self) -> str:
        rng = self._rng
        hour = numbers.portuguese(rng.randrange(1, 24)).replace("dois", "duas")
        hour = "uma" if hour == "um" else hour
        minutes = self._one(("", " e meia", f" e {numbers.portuguese(rng.randrange(5, 60, 5))}"))
        opening = self._one(("às ", "das ", "até as ", "marquei às ", "ele chega às ",
                             "depois das ", "são ", "é às "))  # fmt: skip
        return opening + hour + self._one((" horas", "", minutes))

    def _agent_slots(self) -> str:
        rng = self._rng
        return server_sentence(
            Slots(
                rng, self.unit(), self.block(), self.person(), self.person(),
                self._one(n.COMPANIES), self._one(n.BUILDINGS),
            )
        )  # fmt: skip

    def salad(self) -> str:
        """Words of the domain in an order that no grammar predicts."""
        rng = self._rng
        pool = [*self.core().split(), self._one(self._first), self._one(self._last)]
        pool += [numbers.portuguese(rng.randrange(20)), self.pseudo_word()]
        pool += [self._one(p.COMMON_WORDS) for _ in range(5)]
        rng.shuffle(pool)
        return " ".join(pool[: rng.randrange(1, 8)])

    def core(self) -> str:
        """One sentence without greeting or tail."""
        return self._rng.choices(self._makers, self._weights)[0]()

    def sentence(self) -> str:
        """One utterance: greetings, tails and second sentences come and go."""
        rng = self._rng
        if self._odd and rng.random() < 0.09:
            return self.salad()
        text = self.core()
        if rng.random() < 0.2:
            text = f"{self._one(p.GREETINGS)} {text}"
        if rng.random() < 0.12:
            text += f" {self._one(p.TAILS)}"
        if rng.random() < 0.09:
            text += f" {self.core()}"
        return " ".join(text.split())
