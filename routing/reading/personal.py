"""Personal data in a post or a draft: where it stands, and the text with it masked.

Two libraries made for it do the judging: phonenumbers (Google's libphonenumber) says what is a
phone number in which country, python-stdnum knows Luhn's check digit of cards and the IBANs of
every country. What stands here cuts out candidates for them. E-mail addresses and street addresses
are found by the patterns below, as nothing fits: readers of e-mail addresses either validate, and
so let `jane..doe@example.com` through to be shown, or miss accents and “jane at gmail dot com”, and
those of street addresses know two countries and take “3A who is moaning in” for one.

What is unsure is masked rather than shown, but prices, dates and times are left alone. Offsets are
those of the text as people see it. That is why this is no component of the pipeline, which reads
tidied text. A post costs 0.07 ms on average, a tenth of reading it, and one with a phone number
1 ms. The libraries are loaded, in 0.1 s and 15 MB, when a text first has digits to judge.
"""

import re
import unicodedata
from collections.abc import Callable, Iterable, Iterator
from enum import StrEnum
from functools import cache
from typing import NamedTuple

COUNTRIES = ("US", "GB", "DE", "FR", "ES", "IT", "NL", "AT", "CH", "BE", "IE", "PT")
"""Where phone numbers without +49 or the like may be from. With IN, BR, MX or PL among them, some
dates and network addresses are taken for numbers."""
ASKED = 200
"""Characters of a text that are looked at number by number, as a country takes 0.1 ms for each.
Who writes more digits than that in one post has them masked unseen."""


class PersonalKind(StrEnum):
    """What can be found."""

    CARD = "card"
    IBAN = "iban"
    PHONE = "phone"
    EMAIL = "email"
    ADDRESS = "address"


MASKS = {
    PersonalKind.CARD: "[card number]",
    PersonalKind.IBAN: "[bank account]",
    PersonalKind.PHONE: "[phone number]",
    PersonalKind.EMAIL: "[e-mail address]",
    PersonalKind.ADDRESS: "[address]",
}


class PersonalData(NamedTuple):
    """One place in a text; what stands there is deliberately not repeated."""

    kind: PersonalKind
    start: int
    end: int


Spans = Iterator[tuple[int, int]]
_PASSES = 10


def find(text: str, countries: Iterable[str] = COUNTRIES) -> tuple[PersonalData, ...]:
    """Return the personal data in a text, in its order, without overlaps.

    `countries` are two-letter codes: where phone numbers that don't name their country may be from.
    """
    plain = _plain(text)
    if not _MAY_HAVE_SOME.search(plain):
        return ()
    phones = _Phones(tuple(countries))
    finders: tuple[tuple[PersonalKind, Callable[[str], Spans]], ...] = (
        (PersonalKind.IBAN, _ibans),
        (PersonalKind.CARD, _cards),
        (PersonalKind.EMAIL, _emails),
        (PersonalKind.ADDRESS, _addresses),
        (PersonalKind.PHONE, phones),
    )
    found: list[PersonalData] = []
    # Once more with what was found masked, as it may have hidden the next.
    for _ in range(_PASSES):
        before, rest = len(found), _without_names(plain)
        for kind, finder in finders:
            for start, end in list(finder(rest)):
                found.append(PersonalData(kind, start, end))
                rest = _masked_in_place(rest, start, end)
        if len(found) == before:
            break
        for _, start, end in found[before:]:
            plain = _masked_in_place(plain, start, end)
    return tuple(sorted(found, key=lambda data: data.start))


def mask(text: str, found: Iterable[PersonalData]) -> str:
    """Return the text with each finding replaced by its kind in brackets, the rest as it was."""
    pieces, at = [], 0
    for kind, start, end in sorted(found, key=lambda data: data.start):
        pieces += [text[at:start], MASKS[kind]]
        at = end
    return "".join((*pieces, text[at:]))


# Preparing the text: every character stays at its place.


def _masked_in_place(text: str, start: int, end: int) -> str:
    """Write what has the length of what was found, and the look of a mask to what is beside it."""
    return f"{text[:start]}[x {'x' * (end - start - 4)}]{text[end:]}"


