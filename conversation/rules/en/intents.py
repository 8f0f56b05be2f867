"""What somebody wants, asks or orders in English."""
# ruff: noqa: E501 - a line is a group of phrases

from conversation.rules.en.common_words import KIN
from conversation.rules.intents import IntentWords
from conversation.rules.patterns import any_of
from conversation.understanding import Instruction, Intent, Question

_EMERGENCY = any_of(
    """
    help me|help us|emergency|fire|on fire|robbery|robbed|robbing|robber|burglar|thief|thieves
    heart attack|fainted|passed out|unconscious|seizure|bleeding|dying|shot|shooting|gun|armed
    knife|stabbed|gas leak|smell gas|smell of gas|explosion|following me|chasing me|breaking in
    break in|attacked|attacking|assault|assaulted|kidnapped|raped|having a stroke|not breathing
    can not breathe|choking|badly hurt|is hurt|injured|ambulance|hit me|hitting me|hitting her
    (call|get|need|send)( _){0,2} (police|cops|ambulance|firefighters|fire department|911|190)
    police (now|quick|please)|(^help( help| please)*$)|somebody help|someone help|please help
    """
)
_NO_EMERGENCY = any_of(
    """
    (not|no) (an |a )?(emergency|fire)
    emergency (exit|light|lights|door|plumber|electrician|service|stairs|lamp|number|repair)
    fire (extinguisher|extinguishers|drill|inspection|exit|door|sprinkler|place|safety|stick)
    fire alarm (inspection|maintenance|technician|system|test)|dying (to|of|for) _
    (can|could|would|will) you( please)? help( me| us)?( _)*|how can i help( _)*
    help (me|us) (carry|find|with|to|open|get|please find)( _)*|somebody to help( _)*
    gas (delivery|company|man|bottle|cylinder)
    """
)
_WHO = (
    "(person|human|human being|somebody|someone|guard|doorman|porter|concierge|manager|operator|"
    "agent|attendant|security|real person|superintendent|janitor|receptionist|representative|"
    "supervisor|front desk|reception|administration)"
)
_HUMAN = any_of(
    f"(talk|speak|talking|speaking) (to|with) (a |an |the |some )?{_WHO}( _)*"
    f"\n(call|get|connect me to|transfer me to|transfer me|put me through to|need|want|where is) "
    f"(a |an |the |me |to )*{_WHO}"
    """
    human please|operator|representative|a real person|are you (a |an )?(robot|machine|computer|bot|human|real|recording)
    (is this|am i talking to) a (robot|machine|recording|computer)|i (do not|will not) talk to( a)? (machine|machines|robot|robots|computer)
    (this is|i am|we are) (the |a |with the |from the )?(police|police officer)( _)*
    """
)
_KIN = "(" + "|".join(sorted(KIN)) + ")"
_RESIDENT = any_of(
    """
    i live (here|in|at|on)|we live (here|in|at)
    i am (a |the )?(resident|tenant|owner)( _)*
    (forgot|lost|left) my (key|keys|tag|card|fob|remote|code|password)( _)*
    locked (out|myself out)|my (key|keys|tag|card|fob|code|fingerprint) (does|do|is|are|will) not( _)*
    """
)
_SERVICE = any_of(
    """
    service|services|plumber|plumbing|electrician|technician|maintenance|repair|repairs|repairman
    fix|fixing|install|installing|installation|painter|painting|cleaner|cleaning|cleaning lady|maid
    housekeeper|mover|movers|moving|inspection|air conditioning|air conditioner|handyman|gardener
    locksmith|exterminator|pest control|carpenter|contractor|nurse|caregiver|physical therapist
    renovation|real estate agent|realtor|realtors|cable guy|internet guy|wifi|internet
    (read|check) the (meter|water meter|gas meter|power meter)|meter|estimate|quote|dog walker|vet
    work (in|at|on) the apartment|work for (mr|mrs|ms|miss|_)|furniture assembly|assemble( _)*
    """
)
_DELIVERY = any_of(
    """
    delivery|deliveries|deliver|delivering|delivery guy|delivery man|package|packages|parcel|parcels
    courier|order|orders|food|pizza|pizzas|burger|sushi|mail|letter|registered letter|envelope|cake
    groceries|grocery|flowers|bouquet|takeout|takeaway|medicine|medication|prescription|ubereats
    box|boxes|document|documents|gift basket|water bottle|gas bottle|gas cylinder|pickup|pick up a _
    (drop|dropping) (off )?(a|an|the|some|something)( _)*|bring (a|an|the|some|something)( _)*
    (bringing|brought|have|got) (a|an|the|some|something) (_ )?(for)( _)*|furniture|mattress|sofa
    """
)
_VISIT = any_of(
    """
    visit|visiting|visitor|visitors|guest|guests|invited|party|birthday|dinner|lunch|barbecue
    (i am|we are|it is|this is)( _){0,2} KIN( _)*
    (KIN) of (mr|mrs|ms|the|_)
    (here|came|come|want|like|need|going|coming) to (see|meet|talk to|speak to|speak with|pick up) (?!(the )?(doorman|guard|manager|person|somebody))_( _)*
    (want|like|need) to (talk|speak) (to|with) (mr|mrs|ms|_)( _)*|here for (mr|mrs|ms|miss|doctor) _
    looking for (mr|mrs|ms|miss|doctor|_)( _)*|airbnb|reservation|booking|check in|checking in
    (is|are) (expecting|waiting for) (me|us)|(he|she|they) (invited|called|expects) (me|us)
    meeting|appointment|interview|lesson|class with( _)*|picking up my _|uber for( _)*|ride for( _)*
    """.replace("KIN", _KIN)
)
_INTENTS = (
    (
        any_of(
            """
            voice mail|voicemail|leave (a|your) message|after the (tone|beep|signal)|mailbox
            at the tone|record your message|has been forwarded( _)*|is (not available|unavailable)
            can not (come to the phone|take your call|answer the phone|answer your call)( _)*
            the (person|number|party|subscriber|customer) you( _)*
            """
        ),
        Intent.VOICE_MAIL,
    ),
    (_HUMAN, Intent.HUMAN),
    (
        any_of(
            """
            wrong (number|house|person|building)|you have the wrong _|called the wrong _
            do not live (here|there|in that)( _)*|no longer live( _)*|not live (here|there)( _)*
            moved (out|away)( _)*|not my (building|condo|number)
            """
        ),
        Intent.WRONG_NUMBER,
    ),
    (
        any_of(
            """
            cancel|never mind|nevermind|forget (it|about it)|i will (come|be) back( _)*
            i am leaving|changed my mind|no longer need( _)*|not anymore|i give up|i will leave
            come back (later|another time|tomorrow)
            """
        ),
        Intent.CANCEL,
    ),
    (_RESIDENT, Intent.RESIDENT),
    (_SERVICE, Intent.SERVICE),
    (_DELIVERY, Intent.DELIVERY),
    (_VISIT, Intent.VISIT),
    (
        any_of(
            """
            repeat|say that again|say it again|come again|pardon|one more time|again please
            (did|do|can|could) not (hear|understand|catch|get) (you|that|it|what|a word|anything)
            (did|do|can|could) not (hear|understand)$|do not understand( _)*
            speak (up|louder|slower|slowly|more slowly)|what (did|do) you (say|ask|mean)
            breaking up|bad (connection|line)|beg your pardon|what was that
            """
        ),
        Intent.REPEAT,
    ),
    (
        any_of(
            """
            bye|goodbye|good bye|see you|see you later|take care|have a (good|nice|great) _
            """
        ),
        Intent.GOODBYE,
    ),
    (
        any_of(
            """
            how (much )?long( _)*|hurry|hurry up|is (anybody|anyone|somebody) (there|home)
            (did|has|have) (he|she|they|anyone|anybody|you) (answer|answered|call|called|reached)( _)*
            are you (still )?(there|calling)|still waiting|taking (so |too )?long|quick|quickly|rush
            nobody (is answering|answers|answered)
            """
        ),
        Intent.HURRY,
    ),
)
_GREETS = (
    "(hello|hi|hey|good morning|good afternoon|good evening|good day|how are you|greetings|howdy|"
    "sir|madam|there|please|excuse me|yes hello|doorman|speaking|who is this hello)"
)
_QUESTIONS = (
    (
        any_of(
            """
            where from|from where|(which|what) (company|store|shop|app|place|restaurant|firm)
            where (is|are|does|do) (he|she|it|they|you|this|that) (come )?from
            who (is|are) (he|she|it|they|this|you) (with|from)|who sent( _)*|who does (he|she) work( _)*
            from (which|what) _|who is it from
            """
        ),
        Question.WHERE_FROM,
    ),
    (
        any_of(
            """
            for (whom|who)|who (is|are) (it|he|she|that|this|they) (here )?(for|visiting|to see)( _)*
            (which|what) (apartment|unit|block)|(who|whom) (does|do|did) (he|she|they) (want|come)( _)*
            who (is|are) (he|she|they) (looking for|here to see|asking for|visiting)( _)*
            is (it|that|this) for (me|us)|(who|whom) is it addressed to|in whose name
            """
        ),
        Question.FOR_WHOM,
    ),
    (
        any_of(
            """
            what is (it|that|this)|what is (it|this|that) about|what about|what for
            what (does|do|did) (he|she|they) (want|need|bring|have|come)( _)*
            what (kind|sort|type) of _|what (delivery|package|service|visit)|what happened
            what is in( _)*|what is the (reason|matter)|what are (they|you) delivering
            why (is|are) (he|she|they) here
            """
        ),
        Question.WHAT,
    ),
    (
        any_of(
            """
            who|who is (it|he|she|there|that)|what is (his|her|their|the|your) name( _)*|name of _
            (his|her|their) name|(which|what) (person|visitor|guy)
            """
        ),
        Question.WHO,
    ),
)
_THEM = "(him|her|them|it)"
_INSTRUCTIONS = (
    (
        any_of(
            f"(say|tell {_THEM}|tell _) (that )?(i am|we are) (not (home|here|in|at home|available)|"
            "out|away|gone|busy|sleeping|traveling|travelling)( _)*"
            f"\n(say|tell {_THEM}) (that )?(nobody|no one) is (home|here|in)"
            f"\n(send|turn) {_THEM} (away|home|back)"
            f"\n(tell|ask) {_THEM} to (go|go away|leave(?! (it|them|the|that))|get lost|come back)( _)*"
            f"\nmake {_THEM} (leave|go)( _)*"
            f"\nget rid of {_THEM}"
            "\n(i am not (home|here|in|at home))$"
        ),
        Instruction.SEND_AWAY,
    ),
    (
        any_of(
            """
            (i am |i am just )?(coming|going|heading|running) (right |straight )?(down|downstairs)( _)*
            i am (coming|on my way|going there)( now| right now)?$|on my way( down)?
            i will (come|go|be|head|run) (right |straight )?(down|downstairs|there|over)( _)*
            (be|i will be) right (down|there)|let me (come|go) down( _)*|i will come (and )?(get|pick|meet|grab)( _)*
            i will (meet|get) (him|her|them|it) (at|down|downstairs|there|outside)( _)*
            i will (pick|get|grab) it (up )?(myself|right now|now|in a minute)
            """
        ),
        Instruction.COMING_DOWN,
    ),
    (
        any_of(
            """
            (leave|drop|put|keep|use|store)( _){0,4} (in|into|inside|at) (the |a |one of the |my )?(parcel |package )?(locker|lockers)( _)*
            ^((you|they|he|she) (can|may) )?(just )?(use|in) (the |a )?(parcel |package )?(locker|lockers)( please)*$
            """
        ),
        Instruction.LEAVE_IN_LOCKER,
    ),
    (
        any_of(
            """
            (leave|drop|put|keep|hold)( _){0,4} (at|in|with|by|on) (the |your )?(front )?(desk|gate|door|reception|lobby|entrance|locker|lockers|box|mailroom|guard|doorman|concierge|porter|you|gatehouse|office|counter|security)( _)*
            (leave|drop|put|keep|hold) (it|them|the _|that) (off )?(downstairs|there|right there|over there|outside)( _)*
            (receive|accept|take|sign for|keep|hold) (it|them|the package|the delivery) for (me|us)
            (leave it|drop it off)( please| there)*$|i will (pick|get|grab) it (up )?later( _)*
            """
        ),
        Instruction.LEAVE_AT_DESK,
    ),
    (
        any_of(
            """
            (let me|want to|like to|can i|could i|may i|need to|i will|let us) (talk|speak)( _)? (with |to )?(him|her|them|the (visitor|courier|guy|man|woman|person|lady|driver|technician|delivery guy|delivery man)|this (guy|man|woman|person))( _)*
            put (him|her|them|me) (on|through)( _)*|(pass|transfer|connect) (me|him|her|them|the call)( _)*
            (talk|speak) (to|with) (him|her|them) directly
            """
        ),
        Instruction.TALK,
    ),
    (
        any_of(
            """
            wait|hold on|hang on|hold the line|hold please|bear with me|in a minute
            (one|a|just a|just one) (moment|minute|second|sec)
            give me (a|one|two|five|a few) (moment|minute|second|sec|minutes|seconds)
            (tell|ask|have) (him|her|them) (to )?(wait|hold)( _)*
            let me (see|check|ask|think|look)( _)*|i will (check|ask|see)( _)*|be right back
            """
        ),
        Instruction.WAIT,
    ),
)

INTENTS = IntentWords(
    emergency=_EMERGENCY,
    no_emergency=_NO_EMERGENCY,
    greeting=any_of(f"{_GREETS}( {_GREETS})*"),
    lone_repeat=any_of(
        "(sorry|excuse me|pardon|pardon me|what|huh|eh|what was that|hm)"
        "( (sorry|what|huh|please|was that))*"
        "\n(hello |sorry |hi |but |and )*who is (this|speaking|calling|talking)( please)?"
    ),
    intents=_INTENTS,
    delivers=any_of(
        "delivery|deliver|delivering|package|parcel|courier|dropping off|food delivery"
    ),
    questions=_QUESTIONS,
    instructions=_INSTRUCTIONS,
    doubtful=any_of(
        """
        (do|can|should|could|would|please) not (_ )?(leave|drop|keep|put|accept|receive|take|hold)( _)*
        not (send|tell|ask|make|turn) (him|her|them)( _){0,2} (away|leave|go|that|back|home)( _)*
        """
    ),
)
