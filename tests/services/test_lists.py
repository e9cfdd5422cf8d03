"""Donors and their files, rates, goals, territories, communities, interests, letters."""

from __future__ import annotations

from datetime import date, timedelta
from decimal import Decimal
from email.message import EmailMessage
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa

from matcher.errors import Invalid, NotAllowed, NotFound, Stale, WrongState
from matcher.extensions import db
from matcher.models.codes import Channel, Language
from matcher.models.idea import Sensitivity
from matcher.models.job import Job, JobStatus
from matcher.models.match import ContactNote, MatchStatus
from matcher.models.organisation import (
    DonorKind,
    ExchangeRate,
    Organisation,
    OrganisationKind,
    TerritoryStatusCode,
)
from matcher.models.user import Conflict, Role
from matcher.services import (
    access,
    conflicts,
    contacts,
    donors,
    letters,
    lists,
    outbox,
    rates,
    territories,
    territory_list,
)
from matcher.services.freshness import Freshness
from tests import factories
from tests.factories import NOW

pytestmark = pytest.mark.usefixtures("session")
TODAY = date(2026, 11, 22)
DONOR = {
    "name_uk": "Фонд води",
    "name_en": "Water Fund",
    "donor_kind": DonorKind.FOUNDATION,
    "reads": Language.EN,
    "source_url": "https://water.example",
    "note": "",
}


def a_donor(**values: Any) -> Organisation:
    """Make a donor."""
    return factories.organisation(OrganisationKind.DONOR, **values)


def names(actor: Any, **asked: Any) -> list[str]:
    """Return the names of the donors in a list."""
    page = donors.list_donors(actor, donors.Filter(**asked), page=1, today=TODAY)
    return [row.donor.name_en for row in page.rows]


def declare(actor: Any, organisation: Organisation) -> Conflict:
    """Declare the actor's own interest in an organisation."""
    return conflicts.declare(actor, organisation.id, now=NOW)


# Donors


def test_the_list_of_donors_is_searched_and_filtered() -> None:
    staff = factories.seat(Role.STAFF)
    water = a_donor(name_uk="Водний фонд", name_en="Water", donor_kind=DonorKind.FOUNDATION)
    heat = a_donor(name_uk="Тепло", name_en="Heat")
    factories.profile(water, sectors=["140"])
    factories.profile(heat, title_uk="Опалення", review_by=date(2026, 11, 1))
    factories.seat(Role.DONOR, heat)
    assert names(staff) == ["Water", "Heat"]
    assert names(staff, words="водний") == ["Water"]
    assert names(staff, words="опалення") == ["Heat"]
    assert names(staff, kind=DonorKind.FOUNDATION) == ["Water"]
    assert names(staff, sector="140") == ["Water"]
    assert names(staff, freshness=Freshness.STALE) == ["Heat"]
    assert names(staff, has_account=True) == ["Heat"]
    assert names(staff, has_account=False) == ["Water"]


def test_the_list_asks_the_database_as_often_for_many_donors_as_for_one() -> None:
    staff = factories.seat(Role.STAFF)

    def count() -> int:
        db.session.expire_all()
        asked: list[str] = []

        def note(_c: Any, _cu: Any, statement: str, *_rest: Any) -> None:
            asked.append(statement)

        sa.event.listen(db.engine, "before_cursor_execute", note)
        donors.list_donors(staff, donors.Filter(), page=1, today=TODAY)
        sa.event.remove(db.engine, "before_cursor_execute", note)
        return len(asked)

    factories.profile()
    db.session.commit()
    few = count()
    for _ in range(10):
        factories.profile()
    db.session.commit()
    assert count() == few


def test_an_interest_hides_the_donor_and_its_numbers() -> None:
    staff = factories.seat(Role.LEAD)
    donor = a_donor()
    profile = factories.profile(donor)
    factories.match(profile_row=profile, status=MatchStatus.INTRODUCED)
    assert len(names(staff)) == 1
    declare(staff, donor)
    assert names(staff) == []
    for act in (
        lambda: donors.get_donor(staff, donor.id),
        lambda: contacts.view_donor(staff, donor.id),
        lambda: contacts.list_briefable(staff, donor.id) or contacts.view_donor(staff, donor.id),
        lambda: donors.verify_donor(staff, donor.id, now=NOW, today=TODAY),
    ):
        with pytest.raises(NotFound):
            act()


