"""Random Spanish sentences of a doorman's calls, as small in scale as the English grammar."""

from __future__ import annotations

import random
from collections.abc import Callable, Sequence

from stt.training.grammar import names as n
from stt.training.grammar import numbers
from stt.training.grammar.wordlist import phrases, words

SHORT = phrases("""
    sí|no|claro|claro que sí|claro que no|por supuesto|vale|bueno|está bien|de acuerdo|correcto|
    exacto|eso es|así es|hola|buenos días|buenas tardes|buenas noches|gracias|muchas gracias|
    adiós|hasta luego|por favor|perdón|disculpe|qué|quién|quién es|cuándo|dónde|espere|un momento|
    un segundo|un momentito|diga|dígame|aló|pase|adelante|que pase|que suba|que espere|déjelo subir|
    déjela subir|déjelo pasar|déjela pasar|puede subir|puede pasar|puede entrar|abra la puerta|
    abra el portón|ajá|ya|entiendo|perfecto|no importa|cancelar|pare|repita|otra vez|no sé|
    no estoy seguro|tal vez|está mal|ahora no|ayuda|socorro|fuego|policía|una entrega|un paquete|
    una visita|un servicio|autorizo|autorizado|no autorizo|de ninguna manera|soy yo|aquí|nadie
""")
WHOLE = phrases("""
    tengo una entrega|es una entrega|traigo un paquete|vengo a entregar un paquete|vengo de visita|
    soy visitante|soy el plomero|soy el electricista|vivo aquí|soy residente|olvidé mi llave|
    perdí mi llave|estoy en el portón|estoy abajo|estoy afuera|ya llegué|acabo de llegar|
    estoy en el coche|el portón está cerrado|el portón no abre|puede abrir el portón por favor|
    puedo pasar|puedo subir|puedo entrar|tengo prisa|ella me está esperando|él me está esperando|
    me están esperando|no contesta|puede intentar otra vez|llame otra vez por favor|yo espero|
    vuelvo más tarde|puedo esperar aquí|puedo dejarlo aquí|puedo dejarlo en la portería|
    déjeme entrar por favor|sí puede dejarlo pasar|sí déjela entrar por favor|sí lo autorizo|
    sí lo estoy esperando|sí estoy esperando una entrega|que suba por favor|no lo deje entrar|
    no los deje entrar|no estoy esperando a nadie|no conozco a esa persona|
    no conozco a nadie con ese nombre|no pedí nada|apartamento equivocado|
    se equivocó de apartamento|quién habla|quién llama|cómo se llama|
    qué quiere|de qué se trata|de dónde es|de qué empresa|
    déjelo en la portería|por favor déjelo en la recepción|ya bajo|voy a bajar|estoy en camino|
    dígale que espere|pídale que espere|dígale que vuelva después|no estoy en casa|
    estoy ocupado|estoy ocupada|no puedo hablar ahora|no le oí|no le escucho|me escucha|
    puede repetir por favor|puede repetirlo|no entiendo|no entendí|hable más alto por favor|
    hable más despacio por favor|habla español|no hablo portugués|hay alguien ahí|
    quiero hablar con una persona|quiero hablar con el portero|es usted un robot|
    es una grabación|puede ayudarme|necesito ayuda|es una emergencia|llame a la policía|
    llame a una ambulancia|llame a los bomberos|hay un incendio|huele a gas|hay alguien herido|
    estoy atrapado en el ascensor|hay un ladrón|hay mucho ruido|el ascensor no funciona|
    no hay luz|hay una fuga de agua|hay algún paquete para mí|qué hora es|dónde estaciono|
    qué piso es|dónde está el ascensor|ese no es el nombre|no dije eso|empecemos de nuevo|
    que tenga un buen día|hasta mañana|en qué puedo ayudarle|cuál es su nombre|
    me dice su nombre por favor|cuál apartamento|qué bloque|a quién visita|un momento por favor|
    voy a llamar al residente|el residente no contestó|el apartamento no contestó|
    nadie contestó|su entrada fue autorizada|puede pasar|su entrada no fue autorizada|
    disculpe no entendí|diga sí o no por favor|autoriza la entrada|
    no encontré ese apartamento|no encontré a esa persona|es correcto|
    es una entrega una visita o un servicio|la ayuda está en camino|no cuelgue por favor|
    quiero hablar con él|quiero hablar con ella|pásemelo por favor
""")
ITEMS = phrases("""
    un paquete|una pizza|una carta|una caja|un pedido de comida|un sobre|un documento|una bolsa|
    un regalo|un pastel|unas flores|las compras|un medicamento|el almuerzo|la cena|un libro|
    una computadora|un teléfono|una llave|un sofá|una mesa|una encomienda
""")
TRADES = phrases("""
    plomero|electricista|pintor|jardinero|técnico|técnico de internet|cerrajero|enfermero|profesor|
    médico|chofer|mensajero|repartidor|cartero|técnico del ascensor|agente inmobiliario|fumigador
""")
COMPANIES = phrases("""
    amazon|dhl|fedex|uber|ifood|rappi|mercado libre|correos|la farmacia|el supermercado|
    el restaurante|la panadería|la compañía de gas|la compañía de internet|shopee
""")
NAMES = words("""
    juan jorge pablo diego javier carlos luis miguel josé antonio francisco manuel pedro andrés
    sergio fernando alejandro rafael daniel ricardo eduardo alberto enrique ramón vicente ángel
    mario tomás santiago mateo nicolás sebastián martín lucía maría carmen ana isabel laura cristina
    marta elena sofía paula raquel sara julia irene rosa pilar dolores mercedes teresa beatriz
    patricia silvia mónica andrea natalia gabriela valentina camila ximena guadalupe verónica
""")
LAST = words("""
    garcía martínez lópez gonzález rodríguez fernández pérez gómez sánchez ruiz hernández díaz
    moreno álvarez muñoz romero alonso gutiérrez navarro torres domínguez vázquez ramos gil ramírez
    serrano blanco molina morales ortega delgado castro ortiz rubio marín sanz núñez iglesias medina
    garrido cortés castillo santos lozano guerrero cano peña méndez herrera flores rivera mendoza
""")
NOUNS = words("""
    coche casa puerta ventana calle ciudad tienda escuela hospital mercado mesa silla cama teléfono
    computadora carta tarjeta dinero cuenta lista nombre número dirección pregunta respuesta
    problema idea fiesta cena comida agua leche pan carne fruta caja bolsa llave luz foto libro
    papel reloj camisa perro gato árbol lluvia camino tren avión hotel iglesia parque ascensor
    escalera cámara alarma ruido humo fuego accidente reunión cita recibo reparación vecino
    señora señor niño niña
""")
WISHES = phrases("""
    quiero|quisiera|necesito|tengo que|puedo|voy a|vengo a|puede|podría|vamos a|ella quiere|
    él necesita|me pidió|olvidé|intento|debe|no quiero|no puedo|déjeme|hay que
""")
VERBS = words("""
    comprar vender pagar recibir entregar traer llevar buscar dejar guardar abrir cerrar llamar
    hablar preguntar responder mostrar ver escuchar leer escribir firmar mandar enviar pedir marcar
    cambiar arreglar limpiar pintar instalar perder encontrar olvidar visitar ayudar esperar usar
""")
TAILS = phrases("""
    hoy|mañana|ayer|ahora|más tarde|temprano|por la mañana|por la tarde|por la noche|el lunes|
    el martes|el viernes|el sábado|la próxima semana|en casa|en el trabajo|aquí|afuera|arriba|abajo|
    en el segundo piso|con mi familia|para mi madre|para mí|para usted|otra vez|por la lluvia|
    gracias
""")


