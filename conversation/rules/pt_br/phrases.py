"""What people often say at a gate and on an intercom, with its accents: hints for a recogniser."""

ERRANDS = (
    "entrega", "entrega para o apartamento", "encomenda", "pacote", "visita", "vim visitar",
    "vim fazer uma visita", "serviço", "manutenção", "meu nome é", "aqui é", "apartamento", "bloco",
    "torre", "dona", "seu", "bom dia", "boa tarde", "boa noite", "sou entregador", "sim", "não",
    "isso mesmo", "quero falar com o porteiro",
)  # fmt: skip

CONFIRMATIONS = (
    "isso", "isso mesmo", "sim", "não", "certo", "correto", "confirmo", "apartamento", "bloco",
)  # fmt: skip

DECISIONS = (
    "sim", "não", "pode subir", "pode deixar subir", "pode entrar", "pode liberar", "manda subir",
    "libera", "autorizo", "não autorizo", "está autorizado", "deixa subir", "deixa entrar",
    "não pode", "não deixa",
    "não conheço", "não conheço essa pessoa", "não estou esperando ninguém",
    "não pedi nada", "quem é", "de que empresa", "o que é", "um momento", "só um minuto",
    "já estou descendo", "deixa na portaria", "pode deixar na portaria", "alô", "pois não",
    "quero falar com ele", "quero falar com ela", "deixa eu falar com ele", "passa pra mim",
)  # fmt: skip
