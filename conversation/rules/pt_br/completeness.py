"""Where turns in Portuguese end, and where they do not."""

from conversation.rules.completeness import EndWords
from conversation.rules.pt_br.numbers import NUMERALS
from conversation.rules.pt_br.units import UNITS
from conversation.rules.words import phrases_in, words_in

_HANGING = UNITS.anchors | words_in(
    """
    a o os as uns umas do da de dos das no na nos nas pro pra para com que e ao em pelo pela por meu
    minha seu sua dona doutor doutora senhora se mas ou sou chamo mil porque entao tipo numero nome
    vim vou to estou tenho quero queria gostaria falar visitar entregar trazer deixar
    """
)
"""A turn that ends in one of these is cut off: "apartamento", "para o", "quinhentos e"."""
_GOES_ON_OR_NOT = words_in("pode podem manda deixa libera pronto")
"""Answers that the next word may turn round: "pode... não", "deixa... na portaria"."""
_HESITATION = words_in("eh hum hm ah ahn er humm")
_CLOSED = words_in("obrigado obrigada valeu favor tchau")
_THINKING = phrases_in(
    "deixa eu ver", "deixa eu olhar", "deixa ver", "so um segundo", "na verdade", "quer dizer",
    "como e", "como que e", "como se chama", "perai", "pera ai", "espera ai", "eu acho", "acho que",
    "no caso", "olha", "entao", "assim",
)  # fmt: skip

ENDS = EndWords(
    units=UNITS,
    numerals=NUMERALS,
    hanging=_HANGING,
    goes_on_or_not=_GOES_ON_OR_NOT,
    hesitation=_HESITATION,
    closed=_CLOSED,
    thinking=_THINKING,
    assents=words_in("sim nao ta bom tudo bem ok certo claro isso beleza"),
    introductions=frozenset({"aqui", "sou", "somos"}),
)
