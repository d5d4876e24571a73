"""Kind, sentiment and urgency, from cues that can be shown to a person.

Sentiment of English text is VADER (Hutto & Gilbert 2014), which was made for social text; for other
languages and emoji the cue words below count.
"""

import re
from functools import cached_property

from spacy.language import Language
from spacy.tokens import Doc
from vaderSentiment.vaderSentiment import SentimentIntensityAnalyzer

from routing.model import UNKNOWN_LANGUAGE, Kind
from routing.reading.social import without_handles


def _any(*words: str) -> re.Pattern[str]:
    return re.compile(r"(?<!\w)(?:" + "|".join(words) + r")(?!\w)", re.IGNORECASE)


QUESTION_WORDS = _any(
    # English, then German, French, Spanish, Italian, Dutch
    r"how (?:do|does|did|can|could|much|many|long|come|is|are|to)",
    r"what(?:'s| is| are| do| does| happened| time)",
    r"(?:why|when|where) (?:is|are|do|does|did|can|can't|won't|will|am|r|would|has|have)",
    r"(?:can|could|would|will) (?:you|u|i|we|someone|anyone|anybody)",
    r"(?:is|are) (?:there|it|you|your|my|the)\b(?=.*\?)",
    r"(?:anyone|anybody) (?:know|else)",
    r"any (?:idea|chance|update|news)",
    r"please (?:help|advise|explain)",
    r"warum|wieso|weshalb|wie (?:kann|lange|viel|oft)|wann|kann ich|können sie|gibt es|wo (?:ist|kann)",
    r"pourquoi|comment|combien|est-ce que|quand|puis-je|pouvez-vous",
    r"por qué|cómo|cuánto|cuándo|puedo|pueden",
    r"perché|come (?:posso|faccio)|quanto|quando|posso",
    r"waarom|hoe (?:kan|lang|veel)|wanneer|kan ik",
)
COMPLAINT_CUES = _any(
    r"(?:not|isn't|n't|doesn't|won't|stopped|never|doesnt|isnt|wont) (?:\w+ )?(?:work\w*|load\w*|connect\w*)",
    r"no (?:signal|service|internet|connection|response|reply|answer|help)",
    r"still (?:waiting|no|not|down|nothing|broken)|(?:been|keeps?|went) (?:down|dropping|out)",
    r"(?:worst|terrible|awful|horrible|useless|disgrace\w*|rubbish|unacceptable|ridiculous|joke|pathetic|fed up|sick of|shame on)",
    r"(?:overcharged|charged twice|rip ?off|scam\w*|broken|outage|fail(?:ed|s|ing)?|crash\w*|wrong|disappoint\w*|frustrat\w*|appalling|slow)",
    r"(?:geht|funktioniert|klappt) (?:\w+ ){0,3}nicht|kein (?:netz|empfang|internet|signal)|ausfall|unverschämt\w*|frechheit|katastrophe|enttäusch\w*|langsam\w*|schlecht\w*",
    r"ne (?:marche|fonctionne) (?:pas|plus)|en panne|pas de réseau|inadmissible|honte\w*|arnaque|nul",
    r"no funciona|sin (?:señal|servicio|internet|cobertura)|vergüenza|fatal|pésim\w*|lento|estafa",
    r"non funziona|senza (?:segnale|linea|internet)|vergogna|pessim\w*|lento|truffa",
    r"werkt (?:\w+ )?niet|geen (?:bereik|internet|verbinding)|storing|waardeloos|slecht\w*",
)
PRAISE_CUES = _any(
    r"(?:thanks?|thank you|thx|love|loving|great|brilliant|awesome|amazing|excellent|fantastic|well done|kudos|shout ?out|impressed|best|helpful|superb|cheers)",
    r"danke\w*|toll\w*|super|klasse|spitze|großartig\w*|prima|begeistert",
    r"merci|génial\w*|bravo|excellent\w*|parfait\w*",
    r"gracias|genial\w*|excelente\w*|estupend\w*",
    r"grazie|ottim\w*|bravissim\w*|perfett\w*|bedankt|geweldig\w*",
)
_GLAD = re.compile("[😀😁😃😄😊😍🥰🤩👍👏🙏🎉❤💚💙😂🙌]")
_SAD = re.compile("[😡😠🤬😤😞😢😭👎💩🙄😩😫🤦]")