def test_a_donor_is_entered_once_and_changed_in_the_version_seen() -> None:
    staff = factories.seat(Role.STAFF)
    made = {donors.create_donor(staff, DONOR, now=NOW, today=TODAY, key="k").id for _ in range(2)}
    assert len(made) == 1
    donor = donors.get_donor(staff, made.pop())
    assert donor.review_by == TODAY + timedelta(days=365)
    seen = donor.version
    donors.edit_donor(staff, donor.id, {**DONOR, "name_en": "New"}, now=NOW, version=seen)
    with pytest.raises(Stale):
        donors.edit_donor(staff, donor.id, DONOR, now=NOW, version=seen)
    with pytest.raises(Invalid, match="source_url"):
        donors.edit_donor(staff, donor.id, {**DONOR, "source_url": "ftp://x"}, now=NOW)


@pytest.mark.parametrize("role", [Role.EDITOR, Role.HEAD, Role.DONOR, Role.ADMIN])
def test_only_the_office_opens_donors_files(role: Role) -> None:
    donor, seat = a_donor(), factories.seat(role)
    for act in (
        lambda: donors.get_donor(seat, donor.id),
        lambda: donors.create_donor(seat, DONOR, now=NOW, today=TODAY),
        lambda: contacts.view_donor(seat, donor.id),
        lambda: rates.enter_rate(seat, "EUR", Decimal(48), TODAY, now=NOW, today=TODAY),
        lambda: lists.list_goals(seat),
        lambda: lists.list_communities(seat, today=TODAY),
        lambda: conflicts.declare(seat, donor.id, now=NOW),
        lambda: letters.list_letters(seat),
        lambda: territory_list.list_entries(seat, today=TODAY),
    ):
        with pytest.raises(NotAllowed):
            act()


# The log of talks


def note(actor: Any, donor: Organisation, **values: Any) -> ContactNote:
    """Write a talk down."""
    given = {"on": TODAY, "channel": Channel.PHONE, "said": "Чекають на таблицю.", **values}
    return contacts.add_note(actor, donor.id, now=NOW, today=TODAY, **given)


def test_a_next_step_waits_until_it_is_ticked_off() -> None:
    staff, donor = factories.seat(Role.STAFF), a_donor()
    written = note(staff, donor, next_step="Надіслати", due_on=TODAY, key="k")
    assert note(staff, donor, next_step="Надіслати", due_on=TODAY, key="k") is written
    assert contacts.view_donor(staff, donor.id)[1].next_step is written
    contacts.finish_note(staff, donor.id, written.id, now=NOW)
    assert contacts.view_donor(staff, donor.id)[1].next_step is None
    with pytest.raises(WrongState):
        contacts.finish_note(staff, donor.id, written.id, now=NOW)
    with pytest.raises(NotFound):
        contacts.finish_note(staff, a_donor().id, written.id, now=NOW)


@pytest.mark.parametrize(
    ("values", "code"),
    [
        ({"said": " "}, "note_empty"),
        ({"on": TODAY + timedelta(days=1)}, "day_ahead"),
        ({"next_step": "Зателефонувати"}, "step_and_day"),
        ({"due_on": TODAY}, "step_and_day"),
        ({"said": "х" * 4001}, "text_long"),
    ],
)
def test_a_line_of_the_log_is_checked(values: dict[str, Any], code: str) -> None:
    with pytest.raises(Invalid, match=code):
        note(factories.seat(Role.STAFF), a_donor(), **values)


def test_a_line_names_a_pair_of_the_same_donor_only() -> None:
    staff, match = factories.seat(Role.STAFF), factories.match(status=MatchStatus.INTRODUCED)
    assert note(staff, match.profile.organisation, match_id=match.id).match_id == match.id
    with pytest.raises(NotFound):
        note(staff, a_donor(), match_id=match.id)


# Briefing packs


