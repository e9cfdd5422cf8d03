"""One filled example of an idea: invented, of no place, as a community would write it."""

from __future__ import annotations

from typing import Any

from flask_babel import lazy_gettext as _l

from matcher.models.codes import ApplicantType, BeneficiaryGroup, Readiness
from matcher.models.idea import Section, Sensitivity
from matcher.web.idea_words import fact_rows

WHY = {
    Section.ESSENCE: _l("What is needed, why, what will be done and what changes."),
    Section.PEOPLE: _l("Whom it helps, and who may read the idea."),
    Section.BUDGET: _l("The sum with its currency, what the community pays itself, how long."),
    Section.CAPACITY: _l("Who signs, who helps, who has done such a thing before."),
    Section.DOCUMENTS: _l("How far the idea is. What you do not have yet stays empty."),
}

EXAMPLE: dict[str, Any] = {
    "title": "Автомобіль і портативне обладнання для сімейного лікаря, який їздить до "
    "віддалених сіл",
    "summary": "Потрібні автомобіль підвищеної прохідності та переносний набір для діагностики, "
    "щоб сімейний лікар двічі на тиждень приймав людей у чотирьох віддалених старостинських "
    "округах, де немає ні лікаря, ні автобуса до амбулаторії.",
    "problem": "3200 мешканців, переважно старшого віку, живуть за 20–35 кілометрів від "
    "амбулаторії. Автобус скасували, службовому авто 19 років, узимку воно не проїжджає. Торік "
    "кожен третій пацієнт із підвищеним тиском жодного разу не був у лікаря. Без виїздів люди й "
    "далі викликатимуть «швидку» тоді, коли лікувати вже пізно.",
    "activities": "Купити один автомобіль підвищеної прохідності; купити портативний "
    "електрокардіограф, аналізатор крові, тонометри й ноутбук із мобільним зв’язком; навчити "
    "двох лікарів і двох медсестер; скласти графік виїздів і оголосити його в селах.",
    "result": "Щотижня щонайменше 60 людей отримують огляд лікаря вдома або у своєму селі. За рік "
    "кожен пацієнт із хронічною хворобою оглянутий принаймні двічі. Викликів «швидкої» на чверть "
    "менше.",
    "sector": "122",
    "sdg": 3,
    "title_en": "A car and portable equipment for the family doctor who visits remote villages",
    "summary_en": "An off-road car and a portable diagnostic kit would let a family doctor see "
    "people twice a week in four remote districts that have neither a doctor nor a bus to the "
    "outpatient clinic: primary health care for 3,200 residents, most of them older people.",
    "beneficiaries": 3200,
    "beneficiary_groups": [
        BeneficiaryGroup.OLDER_PEOPLE.value,
        BeneficiaryGroup.PATIENTS.value,
        BeneficiaryGroup.PEOPLE_WITH_DISABILITIES.value,
    ],
    "sensitivity": Sensitivity.OPEN.value,
    "amount": "42000",
    "currency": "EUR",
    "own_share_pct": "10",
    "duration_months": 6,
    "applicant_type": ApplicantType.HOSPITAL.value,
    "partners": "Центр первинної медичної допомоги надає лікарів і пальне. Громадська організація "
    "людей з інвалідністю складає списки тих, кому потрібен огляд удома.",
    "capacity": "Центр уже провів два проєкти з обладнання для амбулаторій і звітував за них "
    "вчасно. Водій, страхування та обслуговування автомобіля закладені в бюджет громади на три "
    "роки.",
    "readiness": Readiness.CONCEPT.value,
    "documents": {"support_letter": "2026-10-12", "cost_estimate": "2026-10-30"},
}


def example_rows(section: Section) -> list[dict[str, Any]]:
    """Return the filled facts of one section as rows of a summary list."""
    blank = dict.fromkeys(("place_katottg", "strategy_goal_id", "dream_id", "prozorro_id"))
    rows = fact_rows(blank | EXAMPLE, section)
    return [row | {"edit": None} for row in rows if row["value"]]
