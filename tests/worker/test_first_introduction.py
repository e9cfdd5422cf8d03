"""From an empty database to the first introduction; every step comes from a letter or a command."""

from __future__ import annotations

import re
from datetime import timedelta
from decimal import Decimal

import sqlalchemy as sa

from matcher.extensions import db
from matcher.models.codes import Language
from matcher.models.idea import Section, Sensitivity
from matcher.models.match import Match, MatchStatus
from matcher.models.organisation import Organisation
from matcher.models.profile import Profile
from matcher.models.user import Membership, Role, User
from matcher.services import (
    accounts,
    checking,
    decisions,
    ideas,
    matching,
    release_texts,
    replies,
    signing_in,
)
from matcher.web import clock as web_clock
from matcher.web.matching import get_index
from tests.factories import NOW

PASSWORD = "чотири незалежні слова разом"
COMMUNITY = "UA59020010000024157"
ESSENCE = {
    "title": "Нова свердловина для лікарні",
    "summary": "Лікарня лишилася без питної води; потрібні свердловина та насос.",
    "problem": "Після обстрілів мережа не працює, воду возять цистернами.",
    "activities": "Пробурити свердловину, встановити насос і знезараження.",
    "result": "Пацієнти щодня матимуть чисту воду.",
    "sector": "140",
    "sdg": 6,
    "title_en": "A new well for the hospital",
    "summary_en": "The hospital has no drinking water; it needs a well and a pump.",
}
PEOPLE = {"beneficiaries": 7400, "sensitivity": Sensitivity.AFTER_APPROVAL}
BUDGET = {"amount": Decimal(85000), "currency": "EUR"}


class Walk:
    """The people of one story and the moment it has come to."""

    def __init__(self, app, clock, worker, read_letters):
        self.app, self.clock, self.worker, self.read = app, clock, worker, read_letters

    def later(self, minutes):
        self.clock.now = self.clock.now + timedelta(minutes=minutes)

    def letters(self, to):
        """Send what is due and return the texts of this person's letters."""
        self.worker.run_until_idle()
        found = [one for one in self.read() if one["To"].addresses[0].addr_spec == to]
        return [one.get_content() for one in found]

    def accept(self, email):
        """Open the account by the link of the letter."""
        secret = re.search(r"/auth/invitation/(\S+)", self.letters(email)[-1])[1]
        with self.app.app_context():
            signing_in.accept_invitation(
                secret, password=PASSWORD, name="Людина", post="Посада", phone="", now=self.now
            )
            db.session.commit()

    def act(self, email, act):
        """Do one act as this person; the first seat that is not the administrator's."""
        with self.app.app_context():
            statement = (
                sa.select(Membership)
                .join(User, Membership.user_id == User.id)
                .where(User.email == email, Membership.role != Role.ADMIN)
            )
            result = act(db.session.scalars(statement).one())
            db.session.commit()
            return result

    @property
    def now(self):
        return self.clock.now


def set_up(walk):
    """Run the command and open the first account by the link that it prints."""
    command = [
        "setup",
        "--yes",
        "--admin-name=Керівник",
        "--admin-email=lead@demo.example",
    ]
    text = walk.app.test_cli_runner().invoke(args=command).output
    secret = re.search(r"/auth/invitation/(\S+)", text)[1]
    with walk.app.app_context():
        signing_in.accept_invitation(
            secret, password=PASSWORD, name="Керівник", post="", phone="", now=NOW
        )
        db.session.commit()


def invite(walk, email, role, where):
    def act(lead):
        organisation_id = db.session.scalars(sa.select(Organisation.id).where(where)).one()
        accounts.invite(
            lead,
            email=email,
            name="Людина",
            post="",
            role=role,
            organisation_id=organisation_id,
            language=Language.EN if role is Role.DONOR else Language.UK,
            now=walk.now,
        )

    walk.act("lead@demo.example", act)
    walk.accept(email)


