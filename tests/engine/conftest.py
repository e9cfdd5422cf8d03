"""A small lexicon and a small collection that no work on the real lexicon can change."""

import pytest

from matcher.engine import Document, Generation
from matcher.engine.lexicon import build_lexicon, parse_line

LINES = """
water-supply | водопостачання; водогін; водопровід | water supply; pipeline | dac=140 sdg=6
water | вода; водний | water; aquatic
repair | ремонт; ремонтувати; відремонтувати | repair; rehabilitation; renovation
school | школа; шкільний; заклад освіти | school; educational institution
education | освіта; освітній; навчання | education; learning; training
health-care | охорона здоров’я; медицина; медичний | health care; healthcare; medical
health | здоров’я | health
protection | охорона; захист | protection; guard
hospital | лікарня | hospital; clinic
idp | ВПО; внутрішньо переміщені особи; переселенець | internally displaced person; IDP
shelter | укриття; бомбосховище | shelter; bunker
energy | енергія; енергетичний | energy; power
efficiency | ефективність; ефективний | efficiency
solar | сонячний | solar
station | станція | station; plant
farmer | фермер; фермерський | farmer; farming
grain | зерно; зерновий | grain; crop
storage | зберігання; сховище | storage; warehouse
waste | відходи; сміття | waste; garbage
sorting | сортування; сортувати | sorting
mine-action | розмінування; гуманітарне розмінування | demining; mine action; mine clearance
youth | молодь; молодіжний | youth; young
centre | центр | centre; center
""".strip().splitlines()

IDEAS = {
    "i1": ("Ремонт водогону", "Капітальний ремонт системи водопостачання, насосна станція"),
    "i2": ("Укриття у школі", "Облаштування укриття для 300 учнів, ремонт підвалу школи"),
    "i3": ("Сонячна станція лікарні", "Енергоефективність: сонячна станція на даху лікарні"),
    "i4": ("Сортування сміття", "Лінія сортування побутових відходів і сховище"),
    "i5": ("Молодіжний центр", "Простір для молоді та навчання внутрішньо переміщених осіб"),
    "i6": ("Зерносховище", "Зберігання зерна для фермерів після розмінування полів"),
}
PROFILES = {
    "p1": ("Water programme", "Rehabilitation of water supply systems and pumping stations"),
    "p2": ("Schools", "Safe schools, shelters, education and training"),
    "p3": ("Energy fund", "Solar power and energy efficiency for hospitals and clinics"),
    "p4": ("Green towns", "Waste sorting, recycling, protection of the environment"),
    "p5": ("Youth and displaced people", "Youth centres, integration of IDPs and learning"),
    "p6": ("Farming", "Demining of farmland, grain storage, farmers"),
    "p7": ("Health care", "Health care equipment for hospitals, охорона здоров'я"),
}


def documents(rows):
    return [Document(key, title, text) for key, (title, text) in rows.items()]


@pytest.fixture(scope="session")
def lexicon():
    return build_lexicon([parse_line(line, "test.txt", n) for n, line in enumerate(LINES, 1)])


@pytest.fixture(scope="session")
def ideas():
    return documents(IDEAS)


@pytest.fixture(scope="session")
def profiles():
    return documents(PROFILES)


@pytest.fixture
def generation(ideas, profiles, lexicon):
    return Generation.fit(ideas, profiles, lexicon=lexicon)