SAFETY = _any(
    r"(?:fire|smoke|smoking|burning|burnt|melted|sparks?|electric shock|gas leak|explod\w*|swollen battery|overheat\w*)",
    r"(?:911|999|112)(?= (?:call\w*|not|doesn't|is|isn't|down|from|unreach\w*))|emergency (?:calls?|services?|number)",
    r"brennt|rauch\w*|stromschlag|notruf|feuer|incendie|fumée|urgence médicale|humo|incendio|emergencia\w*|fumo|brand|rook",
)
MANY = _any(
    r"(?:whole|entire) (?:\w+ )?(?:street|town|village|area|city|region|building|neighbou?rhood|country|office)",
    r"(?:everyone|everybody|nationwide|all (?:of )?(?:us|my neighbou?rs|customers))",
    r"(?:outage|down for everyone|is it just me|anyone else)",
    r"(?:ganze[rsn]? (?:stadt|straße|dorf|ort|haus|viertel)|großstörung|alle nachbarn|bundesweit)",
    r"(?:tout le (?:quartier|village|monde)|toute la (?:ville|rue))",
    r"(?:todo el (?:barrio|pueblo|mundo|edificio)|toda la (?:ciudad|calle|zona))",
)
LEAVING = _any(
    r"(?:cancel(?:l?ing|l?ed)? (?:my|our|the|this)|(?:i'm|im|i am|we're) (?:leaving|switching|done with)|switch(?:ing)? to|moving to|going to switch|take my business|goodbye)",
    r"kündige|kündigung|wechsle|wechseln zu|résilier|je (?:pars|change)|cambiarme|me voy|darme de baja|disdire|cambio operatore|opzeggen|stap over",
)
DEADLINE = _any(
    r"(?:urgent\w*|asap|immediately|right now|by (?:today|tonight|tomorrow|monday|tuesday|wednesday|thursday|friday|noon|the end of)|tonight|in (?:an|one|two|2) hours?|before (?:tomorrow|my flight))",
    r"dringend|sofort|bis (?:heute|morgen)|heute noch|d'urgence|tout de suite|avant demain|ce soir|urgente|ahora mismo|antes de mañana|subito|entro domani|dringend|vandaag nog",
)
_CAPITALS = re.compile(r"\b[A-ZÄÖÜ]{3,}\b")


@Language.factory(
    "direct_dial_tone",
    assigns=["doc._.kind", "doc._.sentiment", "doc._.urgency", "doc._.urgency_reasons"],
)
class ToneComponent:
    """Sets kind, sentiment, urgency and its reasons. Stands after the language component."""

    def __init__(self, nlp: Language, name: str) -> None:
        self.name = name

    @cached_property
    def _vader(self) -> SentimentIntensityAnalyzer:
        return SentimentIntensityAnalyzer()

    def __call__(self, doc: Doc) -> Doc:
        text = without_handles(doc.text)
        doc._.sentiment = self._sentiment(text, doc._.language)
        doc._.kind = _kind(text, doc._.sentiment)
        doc._.urgency, doc._.urgency_reasons = _urgency(text, doc._.sentiment)
        return doc

    def _sentiment(self, text: str, language: str) -> float:
        if language in ("en", UNKNOWN_LANGUAGE):
            return round(float(self._vader.polarity_scores(text)["compound"]), 3)
        glad = len(PRAISE_CUES.findall(text)) + len(_GLAD.findall(text))
        sad = len(COMPLAINT_CUES.findall(text)) + len(_SAD.findall(text))
        return round((glad - sad) / (glad + sad + 1), 3)


def _kind(text: str, sentiment: float) -> Kind:
    asks = "?" in text or "¿" in text or QUESTION_WORDS.search(text) is not None
    if asks and sentiment > -0.5:
        return Kind.QUESTION
    if sentiment <= -0.4 or (COMPLAINT_CUES.search(text) and sentiment < 0.4):
        return Kind.COMPLAINT
    if asks:
        return Kind.QUESTION
    if sentiment >= 0.4 and PRAISE_CUES.search(text):
        return Kind.PRAISE
    return Kind.OTHER


def _urgency(text: str, sentiment: float) -> tuple[int, tuple[str, ...]]:
    """Return the urgency from 0 to 3 and what it was told by, the words quoted."""
    points, reasons = 0, []
    for cues, worth, what in (
        (SAFETY, 3, "safety"),
        (MANY, 2, "affects many"),
        (LEAVING, 1, "wants to leave"),
        (DEADLINE, 1, "has a deadline"),
    ):
        if found := cues.search(text):
            points += worth
            reasons.append(f"{what} (“{found[0]}”)")
    capitals = _CAPITALS.findall(text)
    if len(capitals) >= 3 and sentiment < 0.2:
        points += 1
        reasons.append(f"angry capitals (“{' '.join(capitals[:3])}”)")
    return min(points, 3), tuple(reasons)