_NOT_ASCII = re.compile(r"[^\x00-\x7f]")
_DIGIT = re.compile(r"\d")
_LINK = re.compile(r"https?://\S+|www\.\S+", re.IGNORECASE)
_HANDLE_OR_TAG = re.compile(
    r"(?<![\w@.+-])@\w[\w.-]*(?:@[\w-]+(?:\.[\w-]+)+)?"  # @ada, @ada@social.example
    r"|(?<![\w#])#\w+"
)
_MAY_HAVE_SOME = re.compile(r"@|\d|\b(?:at|arroba|ät)\b", re.IGNORECASE)


def _plain(text: str) -> str:
    """Write digits, letters, spaces and dashes of every kind as those of ASCII."""
    return text if text.isascii() else _NOT_ASCII.sub(_plain_character, text)


def _plain_character(found: re.Match[str]) -> str:
    character = found[0]
    category = unicodedata.category(character)
    if category in {"Zs", "Cf"}:  # Cf: zero-width characters, which would tear a number apart
        return " "
    if category == "Pd" or character == "\u2212":
        return "-"
    if category == "Nd":
        return str(unicodedata.decimal(character))
    simple = unicodedata.normalize("NFKC", character)
    return simple if len(simple) == 1 else character


def _without_names(text: str) -> str:
    """Hide the digits of links, handles and hashtags, which are public and full of them."""
    for names in (_LINK, _HANDLE_OR_TAG):
        text = names.sub(lambda name: _DIGIT.sub("x", name[0]), text)
    return text


# Cards and bank accounts

_GROUPS = re.compile(r"(?<![\w#])\d++(?:[ .-]\d++)*+(?!\w)")
_GROUP = re.compile(r"\d+")
_CARD_NUMBER = re.compile(
    r"3(?:0[0-5]|[689]\d)\d{11}"  # Diners
    r"|3[47]\d{13}"  # American Express
    r"|(?:[3-6]\d{3}|2(?:22[1-9]|2[3-9]\d|[3-6]\d\d|7[01]\d|720))\d{12}"
    r"|[456]\d{18}"
)
_IBAN = re.compile(r"(?<![^\W_])[A-Za-z]{2}\d\d(?=[ .-]?\w)")
_SEPARATED = re.compile(r"[ .-]?[A-Za-z0-9]")


def _cards(text: str) -> Spans:
    for run in _GROUPS.finditer(text):
        groups = [group.span() for group in _GROUP.finditer(text, *run.span())]
        after = 0
        for first, (start, end) in enumerate(groups):
            if start < after or end - start < 3:
                continue
            if end := _card_end(text, groups[first : first + 6]):
                yield start, end
                after = end


def _card_end(text: str, groups: list[tuple[int, int]]) -> int:
    """Return where a card's number ends that starts with the first group, or 0.

    Another number may follow: “4111 1111 1111 1111 123”, with the code from the back.
    """
    for last in range(len(groups), 0, -1):
        digits = [text[start:end] for start, end in groups[:last]]
        number = "".join(digits)
        if min(map(len, digits)) >= 3 and _CARD_NUMBER.fullmatch(number) and _passes_luhn(number):
            return groups[last - 1][1]
    return 0


def _passes_luhn(digits: str) -> bool:
    from stdnum import luhn  # noqa: PLC0415 - most posts have no card

    return luhn.is_valid(digits)


def _ibans(text: str) -> Spans:
    after = 0
    for match in _IBAN.finditer(text):
        length = _iban_length(match[0][:2].upper())
        if match.start() < after or not length:
            continue
        end, number = match.end(), match[0]
        while len(number) < length and (more := _SEPARATED.match(text, end)):
            end, number = more.end(), number + more[0][-1]
        if len(number) == length and not text[end : end + 1].isalnum() and _is_iban(number):
            yield match.start(), end
            after = end


@cache
def _iban_length(country: str) -> int:
    from stdnum import numdb  # noqa: PLC0415

    structure = numdb.get("iban").info(country)[0][1].get("bban", "")
    return 4 + sum(map(int, re.findall(r"\d+", structure))) if structure else 0


