"""Kind, sentiment and urgency, from cues that can be shown to a person.

Sentiment of English text is VADER (Hutto & Gilbert 2014), which was made for social text; for other
languages and emoji the cue words below count.
"""

import re
from functools import cached_property

from spacy.language import Language
from spacy.tokens import Doc
from vaderSentiment.vaderSentiment import SentimentIntensityAnalyzer

from routing.model import MAX_URGENCY, UNKNOWN_LANGUAGE, Kind
from routing.reading.social import without_handles


def _any(*words: str) -> re.Pattern[str]:
    return re.compile(r"(?<!\w)(?:" + "|".join(words) + r")(?!\w)", re.IGNORECASE)


# Each list: English, then German, French, Spanish, Italian, Dutch.
QUESTION_WORDS = _any(
    r"how (?:do|does|did|can|could|much|many|long|come|is|are|to)",
    r"what(?:'s| is| are| do| does| happen(?:s|ed)| time)",
    r"who (?:do|does|can|should|is|to)",
    r"(?:why|when|where) (?:is|are|do|does|did|don't|doesn't|has|have)",
    r"(?:why|when|where) (?:can|can't|won't|will|would|am|r|the)",
    r"(?:can|could|would|will) (?:you|u|i|we|someone|anyone|anybody)",
    r"(?:is|are) (?:there|it|you|your|my|the)\b(?=.*\?)",
    r"(?:anyone|anybody) (?:know|else)",
    r"any (?:idea|ideas|chance|update|updates|news)",
    r"(?:please|pls|plz) (?:help|advise|explain|contact|fix|sort|tell|reply|respond|call)",
    r"(?:i|we) (?:really )?need (?:\w+ )?(?:help|assistance|support|to speak|to talk)",
    r"warum|wieso|weshalb|wie (?:kann|lange|viel|oft|teuer)|wann|kann ich|können sie|könnt ihr",
    r"gibt es|wo (?:ist|kann)",
    r"pourquoi|comment|combien|est-ce que|quand|puis-je|pouvez-vous",
    r"por qué|cómo|cuánto|cuándo|puedo|pueden|podéis",
    r"perché|come (?:posso|faccio)|quanto|quando|posso",
    r"waarom|hoe (?:kan|lang|veel)|wanneer|kan ik",
)
COMPLAINT_CUES = _any(
    r"(?:not|isn't|n't|doesn't|won't|stopped|never|doesnt|isnt|wont) (?:\w+ )?"
    r"(?:work\w*|load\w*|connect\w*|receiv\w*|arriv\w*|deliver\w*|answer\w*|repl\w*)",
    r"(?:did not|didn't|didnt|never|haven't|have not) (?:\w+ )?(?:get|got|come|came|turn\w*)",
    r"(?:can't|cannot|cant|unable to) (?:\w+ )?(?:log|sign|get|use|pay|call|access|connect|reach)",
    r"(?:won't|wont|not) let(?:ting)? me|logged me out|keeps? (?:\w+ )?(?:say|tell|crash|drop)ing",
    r"no (?:signal|service|internet|connection|response|reply|answer|help|sauces?)",
    r"still (?:waiting|no|not|down|nothing|broken)|(?:been|keeps?|went) (?:down|dropping|out)",
    r"worst|terrible|awful|horrible|useless|disgrace\w*|rubbish|unacceptable|ridiculous|joke",
    r"pathetic|fed up|sick of|shame on|(?:you|this|it) sucks?|sucks|wtf|ffs|wth|fuck\w*|bullshit",
    r"overcharged|charged twice|rip ?off|scam\w*|broken|outage|fail(?:ed|s|ing)?|crash\w*|wrong",
    r"disappoint\w*|frustrat\w*|appalling|slow|damaged|rude|on hold|error|unprofessional",
    r"(?:an|the|this|same|having|have) (?:issues?|problems?|trouble)|(?:issues?|trouble) with",
    r"(?:geht|funktioniert|klappt) (?:\w+ ){0,3}nicht|kein (?:netz|empfang|internet|signal)",
    r"ausfall|unverschämt\w*|frechheit|katastrophe|enttäusch\w*|langsam\w*|schlecht\w*|kaputt",
    r"ne (?:marche|fonctionne) (?:pas|plus)|en panne|pas de réseau|inadmissible|honte\w*|arnaque",
    r"nul|plus de réseau",
    r"no funciona|sin (?:señal|servicio|internet|cobertura)|vergüenza|fatal|pésim\w*|lento|estafa",
    r"non funziona|senza (?:segnale|linea|internet)|vergogna|pessim\w*|lento|truffa",
    r"werkt (?:\w+ )?niet|geen (?:bereik|internet|verbinding)|storing|waardeloos|slecht\w*",
)
PRAISE_CUES = _any(
    r"thanks?|thank you|thx|ty|love|loving|loved|great|brilliant|awesome|amazing|excellent",
    r"fantastic|well done|kudos|shout ?out|impressed|best|helpful|superb|cheers|lovely|wonderful",
    r"very (?:nice|kind|friendly)|appreciate\w*|made my day",
    r"danke\w*|toll\w*|super|klasse|spitze|großartig\w*|prima|begeistert",
    r"merci|génial\w*|bravo|excellent\w*|parfait\w*",
    r"gracias|genial\w*|excelente\w*|estupend\w*",
    r"grazie|ottim\w*|bravissim\w*|perfett\w*|bedankt|geweldig\w*",
)
_GLAD = re.compile("[😀😁😃😄😊😍🥰🤩👍👏🙏🎉❤💚💙😂🙌]")
_SAD = re.compile("[😡😠🤬😤😞😢😭👎💩🙄😩😫🤦]")

