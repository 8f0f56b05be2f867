"""What somebody wants, asks or orders in Spanish."""
# ruff: noqa: E501 - a line is a group of phrases

from conversation.rules.es.common_words import KIN
from conversation.rules.intents import IntentWords
from conversation.rules.patterns import any_of
from conversation.rules.words import fold
from conversation.understanding import Instruction, Intent, Question

_WHO = (
    "(portero|porteria|conserje|guardia|vigilante|encargado|encargada|administrador|administracion|"
    "gerente|persona|humano|alguien|operador|operadora|recepcion|recepcionista|seguridad|"
    "supervisor|ser humano)"
)
_KIN = "(" + "|".join(sorted(fold(word) for word in KIN)) + ")"
_INTENTS = (
    (
        any_of(
            """
            buzon de voz|buzon|deje (su|un) (mensaje|recado)|despues del (tono|sonido|bip)|grabe su mensaje
            no puede (contestar|atender|responder)|no puedo (contestar|atender)|fuera (del area|de servicio)
            (numero|persona) (que|a la que) (usted )?(marco|llama|marca|ha marcado)( _)*|no se encuentra disponible
            (llamada|sera) (transferida|desviada)( _)*|casilla de mensajes
            """
        ),
        Intent.VOICE_MAIL,
    ),
    (
        any_of(
            f"(hablar|comunicarme|conversar) con (el |la |un |una |algun |alguna )?{_WHO}"
            f"\n(llame|llama|llamar|quiero|necesito|paseme|pasame|comuniqueme|transfierame|donde esta)"
            f"( al| a| el| la| con| un| una)* {_WHO}"
            "\n(usted )?es un robot|es una maquina|persona (real|de verdad)|no (quiero )?hablar con (una )?(maquina|robot)"
            "\n(aqui|somos|soy|es) (la |de la )?(policia|oficial de justicia)( _)*"
        ),
        Intent.HUMAN,
    ),
    (
        any_of(
            """
            numero equivocado|se equivoco( _)*|esta equivocado|equivocado de (numero|casa|persona)
            no vivo (aqui|ahi)( _)*|ya no vivo( _)*|no vive (aqui|ahi)( _)*|me mude|no es aqui
            """
        ),
        Intent.WRONG_NUMBER,
    ),
    (
        any_of(
            """
            cancele|cancela|cancelar|olvidelo|olvidalo|dejelo asi|dejalo asi|ya no (necesito|quiero)( _)*
            me voy|vuelvo (despues|luego|mas tarde|otro dia|manana)|ya lo resolvi|no importa
            """
        ),
        Intent.CANCEL,
    ),
    (
        any_of(
            """
            vivo (aqui|en)|vivimos (aqui|en)|soy (el |la |un |una )?(residente|dueno|duena|propietario|propietaria|inquilino|inquilina)( _)*
            (olvide|perdi|deje|se me (olvido|olvidaron|perdio|perdieron)) (la|las|mi|mis|el) (llave|llaves|tarjeta|control|codigo|clave)( _)*
            (la|mi) (llave|tarjeta|huella|clave) no( _)*
            """
        ),
        Intent.RESIDENT,
    ),
    (
        any_of(
            """
            servicio|servicios|tecnico|tecnica|mantenimiento|reparar|reparacion|arreglar|arreglo|instalar|instalacion
            plomero|plomeria|gasfitero|fontanero|electricista|pintor|pintura|albanil|limpieza|empleada domestica
            mudanza|obra|remodelacion|inspeccion|internet|aire acondicionado|jardinero|cerrajero|fumigacion
            carpintero|cuidadora|enfermera|fisioterapeuta|inmobiliaria|medidor|presupuesto|ascensor|antena|cable
            vengo a trabajar|trabajo (en|con)( _)*|lectura|ninera|cortinas
            """
        ),
        Intent.SERVICE,
    ),
    (
        any_of(
            """
            entrega|entregas|entregar|entregando|repartidor|repartidora|reparto|encomienda|encomiendas|paquete|paquetes
            pedido|pedidos|mensajero|mensajeria|cartero|correo|correos|pizza|pizzas|comida|hamburguesa|medicina|medicinas
            remedio|remedios|compras|mercaderia|carta|carta certificada|sobre para|flores|ramo|torta|pastel|delivery
            (traigo|traer|trae|vengo a dejar|dejar) (un|una|unos|unas|el|la|algo)( _)*|domicilio
            garrafa|bombona|bidon|documento|documentos|caja|cajas
            """
        ),
        Intent.DELIVERY,
    ),
    (
        any_of(
            """
            visita|visitas|visitar|visitante|visitando|invitado|invitada|invitados|fiesta|cumpleanos|cena|almuerzo
            (soy|somos) (el |la |un |una |los )?KIN( _)*|es (el|la) KIN (de|del)( _)*
            (vengo|vine|quiero|quisiera|necesito|venimos) (a )?(ver|encontrar|hablar con|conversar con|buscar|recoger)( _)*
            (me|nos) (espera|esta esperando|estan esperando|invito)|airbnb|huesped|tengo (una )?(reserva|cita)
            (busco|buscando) (a|al)( _)*|casa de _|clase particular|reunion|hablar con (el|la|don|dona|_)( _)*
            """.replace("KIN", _KIN)
        ),
        Intent.VISIT,
    ),
    (
        any_of(
            """
            repita|repite|repetir|repetirme|otra vez|de nuevo|no (le |te |lo )?(entendi|escuche|oi|entiendo|escucho|oigo)
            que (dijo|dice|pregunto)|hable mas (alto|despacio|fuerte)|se corta|se esta cortando|mala conexion
            """
        ),
        Intent.REPEAT,
    ),
    (
        any_of("adios|chao|chau|hasta (luego|pronto|manana)|nos vemos|que le vaya bien"),
        Intent.GOODBYE,
    ),
    (
        any_of(
            """
            (va a|cuanto) (demorar|tardar|tiempo|demora|tarda|falta)( _)*|demora mucho|tarda mucho|falta mucho
            ya (llamo|contesto|contestaron|aviso)( _)*|nadie contesta|contestaron|rapido|apurese|apurado|apurada|prisa|apuro
            """
        ),
        Intent.HURRY,
    ),
)
_GREETS = (
    "(hola|alo|bueno|diga|digame|buenas|buenos dias|buenas tardes|buenas noches|buen dia|que tal|"
    "como esta|como le va|oiga|oye|si|senor|senora|joven|portero|disculpe|por favor|muy)"
)
_QUESTIONS = (
    (
        any_of(
            """
            de donde|de (que|cual) (empresa|tienda|compania|lugar|restaurante)|(que|cual) (empresa|tienda|compania)( es)?
            quien (lo |la )?(manda|mando|envia|envio)|de parte de quien
            """
        ),
        Question.WHERE_FROM,
    ),
    (
        any_of(
            """
            (?<!no )es para mi|para quien|a quien (busca|visita|viene)( _)*|con quien (quiere|desea)( _)*
            (que|cual|para que) (apartamento|departamento|unidad|bloque)|a nombre de quien
            """
        ),
        Question.FOR_WHOM,
    ),
    (
        any_of(
            """
            que es|que es eso|de que se trata|sobre que|que (quiere|quieren|desea|trae|traen|necesita|busca)
            que (entrega|encomienda|paquete|servicio|visita)|(cual es )?el (motivo|asunto)|que tipo de _|que paso
            a que (viene|vino)|para que( es)?$|(entrega|paquete|servicio) de que
            """
        ),
        Question.WHAT,
    ),
    (
        any_of(
            """
            quien|quien es|quienes|como se llama|(cual es )?(el|su) nombre( _)*|que persona|nombre (de|del)( _)*
            """
        ),
        Question.WHO,
    ),
)
_INSTRUCTIONS = (
    (
        any_of(
            """
            (diga|dile|digale|diganle|di) que (yo )?(no estoy|sali|no me encuentro|estoy fuera|viaje|no hay nadie)( _)*
            que (se vaya|vuelva (despues|otro dia|mas tarde|manana))( _)*
            (mandelo|mandela|mandalo|echelo|echalo) (a volar|afuera|de vuelta)|no estoy (en casa|para nadie)
            (digale|dile|pidale) que (se vaya|vuelva|regrese)( _)*
            """
        ),
        Instruction.SEND_AWAY,
    ),
    (
        any_of(
            """
            ya bajo|ya voy( bajando| para alla| a bajar)?|estoy bajando|(voy|vamos) (a bajar|bajando|para alla)( _)*
            bajo (ya|enseguida|ahora|en _ minutos)|enseguida bajo|ahora bajo|yo bajo|voy a (buscarlo|recogerlo|recibirlo|buscar|recoger)( _)*
            ya (lo|la) (busco|recojo)( _)*|bajo a( _)*
            """
        ),
        Instruction.COMING_DOWN,
    ),
    (
        any_of(
            """
            (deja|deje|dejen|dejar|dejelo|dejela|dejalo|dejala|dejarlo|dejarla|pongalo|pongala|metalo|guardelo|guarda|guarde|que lo deje|que la deje|que deje)( _){0,4} en (el|los|un|uno de los) (casillero|casilleros|locker|lockers)( _)*
            ^en (el|un) (casillero|locker)( por favor)*$
            """
        ),
        Instruction.LEAVE_IN_LOCKER,
    ),
    (
        any_of(
            """
            (deja|deje|dejen|dejar|dejelo|dejela|dejalo|dejala|dejarlo|dejarla|pongalo|guardelo|guarda|guarde|recibalo|que lo deje|que la deje|que deje)( _){0,4} (en la (porteria|recepcion|entrada|caseta|conserjeria|puerta)|en el (casillero|locker|lobby)|con (el (portero|conserje|guardia)|usted|ustedes)|abajo|ahi|alli|ahi mismo)( _)*
            (recibalo|recibala|recibelo|guardelo|guardemelo|recibamelo|puede recibirlo|puede guardarlo)( por mi)?( por favor)?
            (despues|luego|mas tarde) (lo|la) (busco|recojo)( _)*
            """
        ),
        Instruction.LEAVE_AT_DESK,
    ),
    (
        any_of(
            """
            (quiero|quisiera|puedo|dejeme|dejame|necesito|permitame) (hablar|conversar)( _)? (con )?(el|ella|ellos|la visita|el visitante|el repartidor|la persona|el senor|la senora|el joven|el tecnico)( _)*
            (paseme|pasame|comuniqueme|pongame|ponme|paselo|pasalo|pasela)( con)?( el| ella| lo| la| al)?( visitante| repartidor| senor| joven| senora| llamada| telefono)*
            hablar con (el|ella)( directamente)?
            """
        ),
        Instruction.TALK,
    ),
    (
        any_of(
            """
            (un|una|solo un|unos) (momento|momentito|minuto|minutito|instante|segundo|segundito|rato|ratito|minutos)
            (espere|espera|esperese|aguarde|espereme|aguanta)( _){0,2}|que (espere|aguarde|me espere)( _)*
            (digale|dile|pidale) que (espere|aguarde|me espere)( _)*|(dejeme|dejame) (ver|preguntar|pensar|revisar|confirmar)( _)*
            (voy a|dejeme) (preguntar|ver|confirmar|verificar|llamar)( _)*|ya vuelvo|ahorita vuelvo
            """
        ),
        Instruction.WAIT,
    ),
)

