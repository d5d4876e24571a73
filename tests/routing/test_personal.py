"""Personal data: what is found where, what is left alone, and that masking leaves none."""

import json
import subprocess
import sys
import time
from datetime import datetime
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from routing.reading.personal import MASKS, PersonalData, PersonalKind, find, mask

SUPPORT_TWEETS = Path(__file__).parents[3] / "shared" / "data" / "support_tweets.jsonl"
CARD, IBAN, PHONE = PersonalKind.CARD, PersonalKind.IBAN, PersonalKind.PHONE
EMAIL, ADDRESS = PersonalKind.EMAIL, PersonalKind.ADDRESS

FOUND = [
    (CARD, "my card «4111 1111 1111 1111» was charged twice"),
    (CARD, "card «4111-1111-1111-1111» declined"),
    (CARD, "card number is «4111.1111.1111.1111»."),
    (CARD, "mc «2221000000000009»!"),
    (CARD, "12/27 «4929 3813 3266 4295» 123"),
    (CARD, "amex «3782 822463 10005»"),
    (CARD, "diners «3056 930902 5904»"),
    (CARD, "visa «4000 0000 0000 0000 006»"),
    (CARD, "Karte «４１１１ １１１１ １１１１ １１１１»"),
    (CARD, "split by zero width: «4111\u200b1111\u200b1111\u200b1111»"),
    (IBAN, "IBAN:«DE89370400440532013000»"),
    (IBAN, "meine IBAN «DE89 3704 0044 0532 0130 00» bitte"),
    (IBAN, "iban «gb29 nwbk 6016 1331 9268 19»."),
    (IBAN, "«FR14 2004 1010 0505 0001 3M02 606»"),
    (IBAN, "«NL91ABNA0417164300» please"),
    (IBAN, "«ES91 2100 0418 4502 0005 1332»"),
    (IBAN, "«IT60 X054 2811 1010 0000 0123 456»"),
    (IBAN, "«CH93-0076-2011-6238-5295-7»"),
    (PHONE, "call me on «+49 171 1234567»"),
    (PHONE, "ruft mich an: «0171/1234567»"),
    (PHONE, "Tel. «0171 – 123 45 67»"),
    (PHONE, "call «(415) 555-2671» now"),
    (PHONE, "«415.555.2671»"),
    (PHONE, "WhatsApp «07700900123»!!"),
    (PHONE, "ring «+44 20 7946 0958» please"),
    (PHONE, "appelez-moi au «06 12 34 56 78»"),
    (PHONE, "«06.12.34.56.78»"),
    (PHONE, "llámame al «612 345 678»"),
    (PHONE, "«06-12345678» is mijn nummer"),
    (PHONE, "«(030) 901820»"),
    (PHONE, "«+49 (0)30 901820»"),
    (PHONE, "«0043 664 1234567»"),
    (PHONE, "from India «+91 98765 43210»"),
    (EMAIL, "mail me at «jane.doe@example.com»"),
    (EMAIL, "«jane+tag@mail.example.co.uk», thanks"),
    (EMAIL, "mailto:«jane@example.org»"),
    (EMAIL, "(«müller@bücher.example»)"),
    (EMAIL, "«jane@xn--bcher-kva.example»"),
    (EMAIL, "«o'brien@example.ie»"),
    (EMAIL, "https://a.example/?to=«jane@example.org»"),
    (EMAIL, "write to «name at example dot com» please"),
    (EMAIL, "«jane.doe [at] example [dot] com»"),
    (EMAIL, "«jane(at)gmail.com»"),
    (EMAIL, "«max.muster ät web.de»"),
    (EMAIL, "«jane @ gmail . com»"),
    (ADDRESS, "I live at «221B Baker Street», come by"),
    (ADDRESS, "send it to «221B Baker Street, London NW1 6XE»"),
    (ADDRESS, "no signal at «14 Elm Grove Road» since Monday"),
    (ADDRESS, "our postcode is «LS1 4AP»"),
    (ADDRESS, "«1600 Pennsylvania Ave NW»"),
    (ADDRESS, "«1600 Pennsylvania Avenue NW, Washington, DC 20500»"),
    (ADDRESS, "«Hauptstr. 12, 10115 Berlin»"),
    (ADDRESS, "Ich wohne in der «Lindenstraße 7a» in Köln"),
    (ADDRESS, "«Berliner Straße 5»"),
    (ADDRESS, "«Unter den Linden 77, 10117 Berlin»"),
    (ADDRESS, "«12 rue de la Paix, 75002 Paris»"),
    (ADDRESS, "«5 bis avenue Victor Hugo»"),
    (ADDRESS, "«Rue de Rivoli 12»"),
    (ADDRESS, "«Calle de Alcalá 42, 28014 Madrid»"),
    (ADDRESS, "«Via Roma 10, 00184 Roma»"),
    (ADDRESS, "«Keizersgracht 123, 1015 CJ Amsterdam»"),
]  # fmt: skip

