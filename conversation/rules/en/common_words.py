"""Words of everyday English: which are names, which never are, which are titles."""

from conversation.rules.en.numbers import NUMERALS
from conversation.rules.given_names import GIVEN_NAMES as BRAZILIAN_NAMES
from conversation.rules.words import words_in

TITLES = words_in(
    "mr mrs ms miss mister missus dr doctor professor sir lady dona seu senhor senhora"
)
PARTICLES = words_in("da de do das dos van von der")
KIN = words_in(
    """
    friend friends son daughter mother father mom dad mum brother sister cousin boyfriend girlfriend
    nephew niece grandmother grandfather grandma grandpa neighbor neighbour brother-in-law
    husband wife partner grandson granddaughter colleague coworker babysitter nanny driver lawyer
    teacher tutor nurse caregiver godson goddaughter fiance client relative aunt uncle student guest
    roommate
    """
)
GIVEN_NAMES = BRAZILIAN_NAMES | words_in(
    """
    john james robert michael david william richard joseph thomas charles christopher matthew
    anthony steven paul andrew joshua kenneth kevin brian george edward ronald timothy jason jeffrey
    ryan jacob gary nicholas eric jonathan stephen larry justin scott brandon benjamin samuel
    gregory alexander patrick jack dennis jerry tyler aaron adam nathan henry peter zachary kyle
    mary jennifer linda elizabeth barbara susan jessica sarah karen lisa nancy betty sandra margaret
    ashley kimberly emily michelle amanda melissa deborah stephanie rebecca laura helen sharon
    cynthia kathleen amy angela anna ruth nicole emma samantha christine catherine rachel carolyn
    janet maria heather diane olivia julie joyce victoria kelly sophia alice chloe charlotte claire
    hannah mike tom jim joe bob dave steve chris matt tony ben sam dan kate jane jenny sue lucy
    smith johnson williams brown jones miller davis wilson anderson taylor moore jackson martin
    thompson walker allen wright campbell mitchell roberts carter phillips evans turner parker
    """
)
NEVER_NAMES = NUMERALS.all_words | words_in(
    """
    a an the and or but if then so that this these those there here it is am are was were be been
    being i you he she we they me him her us them my your his its our their mine yours who whom
    what which where when why how do does did done have has had can could will would shall should
    may might must not no yes yeah yep nope to of in on at by from with for about into out up down
    off over under near behind next front back side left right inside outside upstairs downstairs
    now today tomorrow yesterday later soon again still just only also too very really please thanks
    thank sorry hello hi hey good morning afternoon evening night day okay ok sure fine great bye
    goodbye welcome come came coming go going gone get got getting give gave take took bring brought
    bringing see seeing saw look looking find want wanted need needed like know known think say said
    tell told ask asked call called calling let open opened close speak speaking talk talking wait
    waiting expecting expected visit visiting visitor visitors deliver delivery delivering package
    packages parcel order food pizza box bag letter mail envelope groceries flowers medicine gift
    cake water gas service services maintenance repair technician plumber electrician painter
    cleaner cleaning internet phone telephone cable apartment apartments apt flat unit suite house
    building block tower floor number gate door entrance lobby desk reception garage parking
    elevator condo condominium street address name names person people somebody someone anybody
    anyone nobody everybody man woman guy girl boy kid lady guard doorman porter concierge janitor
    manager resident residents tenant owner family company firm store shop driver courier police
    fire ambulance emergency help key keys card tag code english portuguese spanish portugues
    thing things stuff something anything nothing everything one ones first second third last new
    old big small little more much many some any all both each other another same time times minute
    minutes moment second hour hours week dinner lunch party birthday meeting appointment interview
    stay staying live lives living work working works fix fixing install installing check checking
    drop dropping pick picking leave leaving left put hold hang keep send sent sending him well
    actually maybe perhaps wrong correct right as because than while before after until since
    through back home hungry hurry late early free whole show showing buy sell use try trying
    s m t d re ve ll pro para o os as um uma
    """
)
NAME_SHAPED_VERBS = ("ing", "tion", "ly", "ment", "ness", "ed")
