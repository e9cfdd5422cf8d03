"""Places in a text: what is found in hand-written sentences, and what is marked without need."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from matcher.services.places import MarkKind, find_marks

# Names of open examples, all of one oblast; streets and institutions are invented.
ONE_WORD = """
Бочечки Недригайлів Кролевець Ромни Глухів Путивль Лебедин Охтирка Шостка Тростянець Ямпіль
Буринь Хотінь Свеса Краснопілля Білопілля Суми Тернівка Степанівка Вільшанка Миропілля Попівка
Грунь Есмань Чупахівка Ворожба Березівка Кириківка Зелене Мирне Перемога Садки Вільне Нове Луг
Береза Шевченкове Іванівка Михайлівське Річки Низи Олександрія
"""
NAMES = frozenset(ONE_WORD.split()) | {
    "Велика Писарівка",
    "Липова Долина",
    "Середина-Буда",
    "Велика Чернеччина",
    "Нова Слобода",
}

# A sentence and the places in it, each of which a mark has to touch.
SENTENCES: list[tuple[str, list[str]]] = [
    # Settlements in the cases of Ukrainian
    ("Амбулаторія в Бочечках обслуговує три села.", ["Бочечках"]),
    ("Мешканці Бочечок возять воду за вісім кілометрів.", ["Бочечок"]),
    ("До Недригайлова пацієнтів везуть старою машиною.", ["Недригайлова"]),
    ("У Недригайлові немає відділення реабілітації.", ["Недригайлові"]),
    ("Поруч із Кролевцем облаштують станцію сортування.", ["Кролевцем"]),
    ("Очисні споруди Кролевця збудовано 1978 року.", ["Кролевця"]),
    ("Дітей з Ромен приймає молодіжний центр.", ["Ромен"]),
    ("Ткацька майстерня у Ромнах потребує даху.", ["Ромнах"]),
    ("Глухову потрібен шкільний автобус.", ["Глухову"]),
    ("Між Глуховом і Путивлем немає маршруту.", ["Глуховом", "Путивлем"]),
    ("Лебединові бракує спеціалістів із землеустрою.", ["Лебединові"]),
    ("Школярі Охтирки навчаються у дві зміни.", ["Охтирки"]),
    ("В Охтирці ремонтують басейн.", ["Охтирці"]),
    ("Теплиця стоятиме у Шостці.", ["Шостці"]),
    ("Жителі Тростянця саджають парк.", ["Тростянця"]),
    ("Дорога до Ямполя розбита.", ["Ямполя"]),
    ("За Буринню облаштують сортувальну лінію.", ["Буринню"]),
    ("Лікарня у Хотіні зігріває сто палат.", ["Хотіні"]),
    ("Свесі потрібна пожежна машина.", ["Свесі"]),
    ("Краснопіллям їздить мобільна бібліотека.", ["Краснопіллям"]),
    ("Насоси для Білопілля куплено вживаними.", ["Білопілля"]),
    ("Переселенці з Сум отримають житло.", ["Сум"]),
    ("Ветерани Великої Писарівки відкрили пекарню.", ["Великої Писарівки"]),
    ("У Липовій Долині облаштовано денний центр.", ["Липовій Долині"]),
    ("Діти Середини-Буди пишуть листи друзям.", ["Середини-Буди"]),
    ("Клуб у Великій Чернеччині холодний.", ["Великій Чернеччині"]),
    ("У ТЕРНІВЦІ РЕМОНТУЮТЬ КЛУБ", ["ТЕРНІВЦІ"]),
    ("у недригайлові людям потрібна вода", ["недригайлові"]),
    # Names that are ordinary words too
    ("Клуб у селі Зелене збирає сорок дітей.", ["Зелене"]),
    ("Підвіз учнів із Перемоги та Садків.", ["Перемоги", "Садків"]),
    ("Мирне, Луг: два села без аптеки.", ["Мирне", "Луг"]),
    ("Водогін у с. Вільне зношений.", ["Вільне"]),
    ("Фельдшер їздить до Шевченкового двічі на тиждень.", ["Шевченкового"]),
    # Adjectives of settlements
    ("Недригайлівський ліцей готує волонтерів.", ["Недригайлівський"]),
    ("Утеплення бочечківської амбулаторії.", ["бочечківської"]),
    ("Великописарівська лікарня потребує ліфта.", ["Великописарівська"]),
    ("У липоводолинському музеї тече дах.", ["липоводолинському"]),
    # A place of another oblast, by the word before it
    ("Досвід переймуть у місті Вигаданськ.", ["Вигаданськ"]),
    # Streets and buildings
    ("Ремонт даху на вул. Калиновій, 12.", ["вул. Калиновій, 12"]),
    ("Вулиця Ткацька лишилася без світла.", ["Вулиця Ткацька"]),
    ("Котельня стоїть на просп. Злагоди, буд. 7-А.", ["просп. Злагоди", "7-А"]),
    ("Провулок Липневий потребує освітлення.", ["Провулок Липневий"]),
    ("Пандус облаштують у будинку № 44.", ["будинку № 44"]),
    ("Центр працює за адресою: Вишнева, 3.", ["за адресою: Вишнева, 3"]),
    ("Сквер на площі Злагоди потребує лавок.", ["площі Злагоди"]),
    ("The roof at 14 Kalynova Street leaks.", ["14 Kalynova Street"]),
    ("Insulation of the house on vul. Tkatska, 5.", ["vul. Tkatska, 5"]),
    ("The clinic moves to building 5.", ["building 5"]),
    # Coordinates: numbers, words, links
    ("Свердловина: 51.12345, 33.54321.", ["51.12345, 33.54321"]),
    ("Точка 51°12′30″ пн. ш. на березі.", ["51°12′30″"]),
    ("П’ятдесят один градус північної широти, біля лісу.", ["градус північної широти"]),
    ("The pump stands at latitude 51.2 north.", ["latitude 51.2"]),
    ("Fifty-one degrees twelve minutes north.", ["degrees twelve minutes north"]),
    ("Мапа: https://maps.app.goo.gl/AbCdEf12345", ["maps.app.goo.gl/AbCdEf12345"]),
    ("Позначка geo:51.123,33.543 у додатку.", ["geo:51.123,33.543"]),
    ("See https://www.openstreetmap.org/#map=17/51.1/33.5 for the site.", ["openstreetmap.org"]),
    ("Ділянка 5920989900:01:002:0003 вільна.", ["5920989900:01:002:0003"]),
    # Numbers and names of institutions
    ("Школа № 5 працює без їдальні.", ["Школа № 5"]),
    ("Вікна в ліцеї №2 старі.", ["ліцеї №2"]),
    ("Басейн дитячого садка № 7 зачинено.", ["садка № 7"]),
    ("Третя міська лікарня приймає всіх.", ["Третя міська лікарня"]),
    ("Школа номер п’ять чекає на дах.", ["Школа номер п’ять"]),
    ("Дах ЗДО «Барвінок» протікає.", ["ЗДО «Барвінок»"]),
    ("Windows of School No. 5 are old.", ["School No. 5"]),
    ("Kindergarten #3 needs a boiler.", ["Kindergarten #3"]),
    ("A lift for Hospital 2.", ["Hospital 2"]),
    # Telling words
    ("Бібліотека працює у підвалі.", ["підвалі"]),
    ("Клуб за мостом зачинено.", ["за мостом"]),
    ("Склад стоїть навпроти вокзалу.", ["навпроти вокзалу"]),
    ("Музей за 3 км від переїзду.", ["3 км від переїзду"]),
    ("The kitchen is next to the railway station.", ["next to the railway station"]),
    ("Classes are held in the basement.", ["basement"]),
    # English forms of settlements
    ("A rehabilitation room in Nedryhailiv.", ["Nedryhailiv"]),
    ("Weavers of Krolevets need a roof.", ["Krolevets"]),
    ("A mobile library for LYPOVA DOLYNA.", ["LYPOVA DOLYNA"]),
    ("Children from velyka pysarivka write letters.", ["velyka pysarivka"]),
    ("The Nedryhailivska school bus is old.", ["Nedryhailivska"]),
]

# Sentences that give no place away; every mark in them is a false one.
HARMLESS = [
    "Краснопільська громада просить шкільний автобус.",
    "Тростянецька міська територіальна громада має досвід.",
    "Сумська область межує з чотирма областями.",
    "Охтирський район і Роменська громада діють разом.",
    "Недригайлівська та Кролевецька громади подали ідею разом.",
    "The Krolevetska community runs a small museum.",
    "Okhtyrka hromada and Sumy oblast co-finance the bus.",
    "Зелене будівництво зменшить витрати на тепло.",
    "Мирне життя повертається до громади.",
    "Перемога у конкурсі надихнула молодь.",
    "Нове обладнання служитиме десять років.",
    "Вільне місце займе молодіжний простір.",
    "Навчання відбувається на вулиці та в класі.",
    "Площа даху становить 1200 м².",
    "Роботи завершать у III кварталі 2026 року.",
    "Будівництво 5 будинків і ремонт 12 квартир.",
    "Громаді бракує лікарів, учителів і водіїв.",
    "Згідно з постановою № 731 кошти виділено.",
    "Договір № 15 підписано у травні.",
    "Ціль № 6 стосується чистої води.",
    "Школа на 300 учнів потребує їдальні.",
    "Лікарня на 60 ліжок обігріває три корпуси.",
    "Температура 21 °C тримається взимку.",
    "Вартість становить 51,5 млн грн.",
    "Строк реалізації – 8 місяців, власний внесок – 10 %.",
    "Координатор проєкту звітує щокварталу.",
    "Люди повертаються з-за кордону.",
    "Суми внесків оприлюднено на сайті громади.",
    "A new well for the hospital of the community.",
    "The school for 300 pupils needs a canteen.",
    "The shelter will house 12 families.",
    "Resolution No. 731 covers the costs.",
    "Street lighting saves 40 % of energy.",
    "Українські виробники постачають насоси.",
    "Сільські бібліотеки відкрито щодня.",
    "Міська рада підтримала ідею.",
]


def missed(sentence: str, places: list[str]) -> list[str]:
    """Return the places of a sentence that no mark touches."""
    marks = find_marks(sentence, NAMES)
    lost = []
    for place in places:
        start = sentence.index(place)
        end = start + len(place)
        if not any(mark.start < end and start < mark.end for mark in marks):
            lost.append(place)
    return lost


def false_marks(sentence: str, places: list[str]) -> list[str]:
    """Return the marks of a sentence that touch none of its places."""
    spans = [(sentence.index(place), sentence.index(place) + len(place)) for place in places]
    return [
        mark.fragment
        for mark in find_marks(sentence, NAMES)
        if not any(mark.start < end and start < mark.end for start, end in spans)
    ]


def test_nearly_every_place_of_the_sentences_is_marked() -> None:
    total = sum(len(places) for _sentence, places in SENTENCES)
    lost = [
        (place, sentence) for sentence, places in SENTENCES for place in missed(sentence, places)
    ]
    recall = 1 - len(lost) / total
    print(f"\n{len(SENTENCES)} sentences, {total} places, recall {recall:.3f}")
    for place, sentence in lost:
        print(f"  missed: {place!r} in {sentence!r}")
    assert len(SENTENCES) >= 60
    assert recall >= 0.95


def test_few_marks_are_false() -> None:
    found = [
        (fragment, sentence)
        for sentence, places in [*SENTENCES, *((text, []) for text in HARMLESS)]
        for fragment in false_marks(sentence, places)
    ]
    print(f"\n{len(found)} false marks in {len(SENTENCES) + len(HARMLESS)} sentences")
    for fragment, sentence in found:
        print(f"  false: {fragment!r} in {sentence!r}")
    assert len(found) <= 3


@pytest.mark.parametrize(
    ("sentence", "fragment", "kind"),
    [
        ("Амбулаторія в Бочечках.", "Бочечках", MarkKind.SETTLEMENT),
        ("На вул. Калиновій, 12 тече дах.", "вул. Калиновій, 12", MarkKind.STREET),
        ("Точка 51.12345, 33.54321 на мапі.", "51.12345, 33.54321", MarkKind.COORDINATES),
        ("Школа № 5 без їдальні.", "Школа № 5", MarkKind.INSTITUTION),
        ("Клуб за мостом зачинено.", "за мостом", MarkKind.TELLING),
    ],
)
def test_a_mark_says_what_it_is_and_where(sentence: str, fragment: str, kind: MarkKind) -> None:
    (mark,) = find_marks(sentence, NAMES)
    assert (mark.fragment, mark.kind) == (fragment, kind)
    assert sentence[mark.start : mark.end] == fragment


def test_an_address_is_one_mark_with_its_town_and_street() -> None:
    text = "Ремонт за адресою: м. Вигаданськ, вул. Калинова, 12"
    (mark,) = find_marks(text, NAMES)
    assert mark.fragment == "за адресою: м. Вигаданськ, вул. Калинова, 12"


def test_a_place_written_with_latin_look_alikes_is_found() -> None:
    assert [mark.kind for mark in find_marks("Амбулаторія в Бoчечкaх.", NAMES)] == [
        MarkKind.SETTLEMENT
    ]


@pytest.mark.parametrize("apostrophe", ["'", "’", "ʼ"])
def test_every_apostrophe_is_the_same(apostrophe: str) -> None:
    marks = find_marks(f"Школа в Дуб{apostrophe}янці.", {"Дуб’янка"})
    assert [mark.kind for mark in marks] == [MarkKind.SETTLEMENT]


def test_without_names_addresses_are_still_found() -> None:
    assert find_marks("Ремонт на вул. Калиновій.", ())


def test_a_long_address_fits_into_the_table() -> None:
    text = "за адресою: " + "дуже довгий опис місця " * 40
    assert all(len(mark.fragment) <= 200 for mark in find_marks(text, NAMES))


@given(st.text(max_size=200))
def test_any_text_gives_marks_in_order_that_do_not_overlap(text: str) -> None:
    marks = find_marks(text, NAMES)
    assert all(text[mark.start : mark.end] == mark.fragment for mark in marks)
    ends = [0, *(mark.end for mark in marks)]
    assert all(end <= mark.start for end, mark in zip(ends, marks, strict=False))
