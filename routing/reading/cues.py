"""The words that tell what a post wants, by list and language; the form is `phrasebook`'s.

A cue that stands within a longer one doesn't count, so an exception is simply a longer cue: “no
complaints” is praise, and “fire sale” stands under HARMLESS.
"""
# ruff: noqa: E501 - a phrase with all its words is read in one line

QUESTION, COMPLAINT, PRAISE, FIXED = "question", "complaint", "praise", "fixed"
IRONY, REPROACH, RHETORICAL = "irony", "reproach", "rhetorical"
SAFETY, MANY, LEAVING, DEADLINE = "safety", "affects many", "wants to leave", "has a deadline"
HARMLESS = "harmless"

ANY_LANGUAGE = ""

CUES: dict[str, dict[str, str]] = {
    # Wants to be told something.
    QUESTION: {
        "en": """
how do/does/did/can/could/much/many/long/come/is/are/to/would/should/soon/often/far
what's/whats
what is/are/do/does/happens/happened/time/should/kind/about
which of/one/ones/plan/tariff/form
who do/does/can/should/is/to
when/where is/are/do/does/did/has/have/can/can't/will/would/am/r/the
where's/when's
why is/are/do/does/did/don't/doesn't/didn't/has/have/can/can't/won't/will/would/am/isn't/aren't/r/the
can/could/would/will you/u/i/we/someone/somebody/anyone/anybody
do/does/did you/u/i/we/it/your/this/the/anyone/anybody/someone
does/has anyone/anybody/someone
anyone/anybody know/knows/else/got
any idea/ideas/chance/update/updates/news/word
is it possible/normal/true
is there a/an/any/anyone/anything
should i/we
please/pls/plz help/advise/explain/contact/reach/tell/reply/respond/call/dm/message/confirm
i/we really? need _? help/assistance/support
i/we need to speak/talk
need help
need/want to know
i'd/i/we/we'd would? like to know
wondering if/whether/when/how/why
wonder if/whether/when/how
let me know
help me
looking for help/advice
. help
! help
""",
        "de": """
warum/wieso/weshalb/wozu
wie kann/lange/viel/viele/oft/teuer/hoch/komme/geht/funktioniert/bekomme/mache/aktiviere/ist/schnell
ab? wann
was kostet/kosten/ist/bedeutet/muss/mache/passiert
wo ist/kann/finde/gibt/steht
welche/welcher/welches/welchen
kann/könnte/darf/muss/soll ich/man
können/könnten sie
könnt/könntet ihr
gibt es/es's
weiß jemand
hat jemand
wisst ihr
""",
        "fr": """
pourquoi/comment/combien/quand
est - ce que
qu' est - ce que
puis - je
pouvez - vous
quel/quelle/quels/quelles est/sont/forfait
où est/sont/se/puis/trouver
quelqu'un sait/peut/connaît
savez - vous
""",
        "es": """
por qué
cómo/cuánto/cuánta/cuándo/cuál/dónde
puedo/pueden/podéis/puede
alguien sabe/puede
qué hago/pasa/significa
hay alguna forma/manera
""",
        "it": """
perché
come posso/faccio/si/mai/funziona/attivo
quanto/quando/quale/dove
posso/potete/può
qualcuno sa/può
cosa devo/significa/succede
è possibile
""",
        "nl": """
waarom/wanneer/hoeveel/hoelang
hoe kan/lang/veel/duur/snel/werkt/krijg/activeer/moet/kom
kan/mag/moet ik/iemand
kunnen jullie
kun/kunt je/u
weet iemand/jullie
wat kost/is/zijn/betekent/moet
waar is/kan/vind/staat
""",
    },
    # Something went wrong, or somebody is cross.
    COMPLAINT: {
        "en": """
not/isn't/doesn't/won't/stopped/never/doesnt/isnt/wont/don't/dont/aren't/wasn't _? work*/load*/connect*/receiv*/arriv*/deliver*/answer*/repl*/charging/responding
did/does/do not _? get/got/come/work/arrive/turn*/receive/show*
didn't/didnt/never/haven't/havent/hasn't/hasnt _? get/got/come/came/turn*/show*/receive*/arrived/heard/had
have/has not _? received/arrived/heard/come/had
can't/cannot/cant/couldn't/unable to? _? log*/sign/get/use/pay/call/access/connect/reach/make/watch/find/see/view/order/play
won't/wont/not let/letting me
logged me out
keeps/keep _? say*/tell*/crash*/drop*/cut*/freez*/buffer*/disconnect*/go*/kick*/log*/stop*
no/zero/without signal/service/internet/connection/response/reply/answer/help/wifi/phone/broadband/reception/luck/explanation/apology/sauces/sauce/coverage
still waiting/no/not/down/nothing/broken/haven't/hasn't/can't/offline
been/went/gone/is/are/was/keeps down/offline/out/dropping
it/they was/were/did not .
has/have/keep/keeps been? down/failing
cut off/out
worst/worse/terrible/awful/horrible/horrendous/useless/disgrace*/rubbish/unacceptable/ridiculous/joke/shit*/crap*/garbage/trash/shambles/shocking/atrocious/abysmal/dreadful/disgusting/poor/poorly/lousy/lame/fuming/livid/unreal
pathetic/incompetent/insulting/infuriating/annoy*/angry/hate/mess
fed up
sick of
shame on
suck/sucks/sucked/wtf/ffs/wth/fuck*/bullshit/damn/smh
overcharg*/ripoff/scam*/fraud*/broken/broke/fail/failed/fails/failing/failure/crash*/wrong/wrongly/incorrect/lost/missing/stolen/damaged/defective/faulty
charged/billed/debited _? twice/double
charge* me for/twice/again/extra
rip/ripped off/me
disappoint*/frustrat*/appalling/slow/laggy/glitch*/rude/error/errors/unprofessional/unhelpful/misleading/lied/liars/lies
on hold
hang/hung up on
put the phone down
an/the/this/same/having/have/got/another/big/major issue/issues/problem/problems/trouble/bug
issues/issue/trouble/problem/problems with
not/isn't/wasn't/aren't/never/hardly/far very/really/at/so/too/from? all? good/great/happy/impressed/acceptable/fair/ok/okay/fine/helpful/amused/satisfied/fun/cool/right/professional/enough/fast with?
don't/dont/didn't/wouldn't like/care/recommend/trust/appreciate
nobody/noone/none/no-one _? _? answer*/repl*/respond*/help*/care*/know*/came/has/works
no one answer*/repl*/respond*/help*/care*/knows/came/has
nobody/noone can work/help
expect/expected/deserve better/more
paid/paying for _? _? _? getting/got/nothing
waste of
wasted/wasting my/time/hours
let down/me
so much for
how hard
price rise/hike/increase
third/fourth/fifth/umpteenth time
second/third/fourth/fifth outage
once/yet again
again and again
every single time/day
without my consent/permission
never again
third/second/two/three month/months running
sort/fix it/this out?
fix your/the/this
refund me
give me my
sent me home
the/my/our _? died
wifi/phone/internet/router/broadband/screen/line/app died/dead/frozen/stuck
was/is meant/supposed to
had enough
complain*
awaiting
delayed/cancelled again?
doesn't/doesnt/don't help
why on earth
far/way/happens/happened/happening too/to many/much/often/long/late
too early/expensive/long/slow/many/often/small
inept*/incompeten*/pointless/laughable/clueless/nightmare/mistreat*/neglect*
tired of
another promise/excuse/lie
or i/we lose
less/not/barely/hardly usable/reliable/useful
unusable/impossible/inconvenien*/unreliable
zero/no/one/1 star/stars
why is/are/do/does my/the/your/this _ _? never/always/not
can not/never _? establish/connect/use/get/log/access
none of the/my/them/it/our/us
almost? doubled
not at all close
not what i'm/i/we
am/been waiting
isn't/is/it's gone
charges/charge you/us for
""",
        "de": """
geht/funktioniert/klappt/läuft _? _? _? nicht
kein/keine/ohne netz/empfang/internet/signal/antwort/verbindung/hilfe/rückmeldung
niemand/keiner geht/hilft/antwortet/meldet/erreichbar/da
nicht zufrieden/gut/erreichbar/schön/akzeptabel/möglich/ok
ausfall/ausfälle/störung/störungen/unverschämt*/frechheit/katastroph*/enttäusch*/langsam*/schlecht*/kaputt/mies*/schlimm*/furchtbar*/unfassbar/abzocke/betrug/lächerlich*/saftladen/nervt/peinlich/defekt/unmöglich/scheiß*
warte/warten/wartet immer/seit/noch/schon
immer noch
schon wieder
falsch abgebucht/berechnet?
doppelt/zweimal abgebucht/berechnet/bezahlt
mir reicht's/reichts
stinkt
""",
        "fr": """
ne _? marche/fonctionne/répond/arrive/reçois pas/plus/jamais
marche/fonctionne pas/plus
en? panne/pannes
pas/plus/aucun/aucune/sans de? réseau/internet/réponse/signal/connexion/nouvelles
toujours pas/rien
inadmissible*/honte*/arnaque*/nul/nulle/scandaleux/lamentable/catastroph*/déçu*/pire/insupportable/incompétent*/lent/lente/injoignable*
en ai marre
ras le bol
est pas venu/arrivé/normal/content/satisfait
prélevé/facturé/débité deux fois
personne ne/n'
mécontent*
marre
""",
        "es": """
no funciona*/va/contesta*/responde*/llega/puedo/tengo/carga
sin señal/servicio/internet/cobertura/línea/respuesta/conexión
vergüenza/vergonzos*/fatal/pésim*/lento/lenta/estafa*/robo/avería*/caído/caída/inútil*/horrible*/lamentable*/asco/decepcion*/error
nadie contesta/responde/ayuda/sabe
cobrado/cobraron/cobráis dos/doble veces?
estoy hart*/cansad*
hart*/cansad* de
sigo/seguimos/llevo/llevamos sin/esperando
peor
otra vez
mal servicio
""",
        "it": """
non funziona/va/risponde/arriva/riesco/carica
senza segnale/linea/internet/rete/risposta/connessione
vergogn*/pessim*/lento/lenta/truffa/guasto/guasti/disservizio/schifo/inaccettabile/deluso/delusa/scandaloso/orribile/assurdo
nessuno/nessuna risponde/risposta/aiuta/sa
addebitato/pagato/fatturato due volte
stufo/stufa/arrabbiat*
ancora/sempre niente/nessuna
aspetto/aspettiamo da
di nuovo
peggio*
""",
        "nl": """
werkt/doet/gaat _? _? niet
geen/zonder bereik/internet/verbinding/antwoord/reactie/signaal/hulp/wifi
storing/storingen/waardeloos/slecht*/belachelijk/schandalig/schandalige/traag/trage/kapot/teleurgesteld/teleurstellend/ramp/drama/onacceptabel/oplichting
niemand neemt/reageert/antwoordt/helpt/weet
twee keer/maal betaald/afgeschreven/geld
er? klaar mee
nog steeds/altijd geen/niet?
wacht al/nog
niet blij/tevreden/goed/bereikbaar/normaal
alweer
""",
        ANY_LANGUAGE: "😑\n😒\n😣\n😖\n🖕\n😾\n😡\n😠\n🤬\n😤\n👎\n💩\n🙄\n😩\n😫\n🤦\n:(\n:-(",
    },
    # Glad, or thankful for something that was done.
    PRAISE: {
        "en": """
thanks/thank/thankyou/thx/ty/tysm/cheers you?
love/loving/loved/great/brilliant/awesome/amazing/amazed/excellent/fantastic/outstanding/incredible/fab/perfect/flawless/delighted/stellar
well done
good/great/nice/top/lovely/fantastic/excellent job/work/service/experience/stuff/one/team
kudos/bravo/impressed/impressive/best/helpful/superb/lovely/wonderful/legend*/appreciat*/grateful/ace/stoked
shout/shoutout/hats/props out/off/to?
very/so/really/super/extremely nice/kind/friendly/quick/fast/good/pleased/happy/helpful/easy
made my day/week
not bad at? all?
can't/cannot/cant fault/complain
no complaints
never/no a? single? problem/problems/issue/issues
without a? any? problem/problems/hitch/issue/issues
happy/pleased/satisfied with/customer
killing it
keep it up
works perfectly/great/well/flawlessly/again
finally flying/works/working
thumbs up
done right
couldn't/can't be happier/ask
no more buffering/dropouts
""",
        "de": """
danke*/dank/toll*/super/klasse/spitze/großartig*/prima/begeistert/perfekt*/top/hervorragend*/freundlich*/wunderbar*/lob/genial*
nicht/gar schlecht/übel
sehr gut/gute/guter/gutes/nett/zufrieden/schnell
gut gemacht/beraten
weiter so
keine probleme/beschwerden
ging _? schnell/flott
""",
        "fr": """
merci/génial*/bravo/excellent*/parfait*/super/top/impeccable/formidable*/ravi/ravie/efficace*/rapide*/merveilleux/chapeau
pas mal du? tout?
rien à redire
très bon/bien/content/contente/satisfait/satisfaite/sympa/gentil/gentille
au top
""",
        "es": """
gracias/genial*/excelente*/estupend*/perfect*/fantástic*/enhorabuena/felicidades/amable*/encant*/maravill*/increíble/rápidos/contento/contenta
muy bien/bueno/buena/contento/contenta/amable/rápido
nada mal
no está nada? mal
sin quejas/problemas/problema
""",
        "it": """
grazie/ottim*/bravissim*/perfett*/gentilissim*/eccellent*/fantastic*/complimenti/bravi/bravo/brava/felice/soddisfatt*/super
niente/mica male
molto bene/bravi/gentile/gentili/contento/contenta/veloce
nessun problema
""",
        "nl": """
bedankt/dank/dankjewel/dankje/geweldig*/top/super/fantastisch*/uitstekend*/perfect/blij/topservice/compliment*
goed geregeld/geholpen
niet/niks slecht/verkeerd
heel/erg goed/blij/vriendelijk/snel/tevreden
geen klachten/problemen
snel geregeld/geholpen/opgelost
netjes
""",
        ANY_LANGUAGE: "😊\n😍\n🥰\n🤩\n👍\n👏\n🎉\n❤\n💚\n💙\n🙌\n😀\n😁\n😃\n😄\n🙏\n:)\n:-)\n:d\n<3",
    },
    # What went wrong is over.
    FIXED: {
        "en": """
thanks/thank/cheers you? _? for listening/helping/fixing/sorting/resolving/solving/restoring/replacing
problem/issue/everything/all/now solved/sorted/fixed/resolved
is/are/now/all now/all/finally/fully? back/working/fixed/sorted/resolved
sorted/fixed/resolved/solved everything/it/my/our/the/this
back up/online
works again
working again
was/were _? angry/annoyed/worried but
""",
        "de": "läuft/geht/funktioniert wieder\nproblem gelöst/behoben\nwieder da",
        "fr": "problème résolu\nremarche\nde retour",
        "es": "problema resuelto/solucionado\nya funciona\nsolucionado",
        "it": "problema risolto\nfunziona di nuovo\nrisolto",
        "nl": "werkt weer\nprobleem opgelost\nopgelost",
    },
    # Praise that is none.
    IRONY: {
        "en": """
thanks/thank you? for nothing/wasting/ruining/leaving/making/ignoring/losing/charging/cutting/overcharging
so helpful of
how helpful of
just/exactly what i needed/wanted
love/loving paying/waiting/spending
what a surprise/joke/shambles
oh/ah great/brilliant/joy/fantastic
great/good/nice/brilliant/fantastic/well job/done/work _? _? losing/ruining/ignoring
you have/you've managed to
you had one job
yeah right
slow clap
as per? usual
no surprise
thanks so much for nothing
can't wait to wait/spend
glad to see nothing
""",
        "de": "na toll/super/prima/klasse\nvielen/herzlichen dank auch\ndanke für nichts\nganz großes kino",
        "fr": "merci pour rien\nencore une/un panne/problème/retard\nquelle surprise\nmerci beaucoup . . .\nbien joué",
        "es": "gracias por nada\nqué sorpresa",
        "it": "grazie/complimenti per niente\ngrazie mille/tante . . .\nche sorpresa",
        "nl": "lekker dan\nbedankt hoor\nbedankt voor niks/niets\nfijn hoor\nmooi is dat\ngoed bezig",
        ANY_LANGUAGE: "🙄",
    },
    # In the form of a question, but it wants no answer where something is wrong.
    REPROACH: {
        "en": """
why _? nobody/none/never/always
why is/are/do/does/did/can't/won't/has/have/don't/doesn't/isn't/am
how can/could/dare/is/come you/it/this/that/your
how many times/more/people
how hard
what's/whats/what the/is point/wrong
what is wrong
when will/are/is you/this/it
seriously
are you kidding/serious/joking/for
you kidding
is this/that a joke
what kind of
""",
        "de": "warum/wieso/weshalb\nwie kann man/es/das\nwann wird/kommt endlich\nwas soll das\nernsthaft",
        "fr": "pourquoi\nc' est une blague\ncomment est - ce possible",
        "es": "por qué\ncómo es posible\nhasta cuándo",
        "it": "perché\ncome è possibile\ncom'è possibile",
        "nl": "waarom\nhoe kan het/dit\nhoe is het mogelijk",
    },
    # In the form of a question, and glad.
    RHETORICAL: {
        "en": "who knew\nhow good/great/cool/nice/lovely/amazing/brilliant is/are/was/were",
        "de": "wie toll/gut/cool/geil ist",
        "fr": "qui l' eût cru",
        "nl": "hoe leuk/goed/mooi is",
    },
    SAFETY: {
        "en": """
fire/smoke/smoking/burning/burnt/burned/melted/melting/sparks/sparking/sparked/overheat*/explod*/electrocuted/flames
electric shock
gas leak
caught fire
on fire
swollen battery
battery _? _? _? _? _? _? is/has? swollen/bulging/leaking
911/999/112 call*/not/doesn't/don't/is/isn't/down/from/unreach*
reach/call/dial/ring 911/999/112
emergency calls/call/services/service/number
""",
        "de": "brennt/rauch/raucht/qualmt/stromschlag/notruf/feuer/verschmort/geschmolzen/funken\n110/112 nicht/geht",
        "fr": "feu/incendie/fumée/fume/brûlé/étincelles\nurgence/urgences médicale/médicales\nprend feu\nnuméro d' urgence",
        "es": "humo/incendio/fuego/ardiendo/chispas/quemado\nemergencia/emergencias",
        "it": "fumo/incendio/fuoco/scintille/bruciato\nnumero di emergenza",
        "nl": "rook/vuur/vonken/smelt/gesmolten\nin brand\nalarmnummer",
    },
    MANY: {
        "en": """
whole/entire _? street/town/village/area/city/region/building/office/country/neighbourhood/neighborhood/county/road/block
all of us/cardiff/london/town/the
all my neighbours/neighbors
all your customers
none of my/our/us neighbours/neighbors?
neighbours/neighbors have/has/are/too/also
for everyone
everyone else? here
everyone in/on my/our/the _
outage/outages
nationwide outage/problem/failure
across all of
is it just me
just me or
anyone/anybody else on/in/with/without/got/having/have/lost/experiencing/getting/seeing
""",
        "de": """
ganze/ganzen/ganzer/ganzes stadt/straße/dorf/ort/haus/viertel/land/büro
im ganzen ort/land/haus
großstörung/bundesweit
alle nachbarn
noch jemand ohne/mit
""",
        "fr": "tout le quartier/village/monde/bâtiment/immeuble\ntoute la ville/rue/région\npanne générale/nationale",
        "es": "todo el barrio/mundo/pueblo/edificio\ntoda la ciudad/calle/zona\ntodos los vecinos",
        "it": "tutto il quartiere/paese/palazzo/condominio\ntutta la città/via/zona/strada",
        "nl": "hele straat/buurt/stad/dorp/wijk/land/gebouw\nlandelijke storing\nmeer mensen zonder",
    },
    LEAVING: {
        "en": """
cancel/cancelling/canceling/cancelled/canceled my/our/the/this _? contract/plan/account/subscription/membership/service/broadband/line/sim
i'm/im/we're leaving/switching/off to? you? for?
i/we am/are leaving/switching
i'm/im/am/we're moving to finchnet/ospreytel/another/a/your competitor/provider/network
i'm/im/am/we're done with you/this/kestrel/them
take/taking my/our business/money/custom
go/going elsewhere
going/time/want/ready/about to switch
going/time/want/ready/about to leave you/kestrel/them/this
considering/thinking/think _? of/about? switching/leaving/cancelling/canceling
will/i'll/gonna switch/leave you/provider/providers/network/networks/kestrel
looking for another provider/network
ditching/dumping you
""",
        "de": "kündige/kündigung/kündigen\nwechsle/wechsele zu/den\nwechseln zu\nbin weg/raus",
        "fr": "résilie/résilier/résiliation\nje pars chez\nchange/changer d' opérateur",
        "es": "cambiarme/cambiar de\nme voy a otra/la\nme doy de baja\ndar/darme de baja\ncambio de compañía",
        "it": "disdire/disdetta/disdico\ncambio/cambiare/passo a? un? altro? operatore/gestore",
        "nl": "opzeggen/overstappen\nstap over\nzeg _ abonnement/contract op",
    },
    DEADLINE: {
        "en": """
urgent/urgently/asap
immediately
by tonight/tomorrow/noon/monday/tuesday/wednesday/thursday/friday/saturday/sunday
by the end of
by end of
need/needed/fixed/sorted/solved/resolved/done/working it/this/them? today/tonight/tomorrow
need it/this/them now
in an/one/two/2/a/few hour/hours
deadline
before tomorrow/tonight/my flight/trip?
""",
        "de": "dringend/sofort\nbis heute/morgen/montag/dienstag/mittwoch/donnerstag/freitag\nheute noch\nnoch heute",
        "fr": "d' urgence\nurgent/urgente\ntout de suite\navant demain/lundi/vendredi\nau plus vite\nd' ici demain/ce",
        "es": "urgente/urgentemente\nahora mismo\nantes de mañana/hoy\npara mañana",
        "it": "urgente/urgentemente\nsubito\nentro domani/oggi/stasera/venerdì/lunedì",
        "nl": "dringend/spoed\nvandaag nog\nvoor morgen\nzo snel mogelijk",
    },
    # Looks like one of those above, and isn't.
    HARMLESS: {
        "en": """
fire sale/stick/tv/tablet/hd/alarm/drill/emoji/work/works/fighter/station
hang/hung fire
burned/burnt out
everyone in my/our family
friendly fire
no smoking
burning question/calories
smoke signals/free
emergency exit/exits/room/contact/meeting
dead battery
moving to a/the? new? flat/house/place/home
worth it
hot spot
error code
no worries/problem/prob/need/hurry/rush
best wishes/regards/before/buy/way/of
great britain
wrong number
thanks/thank you? in advance
thanks/thank you? for the/your? _? reply/response/answer/info/information/update
love to know/see/hear/have
would/i'd/we'd love
lost property
slow cooker
everyone's
lost in translation
missing you
credit check
at best
best way/plan/deal/price/time/option
not only/sure/everyone
how lovely
super bowl
lost and found
""",
        "de": "feuer und flamme\nfeierabend\nvielen dank im voraus\ndanke im voraus",
        "fr": "merci d' avance\nfeu rouge/vert",
        "es": "gracias de antemano",
        "it": "grazie in anticipo",
        "nl": "alvast bedankt",
    },
}  # fmt: skip
