"""Yes and no in English; a door depends on these words."""

from conversation.rules.answers import AnswerWords
from conversation.rules.en.common_words import KIN
from conversation.rules.patterns import any_of
from conversation.rules.words import words_in

_SOMEBODY = (
    "(him|her|them|it|this|that|the|a|my|our|mr|mrs|ms|guy|man|woman|lady|girl|boy|kid|courier|"
    "driver|delivery|visitor|visitors|guest|guests|person|people|technician|plumber|"
    "electrician|cleaner|friend|please|just|right|on|come|go|on|back|to|be)"
)
_INSIDE = "(in|up|inside|through|upstairs|enter|pass)"

_PERMISSION = any_of(
    f"(let|send|allow|bring|buzz) ({_SOMEBODY} |(mr|mrs|ms) _ ){{1,5}}{_INSIDE}"
    "\n(he|she|they|you|it|guy|man|woman|lady|courier|visitor|person|driver|technician) "
    f"(can|may) (please |just |now )*(come|go|head|walk)? ?(right |on |back )*{_INSIDE}"
    "\n(you )?(can|may) (please |just |now )*(open|authorize|authorise|approve|allow)"
    "( it| the gate| the door| him| her| them| entry| access)*$"
    "\n(i |yes i )?(do )?(authorize|authorise|approve|permit)( it| him| her| them| the entry| entry"
    "| access| the visit| the visitor| the delivery)*$"
    "\n(entry |entrance |access |it is |he is |she is |they are |you are |permission )"
    "(authorized|authorised|approved|allowed|granted|cleared)"
    "( to (enter|come in|come up|go up))?$"
    "\nopen (up )?(the )?(gate|door)"
    "\nlet (mr|mrs|ms|_) in$"
    "\nsend (mr|mrs|ms|_) up$"
    "\ncome (on |right )*(in|up)( please)?$"
)
_ORDER = any_of(
    "(yes |yeah |sure |ok |okay |please |just |then |so |alright |go ahead and |fine )*"
    "(open|open up|authorized|authorised|approved|allowed|granted|authorize|authorise|approve|"
    "go up|come up|come in|send up|let in)"
    "( it| the gate| the door| gate| door| up| please| now| then| thanks| thank you| sir| for him|"
    " for her| for them| him| her| them)*"
)
_ASSENT = words_in(
    """
    yes yeah yep yup sure of course ok okay absolutely certainly definitely affirmative go ahead
    please do fine right all alright no problem that is good perfect great sounds by means be my
    guest positive
    """
)
_COURTESY = (
    words_in(
        """
        a ah oh uh um well and i am we are is it he she they him her them that this s the my our
        please thanks thank you very much so sir madam miss mister hello hi hey good morning
        afternoon evening night expecting waiting for been ordered did food delivery package pizza
        visit visitor guest here now then just do me by with
        """
    )
    | KIN
)
_ASSENTS = any_of(
    """
    yes|yeah|yep|yup|of course|ok|okay|absolutely|certainly|definitely|affirmative
    go ahead|please do|no problem|by all means|be my guest|alright|all right|sounds good|positive
    (^sure( (please|thanks|thank you|yes|go ahead|sir|of course))*$)
    (that is|it is|that|it) (is )?(fine|ok|okay|good|alright|all right)
    fine (by|with) me
    (^fine( (thanks|thank you|sure|yes|go ahead))*$)
    """
)
_UNSURE = any_of(
    """
    think|guess|suppose|maybe|perhaps|probably|possibly|depends|doubt|might|kind of|sort of
    (not|are you|is he|am not) sure|who knows|whatever|let me (see|think|check|ask|look)
    (do not know( (if|whether|about|what|who|how|when|yet)( _)*)?$)
    if|unless|when|how|why|except|until|till|later|tomorrow|yesterday|soon|yet|before|first
    (another|some other) (day|time)|next (week|time|month)|in a (minute|while|bit|moment|second)
    (did not|do not|can not|could not) (hear|understand|catch|get|follow)
    (he|she|they|you|who|somebody|someone|guy) (already )?(said|says|told|thinks|claims|wants)
    or (not|no|what|yes)|yeah right|in your dreams|dead body|like hell|hell no|as if|my ass
    (just|only) (the|a|his|her) (package|packages|parcel|food|box|delivery|letter|bag|groceries)
    in (touch|contact|line)|up with _|open (a|an) _|supposed to|used to|should have
    (come|go|send|let) (him |her |them |it )?(in|up) (to|with) (your|the police|trouble)
    (not )?(any|no|another) (problem|problems) with( _)*
    yes and no
    """
)
_NEGATION = any_of("no|nope|nah|not|never|nobody|none|nothing|negative|neither|nor|without|refuse")
_CLEAR_NO = any_of(
    """
    no|nope|nah|not|never|nobody|nothing|negative|no way|refuse|refused|deny|denied|reject|rejected
    forbidden|decline|declined|block (him|her|them)|turn (him|her|them) away|keep (him|her|them) out
    get rid of (him|her|them)
    """
)
_GOVERNED = any_of(
    "((do|does|did|can|could|will|would|may|must|should|am|is|are|was|please|i|he|she|they|you|we) "
    "){0,3}(not|never)( (?!(yes|sure|ok|okay) )_){0,2}? (let|send|allow|allowed|open|buzz|"
    "authorize|"
    "authorise|authorized|authorised|approve|approved|permit|come|enter|go|want|expecting|expect|"
    "accept|bring|ok|okay|fine|right|correct|alright|it|that)"
    "( him| her| them| it| this| that| the| a| my| in| up| inside| come| go| enter| to| gate| door|"
    " entry| please| here| now| upstairs| through| guy| man| woman| person| courier| visitor| one|"
    " anyone| anybody| authorized| allowed| apartment| visitors| right)*"
    "\n(nobody|no one) (can|may) (come|go|enter)( in| up| inside)?"
)
_NOT_NOW = any_of(
    "(no |sorry |no sorry )*not (now|today|right now|at the moment|this time|tonight)"
    "( (please|thanks|thank you|sorry|later|maybe later|come back later|another day|another time|"
    "tomorrow))*"
)
_WRONG = any_of("wrong|incorrect|mistaken|mistake|other apartment|another apartment|different one")
_SIMPLE_YES = any_of(
    """
    yes|yeah|yep|yup|right|correct|exactly|that is (right|correct|it|the one|him|her)|it is
    uh huh|mm hmm|mhm|confirmed|confirm|true|indeed|i (think|guess|believe) so|affirmative|sim
    you got it|that one|precisely|sure|of course
    """
)

ANSWERS = AnswerWords(
    harmless=any_of(
        "(no|not a|not any) (problem|problems|worries|doubt|doubts|objection|objections)"
        "\n(why not|do not worry)"
    ),
    unsure=_UNSURE,
    permission=_PERMISSION,
    order=_ORDER,
    assents=_ASSENTS,
    assent=_ASSENT,
    courtesy=_COURTESY,
    permitting=words_in("let send allow open authorize authorise approve permit buzz"),
    yes_itself=any_of("yes|yeah|yep"),
    simple_yes=_SIMPLE_YES,
    negation=_NEGATION,
    clear_no=_CLEAR_NO,
    governed=_GOVERNED,
    postposed=any_of("(i|we|he|she|they) (would|will|do|did) (rather )?not$"),
    not_now=_NOT_NOW,
    wrong=_WRONG,
    not_word="not",
    like_not=frozenset(),
    i_think="i think",
    of_course_that="of course ",
)
