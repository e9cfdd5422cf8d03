"""The forms of Ukrainian place names: cases, adjectives, and both in Latin letters."""

from __future__ import annotations

import simplemma

from matcher.engine.text import romanise

VOWELS = frozenset("аеєиіїоуюя")
SOFTENED = {"к": "ц", "г": "з", "х": "с"}

ADJECTIVE_SUFFIXES = (
    "ськ",
    "цьк",
    "зьк",
    "ьськ",
    "івськ",
    "ївськ",
    "инськ",
    "їнськ",
    "анськ",
    "янськ",
    "енськ",
    "єнськ",
    "ецьк",
)
ADJECTIVE_ENDINGS = (
    *("ий", "ого", "ому", "им", "ім", "а", "ої"),
    *("ій", "у", "ою", "е", "і", "их", "ими"),
)
LATIN_ENDINGS = ("yi", "y", "iy", "a", "e", "i", "oi")

# Names that are ordinary words too: a capital letter at the start of a sentence says nothing.
_ORDINARY = """
    баба байрак бандури береза берізки бойки броди бугор будки валки верба вершина веснянка
    вибла вири вишенька вовна вовчик гай галка гаї голуби голубці гребля греки гришки деркачі
    долина дружба діброва дібрівка жари жито журавка залізняк землянка зоря калина камінь
    караван клепали клин ключі козаки колос колісники комиші копійки коржі криниця криниці
    круги кулики курган кут кутки кушніри лан лани ланок лиман луг луги луки луч лушники ліс
    майдан марченки маршали маяк мельники мир мирок млинки мости мостки надія незалежність низи
    новосілка облоги ободи озера озеро окіп основа п'ятихатка пасіка пасіки перелоги перемога
    перехрестя перше погреби поділ поле пологи поляна посад праця привілля пристань прогрес
    проміння проходи піски раки реви рибці родина руда рів рівне ріг ріпки річка річки сад
    садки свобода світанок селище ситники слобода сонце сорока союз ставки старе степ стовпці
    стінка сула суми схід терни товста тополя тополі труд україна українка улиця улянка
    хлібороб хутори хутір чайка чайкине шлюз шлях шпиль щасливе яр яри ярок
    ясени івушка
"""
ORDINARY = frozenset(_ORDINARY.split())
# Adjectives that the rules would make of a place name and that everybody uses without it.
EVERYDAY_ADJECTIVES = ("українськ", "міськ", "сільськ", "людськ", "ukrainsk", "silsk", "misk")


def fold(word: str) -> str:
    """Return the word as it is compared: small letters, one kind of apostrophe."""
    return word.lower().replace("’", "'").replace("ʼ", "'").replace("`", "'")


def is_ordinary(word: str) -> bool:
    """Tell whether a folded name is an everyday word as well: Мирне, Перемога, Садки."""
    if word in ORDINARY or (word[-1] in "иі" and has_singular(word[:-1])):
        return True
    if not word.endswith(("е", "є", "а", "і")):
        return False
    masculine = word[:-1] + "ий"
    return simplemma.is_known(masculine, lang="uk") and not masculine.endswith(("ський", "цький"))


def has_singular(stem: str) -> bool:
    """Tell whether a name in the plural is that of things or people: Токарі, Бондарі, Будки."""
    return any(
        len(stem) > 2 and simplemma.is_known(stem + ending, lang="uk")
        for ending in ("", "ь", "а", "я", "о")
    )


def forms_of(word: str) -> set[str]:
    """Return one folded word of a place name in all cases."""
    last, stem = word[-1], word[:-1]
    if word.endswith(("ий", "ій")) and len(word) > 4:
        return {word, *_with(word[:-2], "ого ому им ім ього ьому")}
    if last in "еєо":
        return {word, *_neuter(stem, last)}
    if last == "а":
        return {word, *_with(stem, "и у ою о і ею ої ій"), _soften(stem) + "і"}
    if last == "я":
        return {word, *_with(stem, "і ї ю ею єю ям ьої ій ьою")}
    if last in "иії":
        return {word, *_plural(stem)}
    return {word, *_masculine(word)}


