"""Posts written for this project, each with what a person reads in it.

A line: language, kind, sentiment (+ glad, - angry or sad, 0 neither), urgency reasons (s safety,
m affects many, l wants to leave, d has a deadline, c angry capitals), and the post. Two kinds stand
where two people would rightly disagree. Rules are tuned on the first, third, fifth … of them; the
second, fourth, sixth … are the exam.
"""

from typing import NamedTuple

_LINES = """
en question 0 . How much is roaming in Turkey for a week?
en question 0 . Is there a way to move my eSIM to a new phone?
en question 0 . Do you sell refurbished phones in the shops
en question 0 . anyone know if the Leeds shop is open on Sundays
en question 0 . What's the upload speed on the 500 Mb plan?
en question 0 . hi, where do i find my puk code please
en question 0 . Quick one: does the family plan include calls to Ireland?
en question + . Love the new app! Will there be a dark mode?
en question + . Thanks for the quick reply earlier, which form do I need now?
en question 0 d Need my PAC code by tomorrow, how do I get it?
en question 0 d my flight leaves in two hours, how do I switch roaming on??
en question 0 . Which of your routers works with a smart TV from 2015?
en question 0 . Could someone tell me when 5G comes to Inverness
en question 0 . need help setting up voicemail
en question 0 . I'd like to know whether my contract ends this month
en question 0 . Wondering if you ship to the Isle of Man
en question 0 . is it possible to keep my number if I go abroad for a year
en question 0 . Should I restart the hub after moving it?
en question 0 . I'm moving to a new flat next month, can I take my broadband with me?
en question 0 . My Fire Stick asks for a wifi password, where is it printed?
en question - m Is it just me or is the network down in Bristol?
en question|complaint - m Anyone else without signal in Norwich this morning?
en question 0 . Thanks in advance, what does error 41 mean?
en question 0 . how long does a credit check take, I applied yesterday
en question 0 . Any update on my ticket 48213?
en question 0 . can u dm me pls, it is about my bill
en question 0 . What happens to my data if I do not use it up 🤔
en question 0 . Got a dead battery in my old phone, do you recycle those?
en complaint - . No signal since yesterday in the flat.
en complaint - . My bill is wrong for the third month running
en complaint - . You charged me twice and nobody replies to my emails.
en complaint - . great, third outage this week, thanks a lot
en complaint - . Oh brilliant, another price rise. Just what I needed.
en complaint - . Thanks for nothing @KestrelHelp
en complaint - . Love paying £60 a month for no internet 🙄
en complaint - . so helpful of you to hang up on me after forty minutes
en complaint - . Well done Kestrel, you have managed to lose my parcel twice
en complaint - . Been on hold for an hour and a half. Unreal.
en complaint - . Why does the app crash every single time I open it?!
en complaint - . How can you charge me for a router I sent back?
en complaint - . why is nobody answering the phone??? this is a joke
en complaint - . Still waiting for the engineer who was meant to be here at nine
en complaint - . The advisor was rude and then put the phone down
en complaint - . internet keeps dropping every evening, I work from home
en complaint - . Not happy with the new tariff at all
en complaint - . I am not impressed, Kestrel
en complaint - . your website is so sloooow and it logged me out again
en complaint - . paid for 500 Mb, getting 12
en complaint - . Engineer didn't turn up. Again.
en complaint - . I expected better from you
en complaint - l Had enough, I'm leaving for Finchnet at the end of the month
en complaint - l If this is not sorted I will cancel my contract
en complaint - l two weeks without broadband, time to switch provider
en complaint - l Seriously thinking of leaving after twelve years with you
en complaint - l Refund me or I take my business elsewhere
en complaint - s My charger is smoking and smells of burning plastic
en complaint - s the router you sent got so hot it melted the shelf
en complaint - s sparks came out of the socket of your box
en complaint - s My mum can't reach 999 from her mobile!
en complaint - s Battery of the phone you sold me is swollen and hissing
en complaint - m The whole street has been offline since noon
en complaint - m Outage across all of Cardiff, nobody in our office can work
en complaint - m None of my neighbours has internet either, sort it out
en complaint - d This must be fixed today, I have a job interview online
en complaint - d I need a working line by Friday or I lose the sale
en complaint - c WHY IS NOBODY ANSWERING ME. THIS IS A DISGRACE
en complaint - c FIX YOUR NETWORK. ABSOLUTE RUBBISH.
en complaint - d URGENT: number ported away without my consent, please stop it immediately
en complaint - . I can't log in, the code never arrives
en complaint - . Parcel says delivered. It was not.
en complaint - . the shop in Leeds sent me home twice now with no phone
en complaint - . My mother got cut off although she pays on time
en complaint - . the wifi died halfway through my exam
en praise + . Huge thanks to Dana in the York shop, she sorted everything in minutes
en praise + . Not bad at all, Kestrel! New router is quick.
en praise + . No complaints here, six years and never a problem
en praise + . Can't fault the service today, thank you
en praise + . Who knew customer service could be this good?
en praise + . How good is the new app? Absolutely love it!
en praise + . You lot are killing it with the new roaming plans 🔥
en praise + . Shout out to engineer Tom, wifi is finally flying
en praise + . thanks for fixing the outage so fast, great team
en praise + . Signal is back, cheers guys!
en praise + . Best decision ever to switch to Kestrel 💚
en praise + . wow. ported my number in ten minutes. impressed
en praise + . Really happy with the new fibre, no more buffering
en praise + . 👏👏👏 @KestrelHelp
en praise + . I was angry this morning but your chat team was wonderful, problem solved
en praise + . #customerservice done right, thank you @KestrelHelp
en other 0 . Just walked past the Kestrel shop in York
en other 0 . Kestrel is hiring engineers in Leeds
en other 0 . Fire sale at the mall, phones half price
en other + . Good morning everyone, happy Friday!
en other 0 . I switched to Kestrel in March
en other 0 . Watching the match on my phone tonight
en other 0 . ok
en other 0 . My number is in the DM I sent you
en other + . lol that dance at the Kestrel stand 😂
en other 0 . We are moving to Bristol in spring
en other 0 . Goodbye Leeds, hello Glasgow
en other 0 . The emergency exit of the stadium is next to the Kestrel stand
de question 0 . Was kostet Roaming in der Türkei?
de question 0 . Ab wann gibt es bei euch 5G in Kassel
de question 0 . Kann ich meine Nummer mitnehmen?
de question 0 d Brauche meinen PUK bis morgen, wie komme ich da ran?
de complaint - . Seit drei Tagen kein Netz, und niemand geht ans Telefon
de complaint - . Na toll, schon wieder Ausfall. Vielen Dank auch!
de complaint - . Nicht zufrieden mit eurem Service
de complaint - l Mir reicht's, ich kündige zum Monatsende
de complaint - m Das ganze Dorf hat seit gestern kein Internet
de complaint - s Mein Router raucht und stinkt nach Plastik!
de praise + . Nicht schlecht, das ging ja schnell
de praise + . Danke an das Team in Kassel, super Beratung!
de other 0 . Bin heute am Stand von Kestrel auf der Messe
de other 0 . Wir ziehen nächste Woche nach Bremen
fr question 0 . Combien coûte l'itinérance en Turquie ?
fr question 0 . Comment activer ma carte eSIM
fr question 0 . Est-ce que la boutique de Lyon est ouverte dimanche
fr complaint - . Ma box ne marche plus depuis hier, c'est inadmissible
fr complaint - . Bravo Kestrel, encore une panne. Merci beaucoup...
fr complaint - . Toujours pas de réponse à mon mail
fr complaint - l J'en ai marre, je vais résilier mon abonnement
fr complaint - m Tout le quartier est sans internet
fr complaint - d Il me faut une ligne avant demain, le technicien n'est pas venu
fr praise + . Pas mal du tout la nouvelle appli !
fr praise + . Un grand merci à Léa de la boutique, au top
fr other 0 . Je suis passé devant la boutique ce matin
fr other 0 . Le match commence à vingt heures
es question 0 . ¿Cuánto cuesta el roaming en Turquía?
es question 0 . cómo activo la eSIM en mi móvil
es question 0 . Alguien sabe si la tienda abre el domingo
es complaint - . Llevo tres días sin internet y nadie contesta
es complaint - . Qué bien, otra avería. Gracias por nada
es complaint - . Me habéis cobrado dos veces, vergonzoso
es complaint - l Estoy harto, me doy de baja
es complaint - m Todo el barrio sin cobertura desde ayer
es complaint - s El cargador echa humo, es un peligro
es praise + . No está nada mal el nuevo router, gracias
es praise + . Enhorabuena por el servicio, rápidos y amables
es other 0 . Hoy paso por la tienda de Sevilla
es other 0 . Mañana me mudo a Cádiz
it question 0 . Quanto costa il roaming in Turchia?
it question 0 . Come si attiva la eSIM
it question 0 . Qualcuno sa se il negozio di Bari è aperto
it complaint - . Internet non funziona da ieri sera
it complaint - . Complimenti, terzo guasto in una settimana. Grazie mille
it complaint - . Mi avete addebitato due volte la stessa fattura
it complaint - l Sono stufo, passo a un altro operatore
it complaint - m Tutto il quartiere è senza linea
it complaint - d Mi serve la linea entro domani, nessuno risponde
it praise + . Niente male la nuova app
it praise + . Grazie a Marco del negozio, gentilissimo
it other 0 . Oggi sono allo stand di Kestrel
it other 0 . Sabato andiamo a Torino
nl question 0 . Hoeveel kost roaming in Turkije?
nl question 0 . Hoe activeer ik mijn eSIM
nl question 0 . Weet iemand of de winkel zondag open is
nl complaint - . Al drie dagen geen internet en niemand neemt op
nl complaint - . Lekker dan, weer storing. Bedankt hoor
nl complaint - . Jullie hebben twee keer geld afgeschreven
nl complaint - l Ik ben er klaar mee, ik zeg mijn abonnement op
nl complaint - m De hele straat zit zonder internet
nl complaint - s Er komt rook uit mijn router
nl praise + . Niet slecht, binnen een uur geregeld
nl praise + . Bedankt voor de snelle hulp, top team!
nl other 0 . Ik sta vandaag bij de Kestrel stand
nl other 0 . Volgende week verhuis ik naar Utrecht
"""

_REASONS = {
    "s": "safety",
    "m": "affects many",
    "l": "wants to leave",
    "d": "has a deadline",
    "c": "angry capitals",
}


class Example(NamedTuple):
    """One post and how a person reads it."""

    language: str
    kinds: frozenset[str]
    sign: int
    reasons: frozenset[str]
    text: str


def _example(line: str) -> Example:
    language, kinds, sign, reasons, text = line.split(" ", 4)
    return Example(
        language,
        frozenset(kinds.split("|")),
        {"+": 1, "0": 0, "-": -1}[sign],
        frozenset(_REASONS[letter] for letter in reasons.strip(".")),
        text,
    )


EXAMPLES = tuple(_example(line) for line in _LINES.strip().splitlines())
TUNING, EXAM = EXAMPLES[::2], EXAMPLES[1::2]
