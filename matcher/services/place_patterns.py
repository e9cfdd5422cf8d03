"""Patterns of addresses, coordinates, numbered institutions and telling words, uk and en."""

from __future__ import annotations

import re
from enum import StrEnum


class MarkKind(StrEnum):
    """What gives a place away."""

    SETTLEMENT = "settlement"
    STREET = "street"
    COORDINATES = "coordinates"
    INSTITUTION = "institution"
    TELLING = "telling"


# A name as it stands after "street": capital or in quotes, up to three words.
_NAME = (
    r"(?:[«“„\"][^»”“\"\n]{2,60}[»”“\"]"
    r"|(?:\d+[- ]?\w{0,3}\s+)?[А-ЯҐЄІЇA-Z][\w’'ʼ.-]*(?:\s+[А-ЯҐЄІЇA-Z][\w’'ʼ-]*){0,2})"
)
_BUILDING = (
    r"(?:,?\s*(?:буд(?:инок|инку|инком)?\.?\s*)?№?\s*\d{1,4}(?:[-/]?[а-яА-Яa-zA-Z\d]{1,3})?\b)?"
)
_SPELLED = (
    r"(?:один|одна|два|три|чотири|п[’'ʼ]ять|шість|сім|вісім|дев[’'ʼ]ять|десять|одинадцять|дванадцять"
    r"|one|two|three|four|five|six|seven|eight|nine|ten|eleven|twelve)"
)
_ORDINAL = (
    r"(?:перш|друг|трет|четверт|п[’'ʼ]ят|шост|сьом|восьм|дев[’'ʼ]ят|десят|одинадцят|дванадцят)"
)
_END = r"(?=\s*(?:[,;:)!?»\n]|\.(?!\d)|$)|\s+(?:на|у|в|по|та|і|й|із|з|in|on|at|of|and|for|near)\b)"
_PLACE_UK = (
    r"(?:спецшкол|шкіл|школ|ліце|гімназі|колегіум|сад(?:оч)?о?к|садк|яс[ле]|лікарн|поліклінік"
    r"|амбулаторі|диспансер|роддом|пологов|інтернат|училищ|коледж|гуртожит|котельн|підстанці"
    r"|свердловин|водозаб|насосн|очисн|депо|бібліотек|відділенн|гаражн|військ)"
)
_PLACE_EN = (
    r"(?:school|lyceum|gymnasium|kindergarten|hospital|clinic|polyclinic|outpatient|dormitory"
    r"|college|library|boiler\s+house|substation|pumping\s+station|well|fire\s+station|depot)"
)
_PAPER = (
    r"(?:постанов|наказ|розпоряджен|закон|рішен|договор|договір|угод|лот|додат|форм|ціл|завдан"
    r"|пункт|розділ|протокол|лист|проєкт|проект|етап|таблиц|рисун|версі|опці|грант|конкурс|свідоцтв|тендер|перелік"
    r"|resolution|order|law|contract|lot|annex|goal|target|sdg|task|decision|agreement|phase"
    r"|stage|table|figure|version|grant|call|component|proiect|project|article|permit)"
)
_BESIDE_UK = (
    r"(?:біля|поруч\s+(?:із?|зі)|поряд\s+(?:із?|зі)|навпроти|неподалік(?:\s+від)?|недалеко\s+від"
    r"|позаду|під|за|перед)"
)
_LANDMARK_UK = (
    r"(?:мост[аиуоі]\w*|міст(?:ком|ка)|вокзал\w*|залізнично\w+\s+\w+|переїзд\w*|елеватор\w*"
    r"|підстанці\w+|церкв\w+|храм\w*|собор\w*|цвинтар\w*|кладовищ\w*|водонапірн\w+|нафтобаз\w*"
    r"|військов\w+\s+\w+|блокпост\w*)"
)
_LANDMARK_EN = (
    r"(?:bridge|substation|railway\s+station|bus\s+station|level\s+crossing|grain\s+elevator"
    r"|church|cathedral|cemetery|water\s+tower|oil\s+depot|checkpoint|border)"
)
_BESIDE_EN = r"(?:behind|next\s+to|opposite|beside|near|under|across\s+from|close\s+to|by)"
_DECIMAL = r"-?\d{1,3}[.,]\d{3,8}"

