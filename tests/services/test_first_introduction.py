"""From an empty database to the first introduction, act by act, with nothing loaded by hand."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal
from pathlib import Path

import pytest
import sqlalchemy as sa

from matcher.extensions import db
from matcher.models.codes import Language
from matcher.models.idea import Idea, IdeaStatus, Section
from matcher.models.job import Job
from matcher.models.match import Match, MatchStatus
from matcher.models.organisation import Organisation, OrganisationKind
from matcher.models.user import Membership, OneTimeLink, Role, User
from matcher.services import (
    access,
    accounts,
    checking,
    decisions,
    ideas,
    installation,
    links,
    matching,
    outcomes,
    release_texts,
    replies,
    signing_in,
)
from matcher.services.index import Index
from tests.factories import NOW

pytestmark = pytest.mark.usefixtures("rolled_back")
PASSWORD = "чотири незалежні слова разом"
TITLE, SUMMARY = "Очищення питної води", "Мешканці без води; потрібні насос і фільтри."
TITLE_EN, SUMMARY_EN = "Clean drinking water", "People have no water; pumps and filters are needed."
WHOLE = {
    "title": TITLE,
    "summary": SUMMARY,
    "problem": "Мережа водопостачання не працює після обстрілів.",
    "activities": "Встановити насос, фільтри та резервне живлення.",
    "result": "Мешканці щодня матимуть чисту питну воду.",
    "sector": "140",
    "title_en": TITLE_EN,
    "summary_en": SUMMARY_EN,
}


class Story:
    """The people of a new installation, each by the link that invited them."""

    def __init__(self, index: Index) -> None:
        self.index = index
        self.now = NOW
        plan = installation.Plan(
            office_name_uk="Управління",
            office_name_en="Office",
            sender="office@demo.example",
            admin_name="Перша людина",
            admin_email="first@demo.example",
        )
        secret = installation.set_up(plan, now=NOW)
        person = signing_in.accept_invitation(secret, password=PASSWORD, name="Перша", now=NOW)
        self.first = next(seat for seat in person.memberships if seat.role is Role.LEAD)

    @property
    def at(self) -> dict[str, object]:
        return {"now": self.now, "today": self.now.date()}

    def invite(self, role: Role, organisation: Organisation) -> Membership:
        """Invite somebody and open the account by the link that the letter carries."""
        accounts.invite(
            self.first,
            email=f"{role}@demo.example",
            name="Людина",
            post="Посада",
            role=role,
            organisation_id=organisation.id,
            language=Language.UK,
            now=self.now,
        )
        email = User.email == f"{role}@demo.example"
        statement = sa.select(OneTimeLink).join(OneTimeLink.user).where(email)
        link = db.session.scalars(statement.order_by(OneTimeLink.id)).first()
        secret = links.renew_secret(link.id, self.now)
        person = signing_in.accept_invitation(
            secret, password=PASSWORD, name="Людина", now=self.now
        )
        return person.memberships[0]

    def letters(self, seat: Membership) -> list[str]:
        """Return the kinds of letters that this person has got or will get."""
        jobs = sa.select(Job).where(Job.recipient_id == seat.user_id).order_by(Job.id)
        return [job.payload["letter"] for job in db.session.scalars(jobs)]


def place(kind: OrganisationKind, **where: str) -> Organisation:
    """Return an organisation that the set-up has loaded."""
    return db.session.scalars(sa.select(Organisation).filter_by(kind=kind, **where)).one()


def write_and_send(story: Story, head: Membership) -> Idea:
    """The head fills the form and sends it."""
    idea = ideas.start_draft(head, title=TITLE, summary=SUMMARY, key="k1", now=story.now)
    budget = {"amount": Decimal(85000), "currency": "EUR"}
    for section, values in (
        (Section.ESSENCE, WHOLE),
        (Section.PEOPLE, {"beneficiaries": 4200}),
        (Section.BUDGET, budget),
    ):
        ideas.save_section(head, idea.id, section, values, now=story.now)
    return ideas.submit_idea(head, idea.id, now=story.now)


def publish(story: Story, staff: Membership, idea: Idea) -> None:
    """Staff open the idea, confirm its release text and publish it."""
    checking.open_idea(staff, idea.id, now=story.now)
    release_texts.save(
        staff,
        idea.id,
        Language.EN,
        title=TITLE_EN,
        summary=SUMMARY_EN,
        accepted={},
        confirm=True,
        now=story.now,
    )
    checking.publish_idea(staff, idea.id, now=story.now)


def find_pair(story: Story, staff: Membership, idea: Idea, donor: Organisation) -> Match:
    """Rank the idea at once and return its pair with the donor, added by hand where missed."""
    for match in matching.rank_idea(story.index, idea, **story.at):
        if match.profile.organisation is donor:
            return match
    profile = db.session.scalars(
        sa.select(matching.Profile).where(matching.Profile.organisation_id == donor.id)
    ).one()
    return matching.add_pair(
        staff,
        story.index,
        idea_id=idea.id,
        profile_id=profile.id,
        reason="Вода й санітарія: тема цього донора",
        **story.at,
    )


def test_from_an_empty_database_to_the_first_introduction(tmp_path: Path) -> None:
    story = Story(Index(tmp_path / "index"))
    office = accounts.find_office()
    unicef = place(OrganisationKind.DONOR, reference_id="unicef")
    staff = story.invite(Role.STAFF, office)
    head = story.invite(Role.HEAD, place(OrganisationKind.COMMUNITY, katottg="UA59020010000024157"))
    donor = story.invite(Role.DONOR, unicef)

    idea = write_and_send(story, head)
    assert (idea.status, idea.code) == (IdeaStatus.SUBMITTED, "2026-00001")
    assert story.letters(staff)[-1] == "idea_submitted"

    publish(story, staff, idea)
    match = find_pair(story, staff, idea, unicef)
    assert db.session.scalars(access.matches_seen_by(donor)).all() == []

    decisions.release_match(staff, match.id, **story.at)
    assert db.session.scalars(access.matches_seen_by(donor)).all() == [match]
    assert story.letters(donor)[-1] == "match_released"

    replies.express_interest(donor, match.id, now=story.now)
    assert story.letters(head)[-1] == "confirmation_wanted"

    ideas.confirm_idea(head, idea.id, now=story.now)
    decisions.approve_match(story.first, match.id, **story.at)
    story.now += timedelta(minutes=16)
    decisions.introduce_match(story.first, match.id, now=story.now)
    assert match.status is MatchStatus.INTRODUCED
    assert story.letters(head)[-1] == story.letters(donor)[-1] == "match_introduced"

    outcomes.record_talks(donor, match.id, now=story.now)
    assert [event.act for event in match.events if event.act != "added_by_hand"] == [
        "release",
        "interested",
        "approve",
        "introduce",
        "talks",
    ]