LEFT_ALONE = [
    "order number 123-4567890-1234567 never came",
    "PayPal case PP-006-234-348-863",
    "ticket 20171130123456, order 4111111111111112",
    "It costs £1,299.99 or 1.299,99 € or $25.00",
    "500 000 000 € or EUR 4.111,11 or £7.99 12.99 15.99 20.99",
    "1,234,567 3,456,789 and 10.000.000",
    "from 12:30 to 14:45 on 2026-12-24",
    "24.12.2026 08:00-18:00 and 01.02.2024 - 03.02.2024",
    "Rechnung vom 01.02.2024, 10-12-2024, 12/24/2026",
    "2026-11-20T10:00:00+00:00 and 20240131T123045",
    "10:30 - 11:30, 12:30 - 13:30, 24/7",
    "5G and 4G and LTE, 250/40 Mbit, 1080p 60fps 3840x2160",
    "version 1.2.3.4 and 10.0.19041.1 on 192.168.178.1",
    "https://x.com/i/status/926543219876543210?t=4111111111111111 926543219876543210",
    "@07700900123 #07700900123 #100DaysOfCode",
    "@ada@social.example, @tom.okafor and https://medium.example/@ada.lovelace",
    "at 52.5200, 13.4050 or 51.507351, -0.127758",
    "they won 3-2 4-1 5-0 2-2 1-1",
    "2016 2017 2018 2019, 10 20 30 40 50 60",
    "tracking 1Z999AA10123456784, code 0xc1900101-0x30018",
    "EAN 4006381333931, ISBN 978-3-16-148410-0",
    "I work at amazon.com, members only at Target dot com, contact me at gmail.com",
    "look @ amazon.com, at the dot com boom, did it crash at any point during that time",
    "7726 or text PAC to 65075, call 150",
    "I was driving down the street for 20 minutes",
    "auf Platz 3 im Ranking, Parkplatz 3, Umweg 5 km",
    "Am Montag 12 Uhr, Im Oktober 2017, Via WhatsApp 5 Nachrichten",
    "4 Cloud Drive accounts, 30 Seconds to Mars",
    "rue 12 fois, 12 place to see, via 3 stops",
    "",
]


def marked(text: str) -> list[tuple[PersonalKind, str]]:
    return [(data.kind, text[data.start : data.end]) for data in find(text)]


@pytest.mark.parametrize(("kind", "text"), FOUND)
def test_what_is_found_and_where(kind: PersonalKind, text: str) -> None:
    inside = text[text.index("«") + 1 : text.index("»")]

    assert marked(text.replace("«", "").replace("»", "")) == [(kind, inside)]


@pytest.mark.parametrize("text", LEFT_ALONE)
def test_what_is_left_alone(text: str) -> None:
    assert marked(text) == []


def test_several_are_found_in_the_order_of_the_text() -> None:
    text = "jane@x.io or 0171 1234567, 0171 7654321; DE89 3704 0044 0532 0130 00"

    assert mask(text, find(text)) == (
        "[e-mail address] or [phone number], [phone number]; [bank account]"
    )


def test_the_countries_say_whose_phone_numbers_to_look_for() -> None:
    text = "the driver: 9958520468"

    assert find(text) == ()
    assert mask(text, find(text, countries=("IN",))) == "the driver: [phone number]"


def test_who_writes_numbers_without_end_has_them_masked_without_asking() -> None:
    text = ", ".join(f"{n}555 {n}26{n}" for n in range(100, 200))

    assert mask(text, find(text)).count("[phone number]") > 90


def test_mask_takes_findings_in_any_order() -> None:
    found = [PersonalData(PHONE, 8, 12), PersonalData(CARD, 0, 4)]

    assert mask("1234 or 5678!", found) == "[card number] or [phone number]!"


def test_nothing_is_loaded_before_there_is_something_to_judge() -> None:
    program = (
        "import sys; from routing.reading.personal import find; find('hi @ada, £20 at 10:30');"
        "sys.exit(bool({'phonenumbers', 'stdnum', 'spacy'} & set(sys.modules)))"
    )

    subprocess.run([sys.executable, "-c", program], check=True)