def write_idea(walk):
    def act(head):
        idea = ideas.start_draft(
            head, title=ESSENCE["title"], summary=ESSENCE["summary"], key="k1", now=walk.now
        )
        sections = {Section.ESSENCE: ESSENCE, Section.PEOPLE: PEOPLE, Section.BUDGET: BUDGET}
        for section, values in sections.items():
            ideas.save_section(head, idea.id, section, values, now=walk.now)
        ideas.submit_idea(head, idea.id, now=walk.now)
        return idea.id

    return walk.act("head@demo.example", act)


def publish(walk, idea_id):
    def act(staff):
        checking.open_idea(staff, idea_id, now=walk.now)
        for language, name in ((Language.UK, ""), (Language.EN, "_en")):
            release_texts.save(
                staff,
                idea_id,
                language,
                title=ESSENCE[f"title{name}"],
                summary=ESSENCE[f"summary{name}"],
                accepted={"лікарні": "назви немає", "hospital": "no name", "Лікарня": "немає"},
                confirm=True,
                now=walk.now,
            )
        idea = checking.publish_idea(staff, idea_id, now=walk.now)
        matching.rank_idea(get_index(), idea, now=walk.now, today=web_clock.today())

    walk.act("staff@demo.example", act)


def find_or_add_pair(walk, idea_id, reference_id):
    """Return the pair with this donor; where the engine has not found it, staff add it."""

    def act(staff):
        donor = Organisation.reference_id == reference_id
        statement = sa.select(Profile.id).join(Organisation).where(donor)
        profile_id = db.session.scalars(statement).one()
        known = sa.select(Match.id).where(Match.profile_id == profile_id)
        return (
            db.session.scalars(known).first()
            or matching.add_pair(
                staff,
                get_index(),
                idea_id=idea_id,
                profile_id=profile_id,
                reason="Вода для лікарні",
                now=walk.now,
                today=web_clock.today(),
            ).id
        )

    return walk.act("staff@demo.example", act)


def test_from_an_empty_database_to_the_first_introduction(app, clock, worker, read_letters):
    walk = Walk(app, clock, worker, read_letters)
    set_up(walk)
    reference_id = "unicef"
    invite(walk, "staff@demo.example", Role.STAFF, Organisation.kind == "office")
    invite(walk, "head@demo.example", Role.HEAD, Organisation.katottg == COMMUNITY)
    donor = Organisation.reference_id == reference_id
    invite(walk, "donor@demo.example", Role.DONOR, donor)

    idea_id = write_idea(walk)
    assert ESSENCE["title"] in " ".join(walk.letters("staff@demo.example")[-1].split())
    publish(walk, idea_id)
    match_id = find_or_add_pair(walk, idea_id, reference_id)

    today = NOW.date()
    walk.act(
        "staff@demo.example",
        lambda staff: decisions.release_match(staff, match_id, now=walk.now, today=today) and None,
    )
    before = len(walk.letters("donor@demo.example"))
    walk.later(15)
    letters = walk.letters("donor@demo.example")
    assert len(letters) == before + 1, "held back for as long as it can be undone"
    assert ESSENCE["title_en"] in " ".join(letters[-1].split())
    assert ESSENCE["title"] not in letters[-1]

    walk.act(
        "donor@demo.example",
        lambda seat: replies.express_interest(seat, match_id, now=walk.now) and None,
    )
    walk.later(16)
    assert f"/community/ideas/{idea_id}" in walk.letters("head@demo.example")[-1]
    walk.act(
        "head@demo.example",
        lambda seat: ideas.confirm_idea(seat, idea_id, now=walk.now) and None,
    )
    walk.act(
        "lead@demo.example",
        lambda lead: decisions.approve_match(lead, match_id, now=walk.now, today=today) and None,
    )
    walk.later(16)
    assert not any("head@demo.example" in one for one in walk.letters("donor@demo.example"))
    assert not any("donor@demo.example" in one for one in walk.letters("head@demo.example"))
    walk.act(
        "lead@demo.example",
        lambda lead: decisions.introduce_match(lead, match_id, now=walk.now) and None,
    )
    assert "head@demo.example" in walk.letters("donor@demo.example")[-1]
    assert "donor@demo.example" in walk.letters("head@demo.example")[-1]
    with app.app_context():
        assert db.session.get(Match, match_id).status is MatchStatus.INTRODUCED