class SpanishGrammar:
    """Draws Spanish sentences; the people are a mix of Spanish and Brazilian names."""

    def __init__(self, rng: random.Random) -> None:
        self._rng = rng
        self._makers: tuple[Callable[[], str], ...] = (
            lambda: self._one(SHORT), lambda: self._one(SHORT), lambda: self._one(SHORT),
            lambda: self._one(WHOLE), lambda: self._one(WHOLE), lambda: self._one(WHOLE),
            self._introduces, self._visit, self._destination, self._parcel, self._trade,
            self._number, self._allows, self._confirms, self._digits, self._agent,
            self._general, self._general,
        )  # fmt: skip

    def _one(self, options: Sequence[str]) -> str:
        return self._rng.choice(options)

    def person(self) -> str:
        """A name, with a surname half of the time."""
        if self._rng.random() < 0.35:
            name, last = self._one(n.FIRST), self._one(n.LAST)
        else:
            name, last = self._one(NAMES), self._one(LAST)
        return f"{name} {last}" if self._rng.random() < 0.5 else name

    def unit_number(self) -> str:
        """Cardinal, digits or pairs."""
        rng = self._rng
        typical = rng.randrange(1, 26) * 100 + rng.randrange(1, 9)
        kind = rng.random()
        if kind < 0.5:
            return numbers.spanish(rng.choice((typical, rng.randrange(1, 2501))))
        if kind < 0.8:
            return numbers.spanish_digits(str(typical))
        return numbers.spanish_pairs(typical)

    def unit(self) -> str:
        """``apartamento quinientos uno bloque b``."""
        rng = self._rng
        text = f"{self._one(('apartamento', 'apartamento', 'departamento', 'piso', 'casa'))} "
        text += ("número " if rng.random() < 0.1 else "") + self.unit_number()
        if rng.random() < 0.4:
            label = (
                rng.choice("abcdefgh")
                if rng.random() < 0.6
                else numbers.spanish(rng.randrange(1, 20))
            )
            text += f" {self._one(('bloque', 'bloque', 'torre', 'edificio'))} {label}"
        return text

    def _introduces(self) -> str:
        return (
            self._one(("mi nombre es ", "soy ", "me llamo ", "habla ", "es ", "aquí ", ""))
            + self.person()
            + self._one(("", "", f" de {self._one(COMPANIES)}"))
        )

    def _visit(self) -> str:
        opening = self._one(
            ("vengo a ver a ", "vengo a visitar a ", "quiero hablar con ", "busco a ", "es para ",
             "quisiera ver a ", "puede llamar a ", "vengo por ", "estoy buscando a ")
        )  # fmt: skip
        return (
            opening
            + self.person()
            + self._one(("", f" del {self.unit()}", f" en el {self.unit()}"))
        )

    def _destination(self) -> str:
        return self._one(
            ("", "voy al ", "es para el ", "al ", "vivo en el ", "ella vive en el ", "es el ",
             "él vive en el ", "llame al ")
        ) + self.unit()  # fmt: skip

    def _parcel(self) -> str:
        opening = self._one(("tengo ", "traigo ", "entrega de ", "vengo a dejar ", "es ", ""))
        tail = self._one(
            ("", f" para {self.person()}", f" para el {self.unit()}",
             f" de {self._one(COMPANIES)}")
        )  # fmt: skip
        return opening + self._one(ITEMS) + tail

    def _trade(self) -> str:
        opening = self._one(("soy el ", "soy ", "es el ", "aquí el "))
        tail = self._one(("", f" para el {self.unit()}", f" para {self.person()}"))
        return opening + self._one(TRADES) + tail

    def _number(self) -> str:
        return self._one((self.unit_number(), numbers.spanish(self._rng.randrange(0, 30))))

    def _digits(self) -> str:
        rng = self._rng
        digits = "".join(rng.choice("0123456789") for _ in range(rng.choice((1, 2, 3, 4, 5, 7, 9))))
        opening = self._one(("", "", "mi número es ", "el código es "))
        return opening + numbers.spanish_digits(digits)

    def _allows(self) -> str:
        opening = self._one(("deje ", "por favor deje ", "no deje ", "puede dejar ", "autorizo "))
        who = self._one((f"a {self.person()}", "al repartidor", "al plomero", "a la señora"))
        return opening + who + self._one((" pasar", " subir", " entrar", ""))

    def _confirms(self) -> str:
        return f"{self._one(('sí', 'no', 'claro', 'bueno', 'vale', 'exacto'))} " + self._one(
            (self._one(WHOLE), self._one(SHORT), self.unit(), self.person())
        )

    def _general(self) -> str:
        article = self._one(("la", "el", "mi", "su", "una", "un", "otra", "esa"))
        text = f"{self._one(WISHES)} {self._one(VERBS)} {article} {self._one(NOUNS)}"
        return f"{text} {self._one(TAILS)}" if self._rng.random() < 0.5 else text

    def _agent(self) -> str:
        unit, person, company = self.unit(), self.person(), self._one(COMPANIES)
        return self._one(
            (f"un momento voy a llamar al {unit}", f"estoy llamando al {unit}",
             f"el {unit} no contestó", f"hola {person}", f"gracias {person}",
             f"hay una entrega de {company} autoriza la entrada",
             f"{person} está en el portón autoriza la entrada", f"no encontré el {unit}",
             f"usted dijo {unit} es correcto", f"{person} autorizó su entrada",
             f"hola {person} habla la portería",
             f"portería de {self._one(n.BUILDINGS)} buenas noches en qué puedo ayudarle")
        )  # fmt: skip

    def sentence(self) -> str:
        """One utterance."""
        rng = self._rng
        text = rng.choice(self._makers)()
        if rng.random() < 0.06:
            mixed = (text + " " + rng.choice(self._makers)()).split()
            rng.shuffle(mixed)
            return " ".join(mixed[: rng.randrange(1, 7)])
        if rng.random() < 0.18:
            greeting = self._one(
                ("hola", "buenas", "buenos días", "buenas tardes", "buenas noches")
            )
            text = f"{greeting} {text}"
        if rng.random() < 0.1:
            text += self._one((" por favor", " gracias", " vale"))
        return text