PIECES = [
    "4111 1111 1111 1111", "DE89 3704 0044 0532 0130 00", "0171 1234567", "+49 30 901820",
    "(415) 555-2671", "jane@example.com", "jane at example dot com", "12 High Street",
    "Hauptstr. 12", "10115 Berlin", "LS1 4AP", " ", "\n", "@", ".", "-", "/", "(", "+", "0", "17",
    "at", "dot", "#", "https://", "\u200b", "£", "█", "[", "]", "a", "É", "٤",
]  # fmt: skip
ANY_TEXT = st.text(st.characters(), max_size=200)  # lone surrogates and NUL included
NUMBERISH = st.text(st.sampled_from("0123456789 +-./()@aA#"), max_size=60)
TEXT = ANY_TEXT | NUMBERISH | st.lists(st.sampled_from(PIECES), max_size=12).map("".join)


@settings(deadline=None)
@given(TEXT)
def test_whatever_is_written_masking_leaves_the_rest_and_nothing_to_find(text: str) -> None:
    found = find(text)
    masked = mask(text, found)

    at, rest = 0, masked
    for data in found:
        assert at <= data.start < data.end <= len(text)
        kept = text[at : data.start] + MASKS[data.kind]
        assert rest.startswith(kept)
        rest, at = rest[len(kept) :], data.end
    assert rest == text[at:]
    assert {data.kind for data in find(masked)} & {data.kind for data in found} == set()


TIMES = st.datetimes(datetime.fromisoformat("1990-01-01"), datetime.fromisoformat("2039-12-31"))
FORMATS = st.sampled_from(
    [
        "%d.%m.%Y", "%d/%m/%Y", "%m/%d/%Y", "%Y-%m-%d", "%d-%m-%Y", "%d.%m.%y", "%m/%d/%y", "%H:%M",
        "%H:%M:%S", "%d %b %Y", "%d.%m.%Y %H:%M", "%Y-%m-%d %H:%M:%S", "%Y-%m-%dT%H:%M:%S+00:00",
    ]
)  # fmt: skip
PRICES = st.decimals(0, 99_999, places=2)
CURRENCIES = st.sampled_from(["£{}", "${}", "€ {}", "{} €", "{:,} EUR", "{}", "{:,}"])


@given(st.lists(st.builds(datetime.strftime, TIMES, FORMATS), min_size=1, max_size=3))
def test_dates_and_times_are_never_masked(times: list[str]) -> None:
    assert marked("from " + " to ".join(times)) == []


@given(st.lists(st.builds(str.format, CURRENCIES, PRICES), min_size=1, max_size=3))
def test_prices_are_never_masked(prices: list[str]) -> None:
    assert marked(f"it was {' and '.join(prices)} a month") == []


HOSTILE = [
    "1", "1 ", "0 ", "1.", "12-", "+1", "(1", "4111 ", "0171/", "0171/123456 ", "415-555 ", "2,",
    "a", "A", "A ", " ", ".", "a.", "-", "@", "a@", "a@a.", "a at ", "a at a dot ", "at dot ",
    "DE89", "DE89 ", "GB29 NWBK ", "1A", "1a ", "1 A ", "1 A street ", "1 Street ", "Astr. ",
    "12 rue de la A ", "Calle A ", "An der A 12, ", "01.02.2024-", "0171 1234567 ", "\u0661",
    "A 1, ", "Rue A ", "Via ", "A-", "LS1 ", "a.a.a ", "[at]", "+", "#", "@a ", "https://a1 ",
]  # fmt: skip


@pytest.mark.parametrize("piece", HOSTILE)
def test_a_hostile_text_takes_no_time(piece: str) -> None:
    text = (piece * 2_000)[:2_000]
    find("0171 1234567 4111 1111 1111 1111")  # loads the libraries

    def taken() -> float:
        start = time.thread_time()
        find(text)
        return time.thread_time() - start

    assert min(taken() for _ in range(3)) < 0.05


def test_real_tweets_give_away_little_and_nothing_else_is_taken_for_it() -> None:
    if not SUPPORT_TWEETS.exists():
        pytest.skip("the sample of real tweets isn't here (../shared/data/support_tweets.jsonl)")
    texts = [json.loads(line)["text"] for line in SUPPORT_TWEETS.read_text().splitlines()]

    kinds = [kind for text in texts for kind, _ in marked(text)]

    # Looked at one by one: five phone numbers, two addresses, and one number of a product.
    assert (kinds.count(PHONE), kinds.count(ADDRESS), len(kinds)) == (6, 2, 8)
