"""Words of everyday Spanish: which are names, which never are, which are titles."""

from conversation.rules.es.numbers import NUMERALS
from conversation.rules.given_names import GIVEN_NAMES as BRAZILIAN_NAMES
from conversation.rules.words import words_in

TITLES = words_in(
    "señor señora señorita don doña doctor doctora profesor profesora licenciado sr sra dr dra "
    "ingeniero tio tia seu dona"
)
PARTICLES = words_in("de del la las los da do dos")
KIN = words_in(
    """
    hijo hija madre padre mama papa hermano hermana amigo amiga primo prima novio novia sobrino
    sobrina abuela abuelo vecino vecina cuñado cuñada suegra suegro marido esposa esposo mujer nieto
    nieta colega compañero compañera niñera chofer abogado abogada enfermera cuidadora ahijado
    ahijada madrina padrino cliente pariente familiar médico médica paciente alumno alumna invitado
    invitada empleada
    """
)
GIVEN_NAMES = BRAZILIAN_NAMES | words_in(
    """
    juan jose carlos luis jorge miguel pedro alejandro manuel francisco javier fernando ricardo
    roberto eduardo sergio andres mateo santiago sebastian nicolas joaquin esteban ramiro rodrigo
    guillermo enrique ernesto hernan gonzalo pablo diego martin maria ana lucia sofia valeria
    camila gabriela daniela paula carolina veronica patricia claudia laura marta rosa elena teresa
    isabel silvia monica mariana ximena jimena lucía florencia agustina guadalupe pilar mercedes
    rodriguez gonzalez hernandez lopez martinez perez sanchez ramirez torres flores rivera gomez
    diaz reyes cruz morales ortiz gutierrez chavez ramos ruiz alvarez mendoza castillo jimenez
    vasquez romero medina aguilar herrera fernandez vega guzman rojas soto contreras silva
    """
)
NEVER_NAMES = NUMERALS.all_words | words_in(
    """
    a al ante bajo con contra de del desde el la los las lo un una unos unas en entre hacia hasta
    para pa por según sin sobre tras y e o u ni que si no sí se me te le les nos os mi mis tu tus su
    sus yo tú usted ustedes él ella ello ellos ellas nosotros esto eso aquello este esta ese esa
    aquel aquella aquí acá ahí allí allá hoy mañana ayer ahora luego después antes ya todavía aún
    también tampoco solo sólo muy más menos bien mal bueno buena buenos buenas día días tarde tardes
    noche noches hola aló oiga disculpe perdón gracias favor adiós chao es son soy eres somos era
    fue ser estar está están estoy estamos hay haber ha he han tener tengo tiene tenemos traigo trae
    traer vengo viene venir vine vino venimos voy va vamos ir quiero quiere quisiera querer puedo
    puede poder pueda debo busco buscar busca buscando necesito necesita llamar llama llamo llame
    hablar habla hablo hable decir digo dice diga ver veo visitar visita visitas visitante entregar
    entrega entregas paquete paquetes pedido pedidos encomienda encomiendas caja sobre carta cartas
    bolsa comida pizza pizzas medicina medicinas remedio remedios flores agua gas correo correos
    repartidor repartidora mensajero mensajería servicio servicios técnico técnica mantenimiento
    reparación reparar arreglar instalar instalación plomero electricista pintor limpieza mudanza
    obra internet teléfono celular luz ascensor puerta portón garaje apartamento departamento depto
    apto piso casa unidad número bloque torre edificio sala oficina portería portero conserje
    guardia vigilante recepción administrador administración encargado persona personas alguien
    nadie gente humano residente dueño inquilino vivo vive vivir empresa tienda compañía nombre
    apellido llave llaves momento minuto minutos segundo hora horas espere esperar esperando esperen
    entrar entra subir sube bajar baja pasar pasa pase deje dejar deja mande mandar abra abre abrir
    autorizo autoriza autorizado emergencia ayuda policía bomberos ambulancia incendio ladrón qué
    quién cuál cómo cuándo dónde cuánto cosa cosas algo nada todo toda todos cada otro otra mismo
    misma primero primera tercero último nuevo viejo grande pequeño cuarto quinto fiesta cumpleaños
    reunión cita clase reserva hotel auto coche carro moto taxi claro seguro vale dale ok okay
    correcto exacto cierto verdad error equivocado inglés español portugués english please hello
    perdí olvidé olvidé dejé llegó llegar llegando estaba parte lado frente fondo norte sur este
    oeste aire acondicionado azul verde blanca roja amarilla
    """
)
NAME_SHAPED_VERBS = ("ando", "endo", "iendo", "ar", "er", "ir", "cion", "mente")