SOURCES: tuple[tuple[MarkKind, str], ...] = (
    # Coordinates: links, codes, numbers, words.
    (
        MarkKind.COORDINATES,
        r"(?i:(?:https?://)?(?:www\.)?(?:maps\.app\.goo\.gl|goo\.gl/maps|maps\.google\.[a-z.]+"
        r"|google\.[a-z.]+/maps|maps\.apple\.com|(?:www\.)?openstreetmap\.org|osm\.org"
        r"|what3words\.com|w3w\.co|plus\.codes|waze\.com|visicom\.ua|deepstatemap\.live)[^\s<>]*)",
    ),
    (MarkKind.COORDINATES, r"(?i:\bgeo:[^\s<>]+)|///\w+\.\w+\.\w+"),
    (MarkKind.COORDINATES, r"\b[2-9CFGHJMPQRVWX]{4,8}\+[2-9CFGHJMPQRVWX]{2,3}\b"),
    (MarkKind.COORDINATES, r"\b3[5-7]\s?[A-Z]\s?[A-Z]{2}\s?\d{4,5}\s?\d{0,5}\b"),
    (MarkKind.COORDINATES, r"\b\d{10}:\d{2}:\d{3}:\d{4}\b|\bUA\d{17}\b"),
    (
        MarkKind.COORDINATES,
        rf"(?<![\d.,]){_DECIMAL}\s*°?\s*[NnSsПп]?(?:н?\.?\s*ш\.?)?\s*[,;/ ]\s*{_DECIMAL}(?![\d])"
        r"\s*°?\s*[EeСс]?",
    ),
    (MarkKind.COORDINATES, r"(?<![\d.,])(?:4[4-9]|5[0-2]|2[2-9]|3\d|40)[.,]\d{4,8}(?!\d)"),
    (
        MarkKind.COORDINATES,
        r"\d{1,3}\s*°\s*\d{1,2}(?:[.,]\d+)?\s*[′'’`](?:\s*\d{1,2}(?:[.,]\d+)?\s*[″\"”’']{1,2})?"
        r"(?:\s*(?:[NESW]\b|пн\.?\s*ш\.?|сх\.?\s*д\.?))?",
    ),
    (MarkKind.COORDINATES, r"\d{1,3}[.,]\d+\s*°(?!\s*[CСcс]\b)(?:\s*[NESW]\b)?"),
    (
        MarkKind.COORDINATES,
        r"(?i:(?:\b[\w’'ʼ.,-]+\s+){0,3}\b(?:градус\w*|degrees?)\b(?:\s+[\w’'ʼ.,-]+){0,6}?"
        r"\s+(?:(?:північн\w+|східн\w+|пн\.?|сх\.?)\s*(?:широт\w*|довгот\w*|ш\.|д\.)"
        r"|north\b|east\b|latitude|longitude))",
    ),
    (
        MarkKind.COORDINATES,
        r"(?i:\b(?:lat(?:itude)?|lon(?:gitude)?|lng|широт[аиіу]|довгот[аиіу])\b\s*[:=—–-]?\s*"
        r"(?:[\w’'ʼ]+\s+){0,2}(?:-?\d+(?:[.,]\d+)?|(?:fifty|thirty|п[’'ʼ]ятдесят|тридцять)\w*)"
        r"(?:\s+(?:point|кома|ціл\w+|degrees?|градус\w*|\w+)){0,3})",
    ),
    # A place of another oblast, which no list here knows; "150 м. Ремонт" speaks of metres.
    (
        MarkKind.SETTLEMENT,
        r"(?:(?<!\d)(?<!\d\s)\b(?:м|с|с-ще)\.|\bсмт\.?|\b(?:сел[оаіу]|селом|селищ[еаіу]|міст[оаі]"
        r"|місту|містом|хут[оі]р[аіу]?))[\s\u00a0]*[«“\"]?[А-ЯҐЄІЇ][а-яґєії’'ʼ]+(?:-[А-ЯҐЄІЇ]\w+)?",
    ),
    # Streets and buildings.
    (
        MarkKind.STREET,
        r"(?i:\b(?:вул|просп|пров|бульв|мкр|наб|пл)\.|\b(?:б-р|пр-т|пр-кт|мкрн|вулиц\w+|вулич\w+"
        r"|проспект\w*|провул\w+|бульвар\w*|шосе|набережн\w+|узв[іо]з\w*|тупик\w*|мікрорайон\w*"
        r"|майдан\w*|площ[аіуи]|площею|проїзд\w*|урочищ\w+|квартал\w*))\s*"
        rf"(?:ім(?:\.|ені)\s*)?{_NAME}{_BUILDING}",
    ),
    (MarkKind.STREET, rf"\b(?:вулиц\w+|вул\.)\s+[а-яґєії]\w+{_BUILDING[:-1]}"),
    (
        MarkKind.STREET,
        r"(?i:\b(?:буд\.|будин(?:ок|ку|ком)|корп\.|корпус[іу]?|під[’'ʼ]їзд[іу]?|кв\.))\s*"
        rf"(?:№\s*\d{{1,4}}[а-яА-Я]?\b|\d{{1,4}}(?:\s?[-/]?\s?[а-яА-Я]\b|/\d+)?{_END})",
    ),
    (
        MarkKind.STREET,
        r"(?i:\bза\s+адрес(?:ою|ами)|\baddress(?:es)?\s*:|\bадрес[аи]\s*:|\bat\s+the\s+address)"
        r"(?:\b(?:м|с|смт|вул|пр|просп|пров|обл|буд|бульв|пл|ім|str|bldg)\.|[^.;\n]){0,90}",
    ),
    (
        MarkKind.STREET,
        r"\b[А-ЯҐЄІЇ][а-яґєії’'ʼ-]{3,}(?:а|я|ої|ого|ська|івська|на|ова)\s*,\s*\d{1,3}[а-яА-Я]?"
        r"(?=\s*(?:[.;)\n]|$))",
    ),
    (
        MarkKind.STREET,
        r"(?:\b\d{1,4}[A-Za-z]?,?\s+)?(?!(?:The|A|An|New|Main|Safe|Rural|City|Local|Village|Every"
        r"|Public|Each|High|Access)\s+(?i:street|road|square|lane|avenue))"
        r"\b[A-Z][\w’'-]+(?:\s+[A-Z][\w’'-]+){0,2}\s+"
        r"(?i:street|avenue|boulevard|lane|square|road|str\b|st\b(?=\.|,|\s+\d)|ave\b|blvd\b|rd\b)"
        r"\b\.?(?!\s+(?:[A-Z]|light|lamp|furniture|market|network|surface|repair|safety|map))"
        r"(?:,?\s+\d{1,4}[A-Za-z]?\b)?",
    ),
    (
        MarkKind.STREET,
        r"\b(?i:vul\.?|vulytsia|vulytsya|prosp\.?|provulok|prov\.|bulvar|ploshcha|street|str\.)\s+"
        r"[A-Z][\w’'-]+(?:\s+[A-Z][\w’'-]+)?(?:,?\s+\d{1,4}[A-Za-z]?\b)?",
    ),
    (
        MarkKind.STREET,
        r"(?i:\b(?:building|bldg\.?|house|apartment|apt\.?|flat|block))\s+"
        rf"(?:(?i:no\.?|number|№|\#)\s*\d{{1,4}}[A-Za-z]?\b|\d{{1,4}}[A-Za-z]?\b{_END})",
    ),
    # Institutions: a number or a name of their own.
    (
        MarkKind.INSTITUTION,
        rf"(?i:\b(?:{_PLACE_UK}[\w’'ʼ-]*|ЗДО|ДНЗ|ЗОШ|ЗЗСО|НВК|НВО|СЗШ|СШ|ПТУ|ФАП\w*|АЗПСМ|КНС|ВНС|ЦПМСД)"
        r"(?:\s+(?:[^\W\d]|[-–.’'ʼ])+){0,4}?)\s*(?:№|N|номер\w*)\s*"
        rf"(?:\d+|{_SPELLED}\b)",
    ),
    (
        MarkKind.INSTITUTION,
        rf"(?i:\b{_PLACE_UK}[\w’'ʼ-]*|\b(?:ЗДО|ДНЗ|ЗОШ|ЗЗСО|НВК|СЗШ|СШ|ФАП))\s*[-–]?\s*\d{{1,3}}\b"
        rf"{_END}",
    ),
    (
        MarkKind.INSTITUTION,
        rf"(?i:\b(?:{_ORDINAL}\w{{0,4}}|\d{{1,2}}-?(?:а|та|ша|га|тя|й|го|ої|ій|у|ту)))\s+"
        r"(?:(?i:міськ|центральн|районн|дитяч|загальноосвітн)\w+\s+){0,2}"
        r"(?i:школ|гімназі|ліце|лікарн|поліклінік|сад(?:оч)?ок|садк)\w*",
    ),
    (
        MarkKind.INSTITUTION,
        r"(?i:\b(?:ЗДО|ДНЗ|сад(?:оч)?[ок]+\w*|садк\w+|ліце\w+|гімназі\w+|санаторі\w+|табор\w*|табір))"
        r"\s+[«“„\"][^»”“\"\n]{2,50}[»”“\"]",
    ),
    (
        MarkKind.INSTITUTION,
        rf"(?i:\b{_PLACE_EN}s?\s*(?:,\s*)?(?:no\.?|№|\#|number|nr\.?)\s*(?:\d+|{_SPELLED})\b)",
    ),
    (MarkKind.INSTITUTION, rf"\b(?i:{_PLACE_EN})\s+\d{{1,2}}\b{_END}"),
    # Telling words: kept short, because each one stops a release until a person has looked.
    (MarkKind.TELLING, r"(?i:\bпідвал\w*|\bbasements?\b)"),
    (
        MarkKind.TELLING,
        r"(?i:\b(?:укритт\w+|сховищ\w+|бомбосховищ\w+|шелтер\w*|shelters?)\s+"
        rf"(?:{_BESIDE_UK}|{_BESIDE_EN}|на\s+території|at)\s+[^.,;\n]{{2,60}})",
    ),
    (
        MarkKind.TELLING,
        rf"(?i:\b{_BESIDE_UK}\s+(?:\w+\s+)?{_LANDMARK_UK}"
        r"|\b(?:біля|поблизу|поруч\s+із?)\s+(?:самого\s+)?кордону)",
    ),
    (
        MarkKind.TELLING,
        rf"(?i:\b{_BESIDE_EN}\s+(?:the|an?|our|their)\s+(?:\w+\s+)?{_LANDMARK_EN}\b)",
    ),
    (
        MarkKind.TELLING,
        r"(?i:\b\d+(?:[.,]\d+)?[\s\u00a0]*(?:км|кілометр\w*|м|метр\w*)\s+(?:від|до)\s+"
        r"(?:державного\s+)?[\w’'ʼ-]+"
        r"|\b\d+(?:[.,]\d+)?[\s\u00a0-]*(?:km|kilomet\w+|m|met(?:er|re)s?|miles?)\s+"
        r"(?:from|(?:north|south|east|west)\w*\s+of)\s+(?:the\s+)?[\w’'ʼ-]+)",
    ),
    (
        MarkKind.TELLING,
        r"(?i:\b(?:підстанці\w+|substation))\s+[«“„\"][^»”“\"\n]{2,50}[»”“\"]"
        r"|\b(?:ПС|ТП|КТП|РП|КНС|ВНС)\s*[-–№]?\s*\d+(?:/\d+)*(?:\s*кВ)?(?:\s*[«“\"][^»”\"\n]{2,50}[»”\"])?"
        r"|\b(?!(?:The|A|An|New|Power|Electric|Electrical|Mobile|Main|Transformer|Each|One|Damaged"
        r"|Old|Local)\s)[A-Z][\w’'-]+\s+substation\b",
    ),
)
# Whatever else carries a number, except papers: resolutions, contracts, annexes.
NUMBERED = re.compile(r"(?i:[\w’'ʼ-]+\s*№\s*\d+[-/\w]*)")
PAPER_BEFORE = re.compile(rf"(?i:\b{_PAPER}[\w’'ʼ.]*\s+(?:[^\s.;]+\s+){{0,4}}$)")
PAPER = re.compile(rf"(?i:{_PAPER}|від\b|за\b|по\b)")

PATTERNS = tuple((kind, re.compile(source)) for kind, source in SOURCES)