def _is_iban(number: str) -> bool:
    from stdnum import iban  # noqa: PLC0415

    # Without the bank's own check digits inside: an account with one wrong is one all the same.
    return iban.is_valid(number, check_country=False)


# Phones

_DATE = (
    r"(?:(?:0?[1-9]|[12]\d|3[01])(?P<{0}>[./-])(?:0?[1-9]|1[0-2])(?P={0})(?:19|20)?\d\d"
    r"|(?:0?[1-9]|1[0-2])(?P<{0}_>[/-])(?:0?[1-9]|[12]\d|3[01])(?P={0}_)(?:19|20)?\d\d"
    r"|(?:19|20)\d\d-(?:0[1-9]|1[0-2])-(?:0[1-9]|[12]\d|3[01]))"
)
_CURRENCY = r"(?:[$£€¥₹]|\b(?:EUR|USD|GBP|CHF|Euro?)\b)"
_AMOUNT = r"\d{1,12}+(?:[ .,']\d{3}){0,4}(?:[.,]\d\d)?"
_NO_PHONE = re.compile(
    rf"(?<![\w./-]){_DATE.format('a')}(?: ?[-/] ?{_DATE.format('b')})?(?![\w/-]|\.\d)"
    rf"|{_CURRENCY} ?{_AMOUNT}(?!\d)|(?<![\d.,+]){_AMOUNT} ?{_CURRENCY}(?! ?\d)"
    r"|(?<![\w.,])(?<!\d )\d+[.,]\d\d(?!\w|[.,-]\d| \d)"  # 16800.00
    r"|(?<![\w.])\d\.\d+(?![\w]|\.\d)"  # 0.127758
    r"|(?<![\w-])\d-\d(?![\w-])"  # 3-2 4-1
)
"""Dates, prices, fractions and scores that have enough digits side by side."""
_NUMBER = re.compile(r"(?<![\w#])(?<!\w[-/.])\d(?:[ ()./-]{0,4}+\d){6,}+")


class _Phones:
    """Finds phone numbers; asks about each stretch of digits once, and about a bounded number."""

    def __init__(self, countries: tuple[str, ...]) -> None:
        self._countries = countries
        self._answers: dict[str, list[tuple[int, int]]] = {}
        self._left = ASKED

    def __call__(self, text: str) -> Spans:
        after = 0
        text = _NO_PHONE.sub(lambda other: "_" * len(other[0]), text)
        for match in _NUMBER.finditer(text):
            if match.start() < after:
                continue
            # The characters around say whether it is a price, a time, or a number in brackets.
            begin = max(0, match.start() - 3)
            around = text[begin : match.end() + 6]
            if around not in self._answers:
                self._left -= len(around)
                if self._left < 0:
                    yield match.span()
                    continue
                self._answers[around] = self._ask(around)
            for start, end in self._answers[around]:
                if begin + start >= after:
                    yield begin + start, begin + end
                    after = begin + end

    def _ask(self, text: str) -> list[tuple[int, int]]:
        """Return where numbers of any of the countries are, joined where they overlap."""
        from phonenumbers import Leniency, PhoneNumberMatcher  # noqa: PLC0415

        joined: list[tuple[int, int]] = []
        for start, end in sorted(
            (match.start, match.end)
            for country in self._countries
            for match in PhoneNumberMatcher(text, country, Leniency.VALID, max_tries=10)
        ):
            if joined and start < joined[-1][1]:
                joined[-1] = (joined[-1][0], max(end, joined[-1][1]))
            else:
                joined.append((start, end))
        return joined


# E-mail addresses: from each “@”, or what is written for it, to both sides.