def _with(stem: str, endings: str) -> set[str]:
    return {stem + ending for ending in endings.split()}


def _soften(stem: str) -> str:
    return stem[:-1] + SOFTENED.get(stem[-1:], stem[-1:])


def _neuter(stem: str, last: str) -> set[str]:
    if last == "о":
        return _with(stem, "а у ом і ові")
    if last == "є":
        return _with(stem, "ього ьому ім")
    return _with(stem, "ого ому им ім") | (_with(stem, "а у ем і") if stem[-1:] in "щц" else set())


def _plural(stem: str) -> set[str]:
    forms = _with(stem, "ам ям ами ями ах ях ів їв ей их им ими ьми") | {stem}
    if len(stem) > 2 and stem[-1] not in VOWELS and stem[-2] not in VOWELS:
        # The genitive puts a vowel between two consonants: Бочечки, Бочечок; Ромни, Ромен.
        start = stem[:-2] + stem[-2].replace("ь", "")
        forms |= {f"{start}{vowel}{stem[-1]}" for vowel in "ое"}
    return forms


def _masculine(word: str) -> set[str]:
    """Return the cases of a name that ends in a consonant, й or a soft sign."""
    stem = word[:-1] if word[-1] in "йь" else word
    forms: set[str] = set()
    for base in _bases(stem):
        forms |= _with(base, "а я у ю ові еві єві ом ем єм і ї и")
        forms.add(_soften(base) + "і")
    if word[-1] == "ь":
        forms |= {stem + stem[-1] + "ю", stem + "ю"}
    return forms


def _bases(stem: str) -> set[str]:
    """Return the stem before an ending: Глухів- Глухова, Кролевець- Кролевця, Ямпіль- Ямполя."""
    bases = {stem}
    if len(stem) > 3:
        ending, vowel = stem[-1], stem[-2]
        if vowel in "оеє" and ending in "кцнл":
            bases.add(stem[:-2] + ("й" if vowel == "є" else "") + ending)
        for old, new in (("і", "о"), ("і", "е"), ("ї", "є")):
            if vowel == old:
                bases.add(stem[:-2] + new + ending)
    return bases


def adjective_stems(word: str) -> set[str]:
    """Return what may stand before the suffix in adjectives of a folded one-word name."""
    stem = word.rstrip("аеєиіїоуюяьй") or word
    stems = {stem} | _bases(stem)
    for base in list(stems):
        if len(base) > 3 and base[-1] == "к":
            stems.add(base[:-1])
        if len(base) > 3 and base[-1] == base[-2]:
            stems.add(base[:-1])
        if len(base) > 4 and base[-1] in "цсзк":
            stems.add(base[:-1])
        if base.endswith(("ов", "ев", "єв")):
            stems |= {base[:-2] + "ів", base[:-2] + "їв", base[:-2]}
    return {found for found in stems if len(found) >= 3}


def compound_stems(words: list[str]) -> set[str]:
    """Return adjective stems of a name of several words: Липова Долина, липоводолинський."""
    start = "".join(word.rstrip("аеєиіїоуюяьй") + "о" for word in words[:-1])
    return {start + stem for stem in adjective_stems(words[-1])}


def is_adjective_of(word: str, stems: frozenset[str]) -> bool:
    """Tell whether a folded word is an adjective of a place whose stem is among ``stems``."""
    if word.startswith(EVERYDAY_ADJECTIVES):
        return False
    latin = word.isascii()
    endings = LATIN_ENDINGS if latin else ADJECTIVE_ENDINGS
    suffixes = LATIN_SUFFIXES if latin else ADJECTIVE_SUFFIXES
    for ending in endings:
        if not word.endswith(ending):
            continue
        body = word[: -len(ending)]
        for suffix in suffixes:
            if body.endswith(suffix) and body[: -len(suffix)] in stems:
                return True
    return False


LATIN_SUFFIXES = tuple(sorted({romanise(suffix) for suffix in ADJECTIVE_SUFFIXES}))