def test_a_pack_holds_released_ideas_in_their_confirmed_words_only() -> None:
    staff, profile = factories.seat(Role.STAFF), factories.profile()
    released = factories.match(profile_row=profile, status=MatchStatus.RELEASED)
    factories.release_text(released.idea)
    wordless = factories.match(profile_row=profile, status=MatchStatus.RELEASED)
    draft = factories.release_text(wordless.idea)
    draft.reviewed_at = None
    suggested = factories.match(profile_row=profile)
    foreign = factories.match(status=MatchStatus.RELEASED)
    factories.release_text(foreign.idea)
    ids = [row.id for row in (released, wordless, suggested, foreign)]
    pack = contacts.brief(staff, profile.organisation_id, ids)
    assert [item.match for item in pack] == [released]
    assert set(pack[0].texts) == {Language.EN}


def test_a_restricted_idea_is_in_no_pack_of_staff_that_are_not_cleared() -> None:
    idea = factories.idea(sensitivity=Sensitivity.RESTRICTED)
    factories.release_text(idea)
    match = factories.match(idea, status=MatchStatus.RELEASED)
    donor_id = match.profile.organisation_id
    assert contacts.brief(factories.seat(Role.STAFF), donor_id, [match.id]) == []
    assert len(contacts.brief(factories.seat(Role.LEAD), donor_id, [match.id])) == 1


# Rates


def test_a_rate_of_the_same_day_is_corrected_and_none_is_deleted() -> None:
    staff = factories.seat(Role.STAFF)
    for value in ("47.9", "48.7412"):
        rates.enter_rate(staff, "EUR", Decimal(value), TODAY, now=NOW, today=TODAY)
    rows = db.session.scalars(sa.select(ExchangeRate)).all()
    assert [row.uah for row in rows] == [Decimal("48.7412")]
    assert rates.convert(Decimal(10), "EUR", "UAH", day=TODAY) == Decimal("487.41")


@pytest.mark.parametrize(
    ("currency", "uah", "day", "code"),
    [
        ("UAH", "1", TODAY, "rate_currency"),
        ("RUB", "1", TODAY, "rate_currency"),
        ("EUR", "0", TODAY, "rate_positive"),
        ("EUR", "48", TODAY + timedelta(days=1), "rate_ahead"),
    ],
)
def test_a_wrong_rate_is_refused(currency: str, uah: str, day: date, code: str) -> None:
    with pytest.raises(Invalid, match=code):
        rates.enter_rate(
            factories.seat(Role.STAFF), currency, Decimal(uah), day, now=NOW, today=TODAY
        )


# Goals


def test_a_goal_is_added_changed_and_retired() -> None:
    staff = factories.seat(Role.STAFF)
    goal = lists.Goal("SUMY", "A1", "Вода", "Water")
    row = lists.save_goal(staff, goal, now=NOW)
    with pytest.raises(Invalid, match="goal_exists"):
        lists.save_goal(staff, goal, now=NOW)
    retired = lists.Goal("SUMY", "A1", "Вода", "Water", is_active=False)
    lists.save_goal(staff, retired, goal_id=row.id, now=NOW)
    assert not row.is_active
    assert lists.list_goals(staff) == [row]
    with pytest.raises(Invalid, match="goal_empty"):
        lists.save_goal(staff, lists.Goal("SUMY", "A2", " ", "Heat"), now=NOW)
    with pytest.raises(NotFound):
        lists.save_goal(staff, goal, goal_id=999, now=NOW)


# Territories


def add_entry(lead: Any, code: str, status: Any, start: date, **values: Any) -> Any:
    """Add an entry of the territory list."""
    return territory_list.add_entry(
        lead, code, status, start, source="Наказ", now=NOW, today=TODAY, **values
    )


def end_entry(lead: Any, entry: Any, day: date = TODAY) -> Any:
    """End an entry of the territory list."""
    return territory_list.end_entry(lead, entry.id, day, now=NOW, today=TODAY)


def test_a_new_entry_ends_the_one_before_and_the_past_stays() -> None:
    lead, community = factories.seat(Role.LEAD), factories.organisation()
    code, start = community.katottg, date(2026, 1, 1)
    first = add_entry(lead, code, TerritoryStatusCode.POSSIBLE_HOSTILITIES, start)
    add_entry(lead, code, TerritoryStatusCode.ACTIVE_HOSTILITIES, date(2026, 6, 1))
    assert first.valid_to == date(2026, 5, 31)
    before = territories.statuses_on(date(2026, 5, 31), [community])
    after = territories.statuses_on(date(2026, 6, 1), [community])
    assert before[community.id] is TerritoryStatusCode.POSSIBLE_HOSTILITIES
    assert after[community.id] is TerritoryStatusCode.ACTIVE_HOSTILITIES