_AT = re.compile(
    r"(?P<plain>(?<=\S)@(?=\S))"
    r"|(?P<bracketed> ?[(\[{<] ?(?:at|@|ät|arroba) ?[)\]}>] ?)"
    r"|(?P<spoken> (?:at|ät|arroba|@) )",
    re.IGNORECASE,
)
_HANDLE = re.compile(r"[\w.-]+")
_LOCAL_BACKWARDS = re.compile(r"[\w.!#$%&'’*+?^`{|}~-]{1,64}")
_LABEL = r"[\w-]{1,63}+"
_DOT = r"(?: ?[(\[{<] ?(?:dot|punkt|point|punto|\.) ?[)\]}>] ?| (?:dot|punkt|punto|\.) )"
_LAST_LABEL = r"(?:xn--[\w-]+|[^\W\d_]{2,}+(?!\w))"
_HOST = re.compile(rf"{_LABEL}(?:\.{_LABEL})*\.{_LAST_LABEL}")
_HOST_IN_WORDS = re.compile(
    rf"{_LABEL}(?:(?:{_DOT}|\.){_LABEL}){{0,3}}?{_DOT}{_LAST_LABEL}", re.IGNORECASE
)
_MAILBOX = re.compile(
    r"(?:gmail|googlemail|hotmail|outlook|live|icloud|me|mac|aol|yahoo|ymail|gmx|web|t-online|freenet"
    r"|orange|free|laposte|wanadoo|libero|virgilio|proton|protonmail|btinternet|sky|mail)"
    r"\.(?:co\.uk|[a-z]{2,3})\b",
    re.IGNORECASE,
)
_NO_NAMES = re.compile(
    r"(?:am|and|are|at|available|back|bought|buy|checkout|deals?|get|got|had|have|here|in|is|it|look"
    r"|me|not|now|of|on|once|online|only|or|order|ordered|out|sale|shop|so|that|there|this|to|up|us"
    r"|was|we|were|with|work|working|you)",
    re.IGNORECASE,
)
"""Words before “at … dot com” that say where rather than who: “members only at Target dot com”."""


def _emails(text: str) -> Spans:
    after = 0
    for at in _AT.finditer(text):
        host = _host(text, at)
        local = _LOCAL_BACKWARDS.match(text[max(after, at.start() - 64) : at.start()][::-1])
        if not host or not local:
            continue
        name = local[0][::-1].lstrip(".'’!?*")
        start = at.start() - len(name)
        handle = text[start - 1 : start] == "@" and _HANDLE.fullmatch(name)  # @ada@social.example
        if name and not handle and not (at["spoken"] and _NO_NAMES.fullmatch(name)):
            yield start, host.end()
            after = host.end()


def _host(text: str, at: re.Match[str]) -> re.Match[str] | None:
    part = (text, at.end(), at.end() + 255)
    if at["plain"]:
        return _HOST.match(*part)
    spelled = _HOST_IN_WORDS.match(*part)
    return spelled or (_HOST if at["bracketed"] else _MAILBOX).match(*part)


# Street addresses, by the way each language writes them; and British postcodes, which are fifteen
# houses each.

