"""What a day brings by itself: calls close, ideas ask whether they are current, profiles age."""

from __future__ import annotations

from datetime import date, datetime, timedelta

import sqlalchemy as sa

from matcher.extensions import db
from matcher.models.idea import Idea, IdeaStatus
from matcher.models.profile import Profile
from matcher.services import access, ideas, outbox

ASK_EVERY = timedelta(days=7)
TIMES_ASKED = 3  # the question itself and two reminders
MONDAY = 1


def ask_for_renewals(*, today: date, now: datetime) -> tuple[list[Idea], list[Idea]]:
    """Ask the authors of published ideas whose term is over; what nobody answers grows stale.

    Asked on the day of the term, reminded after one week and after two, stale after three.
    Returns the ideas asked about and the ideas that grew stale.
    """
    statement = (
        sa.select(Idea)
        .where(Idea.status == IdeaStatus.PUBLISHED, Idea.review_by <= today)
        .order_by(Idea.id)
    )
    asked, stale = [], []
    for idea in db.session.scalars(statement):
        if idea.review_by is None or today < idea.review_by + ASK_EVERY * idea.reminders:
            continue
        if idea.reminders >= TIMES_ASKED:
            ideas.grow_stale(idea, now=now)
            stale.append(idea)
        else:
            ask_for_renewal(idea, today=today, now=now)
            asked.append(idea)
    db.session.flush()
    return asked, stale


def ask_for_renewal(idea: Idea, *, today: date, now: datetime) -> None:
    """Send the question to everybody of the lead organisation and count it."""
    # After days without a running worker the weeks count from today: the owner gets a week
    # between two letters, never three letters on three days.
    idea.review_by = today - ASK_EVERY * idea.reminders
    idea.reminders += 1
    outbox.queue_letter(
        "idea_renewal",
        access.people_of(idea.organisation_id),
        now=now,
        subject={"idea_id": idea.id, "time": idea.reminders},
    )


def count_overdue_profiles(*, today: date) -> int:
    """Return how many profiles in use are past the day by which somebody had to check them."""
    statement = (
        sa.select(sa.func.count())
        .select_from(Profile)
        .where(
            sa.not_(Profile.ended),
            Profile.revision > 0,
            Profile.review_by < today,
            sa.or_(Profile.closes_on.is_(None), Profile.closes_on >= today),
        )
    )
    return db.session.scalar(statement) or 0


def remind_of_profiles(*, today: date, now: datetime) -> bool:
    """Once a week, tell the office that profiles wait for a check; return whether a letter left."""
    if today.isoweekday() != MONDAY or count_overdue_profiles(today=today) == 0:
        return False
    outbox.queue_letter("profiles_stale", access.office_people(), now=now)
    return True