def test_entries_are_checked_and_leads_alone_write_them() -> None:
    lead, community = factories.seat(Role.LEAD), factories.organisation()
    active, code = TerritoryStatusCode.ACTIVE_HOSTILITIES, community.katottg
    entry = add_entry(lead, code, active, TODAY)
    with pytest.raises(Invalid, match="territory_exists"):
        add_entry(lead, code, active, TODAY)
    with pytest.raises(Invalid, match="territory_unknown"):
        add_entry(lead, "UA00", active, TODAY)
    with pytest.raises(Invalid, match="dates_order"):
        add_entry(lead, community.raion_code, active, TODAY, valid_to=date(2026, 1, 1))
    staff = factories.seat(Role.STAFF)
    for act in (
        lambda: add_entry(staff, community.raion_code, active, TODAY),
        lambda: end_entry(staff, entry),
    ):
        with pytest.raises(NotAllowed):
            act()
    with pytest.raises(Invalid, match="dates_order"):
        end_entry(lead, entry, date(2026, 1, 1))
    end_entry(lead, entry)
    with pytest.raises(WrongState):
        end_entry(lead, entry)


def test_the_report_names_open_pairs_of_the_raion_those_with_a_rule_first() -> None:
    lead = factories.seat(Role.LEAD)
    without = factories.match(status=MatchStatus.RELEASED)
    profile = factories.profile(statuses_excluded=["active_hostilities"])
    ruled = factories.match(profile_row=profile, status=MatchStatus.RELEASED)
    suggested = factories.match(profile_row=profile)
    factories.match(status=MatchStatus.DECLINED)
    raion = without.idea.organisation.raion_code
    entry = add_entry(lead, raion, TerritoryStatusCode.ACTIVE_HOSTILITIES, TODAY)
    rows = territory_list.touched_pairs(lead, [entry])
    assert [(row.match, row.has_rule) for row in rows] == [(ruled, True), (without, False)]
    assert {ruled.eligibility, suggested.eligibility} == {"not_eligible"}
    end_entry(lead, entry)
    assert ruled.eligibility == "not_eligible", "the last day still counts"


# Communities


def test_names_stand_in_the_order_of_the_ukrainian_alphabet() -> None:
    staff = factories.seat(Role.STAFF)
    for name in ("Ірландія", "Австрія", "Єврофонд", "Ґрант", "Данія", "Гарт", "Енергія"):
        a_donor(name_uk=name, name_en=name)
    expected = ["Австрія", "Гарт", "Ґрант", "Данія", "Енергія", "Єврофонд", "Ірландія"]
    assert names(staff) == expected


def test_the_list_of_communities_counts_what_its_reader_may_see() -> None:
    staff, lead = factories.seat(Role.STAFF), factories.seat(Role.LEAD)
    author = factories.seat(Role.HEAD)
    factories.idea(author)
    factories.idea(author, sensitivity=Sensitivity.RESTRICTED)
    row = lists.list_communities(staff, today=TODAY)[0]
    assert (row.ideas, row.published, row.people, row.has_head) == (1, 1, 1, True)
    assert lists.list_communities(lead, today=TODAY)[0].ideas == 2


def test_a_communitys_settings_are_changed_in_the_version_seen() -> None:
    staff, community = factories.seat(Role.STAFF), factories.organisation()
    seen = community.version
    lists.edit_community(
        staff, community.id, needs_signoff=True, is_active=True, now=NOW, version=seen
    )
    assert community.needs_signoff
    with pytest.raises(Stale):
        lists.edit_community(
            staff, community.id, needs_signoff=False, is_active=True, now=NOW, version=seen
        )
    with pytest.raises(NotFound):
        lists.edit_community(staff, a_donor().id, needs_signoff=True, is_active=True, now=NOW)


# Interests