SAFETY = _any(
    r"fire(?! (?:stick|tv|tablet|hd))|smoke|smoking|burning|burnt|melted|melting|sparks?|sparking",
    r"electric shock|gas leak|explod\w*|swollen battery|battery (?:is |has )?swollen|overheat\w*",
    r"(?:911|999|112)(?= (?:call\w*|not|doesn't|is|isn't|down|from|unreach\w*))",
    r"emergency (?:calls?|services?|number)",
    r"brennt|rauch\w*|stromschlag|notruf|feuer|incendie|fumée|urgence médicale",
    r"humo|incendio|emergencias?|fumo|staat in brand",
)
MANY = _any(
    r"(?:whole|entire) (?:\w+ )?(?:street|town|village|area|city|region|building|office|country)",
    r"(?:whole|entire) (?:\w+ )?neighbou?rhood|all (?:of us|my neighbou?rs|your customers)",
    r"for everyone|everyone (?:else )?(?:here|in (?:my|our|the) \w+|on (?:my|our) \w+)",
    r"outages?|nationwide (?:outage|problem|failure)|is it just me",
    r"any(?:one|body) else (?:on|in|with|got|having|have|lost|without|experiencing|getting|seeing)",
    r"ganze[rsn]? (?:stadt|straße|dorf|ort|haus|viertel)|großstörung|alle nachbarn|bundesweit",
    r"tout le (?:quartier|village|monde)|toute la (?:ville|rue)",
    r"todo el (?:barrio|pueblo|mundo|edificio)|toda la (?:ciudad|calle|zona)",
)
LEAVING = _any(
    r"cancel(?:l?ing|l?ed)? (?:my|our|the|this) (?:\w+ )?"
    r"(?:contract|plan|account|subscription|membership|service|broadband|line|sim)",
    r"(?:i'm|im|i am|we're) (?:leaving|switching|moving to|done with)|take my business",
    r"(?:going|time|want|ready|about) to (?:switch|leave)|(?:considering|thinking of) switching",
    r"moving to|ditching you|goodbye",
    r"kündige|kündigung|wechsle|wechseln zu|résilier|je (?:pars chez|change d'opérateur)",
    r"cambiarme|me voy a (?:otra|la competencia)|darme de baja|dar de baja",
    r"disdire|cambio operatore|opzeggen|stap over",
)
DEADLINE = _any(
    r"urgent\w*|asap|immediately|by (?:tonight|tomorrow|noon|the end of)",
    r"by (?:monday|tuesday|wednesday|thursday|friday|saturday|sunday)",
    r"(?:is|is on|need (?:it|this|them)) (?:by )?(?:tonight|today|tomorrow)",
    r"in (?:an|one|two|2) hours?|deadline|before (?:tomorrow|my flight)",
    r"dringend|sofort|bis (?:heute|morgen)|heute noch|d'urgence|tout de suite|avant demain",
    r"urgente|ahora mismo|antes de mañana|subito|entro domani|vandaag nog",
)
_CAPITALS = re.compile(r"\b[A-ZÄÖÜ]{3,}\b")


@Language.factory(
    "direct_dial_tone",
    assigns=["doc._.kind", "doc._.sentiment", "doc._.urgency", "doc._.urgency_reasons"],
)
class ToneComponent:
    """Sets kind, sentiment, urgency and its reasons. Stands after the language component."""

    def __init__(self, nlp: Language, name: str) -> None:  # noqa: ARG002 - spaCy's signature
        self.name = name

    @cached_property
    def _vader(self) -> SentimentIntensityAnalyzer:
        return SentimentIntensityAnalyzer()

    def __call__(self, doc: Doc) -> Doc:
        """Process one document, as spaCy's components do."""
        text = without_handles(doc.text)
        doc._.sentiment = self._sentiment(text, doc._.language)
        doc._.kind = _kind(text, doc._.sentiment)
        doc._.urgency, doc._.urgency_reasons = _urgency(text, doc._.kind)
        return doc

    def _sentiment(self, text: str, language: str) -> float:
        if language in ("en", UNKNOWN_LANGUAGE):
            return round(float(self._vader.polarity_scores(text)["compound"]), 3)
        glad = len(PRAISE_CUES.findall(text)) + len(_GLAD.findall(text))
        sad = len(COMPLAINT_CUES.findall(text)) + len(_SAD.findall(text))
        return round((glad - sad) / (glad + sad + 1), 3)


def _kind(text: str, sentiment: float) -> Kind:
    asks = "?" in text or "¿" in text or QUESTION_WORDS.search(text) is not None
    if asks and sentiment >= -0.5:
        return Kind.QUESTION
    if sentiment <= -0.4 or (COMPLAINT_CUES.search(text) and sentiment < 0.4):
        return Kind.COMPLAINT
    if asks:
        return Kind.QUESTION
    if sentiment >= 0.4 and PRAISE_CUES.search(text):
        return Kind.PRAISE
    return Kind.OTHER


def _urgency(text: str, kind: Kind) -> tuple[int, tuple[str, ...]]:
    """Return the urgency from 0 to 3 and what it was told by, the words quoted."""
    points, reasons = 0, []
    for cues, worth, what in (
        (SAFETY, 3, "safety"),
        (MANY, 2, "affects many"),
        (LEAVING, 1, "wants to leave"),
        (DEADLINE, 1, "has a deadline"),
    ):
        if kind is not Kind.PRAISE and (found := cues.search(text)):
            points += worth
            reasons.append(f"{what} (“{found[0]}”)")
    capitals = list(dict.fromkeys(_CAPITALS.findall(text)))
    if len(capitals) >= 3 and kind is Kind.COMPLAINT:
        points += 1
        reasons.append(f"angry capitals (“{' '.join(capitals[:3])}”)")
    return min(points, MAX_URGENCY), tuple(reasons)