INTENTS = IntentWords(
    emergency=any_of(
        """
        socorro|auxilio|emergencia|incendio|fuego|asalto|asaltando|robo|robando|robaron|ladron|ladrones|secuestro
        infarto|se desmayo|desmayada|desmayado|convulsion|sangrando|muriendo|herido|herida|disparo|disparos|tiroteo
        armado|arma|pistola|cuchillo|fuga de gas|huele a gas|olor a gas|explosion|siguiendo|persiguiendo|me pegaron
        (llame|llama|llamen|llamar|necesito)( _){0,3} (policia|bomberos|ambulancia)|no puede respirar|no puedo respirar
        ayudenme|ayuda por favor|(^ayuda( ayuda)*$)|me esta (pegando|golpeando)
        """
    ),
    no_emergency=any_of(
        """
        no (es|hay|tengo) (una |ninguna |un )?(emergencia|incendio|fuego|robo)|muriendo de (hambre|frio|calor|sed|risa|sueno)
        (luz|salida|puerta|escalera|lampara|sistema|alarma|extintor|luces) (de|contra) (emergencia|incendio|incendios)
        (plomero|electricista|servicio|cerrajero) de emergencia|fuegos artificiales
        """
    ),
    greeting=any_of(f"{_GREETS}( {_GREETS})*"),
    lone_repeat=any_of(
        "(como|que|mande|eh|perdon|disculpe|como dice|como dijo)( (perdon|como|que))*"
        "\n((hola|alo|si|pero|y) )*(con )?quien (habla|llama|me habla)( por favor)?"
    ),
    intents=_INTENTS,
    delivers=any_of("entrega|entregar|repartidor|encomienda|paquete|pedido|delivery|correo"),
    questions=_QUESTIONS,
    instructions=_INSTRUCTIONS,
    doubtful=any_of(
        """
        no( _)? (deje|dejen|deja|dejelo|dejela|puede|quiero|reciba|recibalo|guarde)( _){0,4} (dejar|porteria|recepcion|entrada|caseta|abajo|ahi|recibir|guardar|usted)
        no (lo |la |le )?(diga|mande|pida|digale|mandes)( _){0,2} (vaya|vuelva|volar|que)
        """
    ),
)