_WORD = r"[A-ZÀ-ÖØ-Þ][\w'’.-]{0,30}+"
_CITY = rf"{_WORD}(?: {_WORD}){{0,2}}"
_POSTCODE_GB = r"(?:GIR 0AA|[A-Z]{1,2}\d[A-Z\d]? ?\d[ABD-HJLNP-UW-Z]{2})\b"
_PLACE = (  # what may follow the street
    rf"(?:,? {{0,2}}(?:\d{{5}}|\d{{4}} [A-Z]{{2}}|\d{{4}})(?: {_CITY})?"
    rf"|,? {{0,2}}(?:{_CITY},? )?{_POSTCODE_GB}"
    rf"|,? {{0,2}}{_CITY},? {{1,2}}[A-Z]{{2}},? \d{{5}}(?:-\d{{4}})?)?"
)
_NR = r"\d{1,4}(?: ?[a-zA-Z]\b)?(?:-\d{1,4}[a-z]?)?"
_NO_PRICE = r"(?<![\w.,:/$£€#-])"
_ENGLISH = (
    _NO_PRICE + r"\d{1,5}[A-Za-z]?,? (?:[NSEW]\.? )?"
    r"(?!(?:Star|Way|Lane|Cloud|Hard|Flash|Google|Test) )"
    rf"(?:(?:{_WORD}|\d{{1,3}}(?:st|nd|rd|th)?) ){{1,3}}"
    r"(?:St(?:reet)?|R(?:oa)?d|Ave?|Avenue|Lane|Ln|Dr(?:ive)?|Close|C(?:our)?t|Pl(?:ace)?"
    r"|Sq(?:uare)?|Terr?(?:ace)?|Cres(?:cent)?|Way|Blvd|Boulevard|Gardens|Grove|Parkway|Pkwy"
    r"|Mews|Highway|Hwy|Circle|Cir)\b\.?(?: (?:[NS][EW]?|[EW])\b)?"
)
_GERMAN_DUTCH = (
    r"\b(?!(?:Park|Sitz|Steh|Stell|Arbeits|Listen|Tabellen|Speicher)platz|Um?weg)"
    rf"(?:{_WORD} (?:Str\.|Stra(?:ß|ss)e|Allee)|[A-ZÄÖÜ][\wäöüß-]{{2,30}}(?:str\.|stra(?:ß|ss)e"
    r"|weg|allee|platz|gasse|ring|damm|ufer|chaussee|straat|laan|gracht|plein|kade|dijk|singel))"
    rf" ?{_NR}\b"
)
_WITH_POSTCODE = (  # Unter den Linden 77, 10117 Berlin
    rf"\b(?:{_WORD} (?:(?:de[rmns]|die|das|la|le|du|di|van) ){{0,2}}){{1,4}}{_NR},?"
    r" (?=(?:\d{5}|\d{4} ?[A-Z]{2}) [A-ZÄÖÜ])"
)
_DE_LA = r"(?: (?:de la|de|du|des|le|la|les))?(?: (?:de l|l|d)['’]|(?= ))"
_FRENCH = (
    _NO_PRICE
    + r"\d{1,4}(?: ?(?:bis|ter|[A-D]))?,? (?:[Rr]ue|[Aa]v(?:enue|\.)|[Bb](?:oulevard|d\.?)"
    r"|[Pp]lace|[Cc]hemin|[Ii]mpasse|[Aa]llée|[Qq]uai|[Rr]oute|[Cc]ours)"
    rf"{_DE_LA}(?: ?{_WORD}){{1,4}}"
)
_FRENCH_ABROAD = (  # in Belgium and Switzerland the number comes last
    rf"\b(?:Rue|Avenue|Boulevard|Chemin|Quai|Place){_DE_LA}(?: ?{_WORD}){{1,3}},? {_NR}\b"
)
_SPANISH_ITALIAN = (
    r"\b(?:[Cc]alle|C/|[Aa]vda\.?|[Aa]venida|[Pp]laza|[Pp]aseo|[Cc]amino|[Cc]arretera|[Vv]iale"
    r"|Via(?! (?:[A-Z]{2}|App|WhatsApp|Twitter|Mail|E-|Chat|Web))|[Pp]iazza|[Cc]orso|[Vv]icolo"
    r"|[Ll]argo) ?(?:(?:de la|de los|de|del|della|dei|delle) )?"
    rf"{_WORD}(?: {_WORD}){{0,3}},? (?:n[º°o.]{{0,2}} ?)?{_NR}\b(?! ?(?:min|hour|h\b|day|%|:\d))"
)
_ADDRESSES = tuple(
    re.compile(pattern + _PLACE)
    for pattern in (
        _ENGLISH,
        _GERMAN_DUTCH,
        _WITH_POSTCODE,
        _FRENCH,
        _FRENCH_ABROAD,
        _SPANISH_ITALIAN,
    )
)
_POSTCODE = re.compile(rf"(?<![\w-]){_POSTCODE_GB}(?<= \d[A-Z]{{2}})")


def _addresses(text: str) -> Spans:
    if not re.search(r"\d", text):
        return
    taken: list[tuple[int, int]] = []
    for pattern in (*_ADDRESSES, _POSTCODE):
        taken += [match.span() for match in pattern.finditer(text)]
    after = 0
    for start, end in sorted(taken, key=lambda span: (span[0], -span[1])):
        if start >= after:
            yield start, end
            after = end