def test_one_declares_for_oneself_and_a_lead_for_others() -> None:
    staff, lead = factories.seat(Role.STAFF), factories.seat(Role.LEAD)
    donor = a_donor()
    declare(staff, donor)
    with pytest.raises(Invalid, match="conflict_exists"):
        declare(staff, donor)
    with pytest.raises(NotAllowed):
        conflicts.declare(staff, donor.id, user_id=lead.user_id, now=NOW)
    named = conflicts.declare(lead, a_donor().id, user_id=staff.user_id, now=NOW)
    assert named.declared_by_id == lead.user_id
    with pytest.raises(Invalid, match="conflict_person"):
        conflicts.declare(lead, donor.id, user_id=factories.user().id, now=NOW)
    with pytest.raises(Invalid, match="conflict_organisation"):
        conflicts.declare(lead, factories.office().id, now=NOW)
    assert len(conflicts.list_conflicts(staff)) == 2
    assert len(conflicts.list_conflicts(lead)) == 2


def test_nobody_ends_the_own_interest() -> None:
    staff, lead = factories.seat(Role.STAFF), factories.seat(Role.LEAD)
    own, of_lead = declare(staff, a_donor()), declare(lead, a_donor())
    for actor, conflict in ((staff, own), (lead, of_lead)):
        with pytest.raises(NotAllowed, match="conflict_lead"):
            conflicts.end_conflict(actor, conflict.id, now=NOW)
    with pytest.raises(NotFound):
        conflicts.end_conflict(staff, of_lead.id, now=NOW)
    conflicts.end_conflict(lead, own.id, now=NOW)
    with pytest.raises(WrongState):
        conflicts.end_conflict(lead, own.id, now=NOW)
    assert declare(staff, own.organisation).id != own.id
    assert access.people_of(own.organisation_id) == []


# Letters


def queue(kind: str, person: Any, **subject: Any) -> Job:
    """Queue a letter."""
    job = outbox.queue_letter(kind, [person], now=NOW, subject=subject)[0]
    db.session.flush()
    return job


def test_letters_about_what_is_hidden_are_hidden_too() -> None:
    staff, lead = factories.seat(Role.STAFF), factories.seat(Role.LEAD)
    secret = factories.match(
        factories.idea(sensitivity=Sensitivity.RESTRICTED), status=MatchStatus.RELEASED
    )
    plain = factories.match(status=MatchStatus.RELEASED)
    person = factories.user()
    rows = [
        queue("match_released", person, match_id=secret.id),
        queue("match_released", person, match_id=plain.id),
        queue("idea_submitted", person, idea_id=secret.idea_id),
        queue("invitation", person, link_id=1),
    ]
    assert letters.list_letters(staff) == ([rows[3], rows[1]], 2)
    assert letters.list_letters(lead) == (rows[::-1], 4)
    declare(lead, plain.profile.organisation)
    assert letters.list_letters(lead) == ([rows[3], rows[2], rows[0]], 3)


def test_a_failed_letter_is_tried_again_and_another_is_not() -> None:
    staff = factories.seat(Role.STAFF)
    job = queue("invitation", factories.user(), link_id=1)
    with pytest.raises(WrongState):
        letters.retry_letter(staff, job.id, now=NOW)
    job.status, job.attempts, job.error = JobStatus.FAILED, 8, "smtp 550"
    letters.retry_letter(staff, job.id, now=NOW)
    assert (job.status, job.attempts, job.error) == (JobStatus.WAITING, 0, "")
    rank = outbox.queue_job("rank", {"run_id": 1}, now=NOW)
    db.session.flush()
    with pytest.raises(NotFound):
        letters.retry_letter(staff, rank.id, now=NOW)


def test_the_text_of_a_letter_is_read_without_its_one_time_link(tmp_path: Path) -> None:
    message = EmailMessage()
    message["Subject"], message["To"], message["From"] = "Запрошення", "a@b.example", "c@d.example"
    secret = "k3_Zq-" + "x" * 30
    message.set_content(f"Відкрийте https://site.example/auth/invitation/{secret}\nДякуємо.\n")
    message.add_alternative("<b>Markup</b>", subtype="html")
    (tmp_path / "7.eml").write_bytes(message.as_bytes())
    letter = letters.read_letter(tmp_path, 7)
    assert letter is not None
    assert letter.subject == "Запрошення"
    assert len(letter.texts) == 1
    assert secret not in letter.texts[0]
    assert "https://site.example/auth/invitation/•••" in letter.texts[0]
    assert letters.read_letter(tmp_path, 8) is None
    (tmp_path / "9.eml").write_bytes(b"\xff\xfe no letter at all")
    assert letters.read_letter(tmp_path, 9) is not None
