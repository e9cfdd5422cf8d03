"""Letters and computations wait as rows; an undone act takes its own waiting letters back."""

from __future__ import annotations

from datetime import timedelta

import pytest
import sqlalchemy as sa

from matcher.extensions import db
from matcher.models.job import Job, JobStatus
from matcher.models.match import Match, MatchEvent, MatchStatus
from matcher.services import outbox
from tests import factories
from tests.factories import NOW

pytestmark = pytest.mark.usefixtures("rolled_back")
LATER = NOW + timedelta(minutes=15)


def event_of(match: Match) -> MatchEvent:
    """Make an event of a pair."""
    return factories.add(
        MatchEvent(
            match=match,
            act="release",
            from_status=MatchStatus.SUGGESTED,
            to_status=MatchStatus.RELEASED,
            at=NOW,
        )
    )


def test_a_letter_is_a_row_of_kind_and_ids() -> None:
    people = [factories.user(), factories.user()]
    event = event_of(factories.match())
    jobs = outbox.queue_letter(
        "match_released",
        people,
        now=NOW,
        subject={"match_id": event.match_id},
        event=event,
        not_before=LATER,
    )
    db.session.flush()
    assert [job.recipient_id for job in jobs] == [person.id for person in people]
    for job in jobs:
        assert job.payload == {"letter": "match_released", "match_id": event.match_id}
        assert (job.kind, job.status) == ("letter", JobStatus.WAITING)
        assert (job.not_before, job.match_event_id) == (LATER, event.id)


def test_a_letter_without_a_delay_is_due_now() -> None:
    (job,) = outbox.queue_letter("seat_added", [factories.user()], now=NOW)
    db.session.flush()
    assert (job.not_before, job.match_event_id) == (NOW, None)


def test_a_computation_with_a_key_is_queued_once() -> None:
    first = outbox.queue_job("rank", {"run_id": 1}, now=NOW, unique_key="rank:1")
    db.session.flush()
    assert outbox.queue_job("rank", {"run_id": 1}, now=NOW, unique_key="rank:1") is None
    assert outbox.queue_job("rank", {"run_id": 2}, now=NOW, unique_key="rank:2", not_before=LATER)
    assert outbox.queue_job("tidy", {}, now=NOW)
    assert outbox.queue_job("tidy", {}, now=NOW)
    db.session.flush()
    rows = list(db.session.scalars(sa.select(Job).order_by(Job.id)))
    assert [row.kind for row in rows] == ["rank", "rank", "tidy", "tidy"]
    assert (first.payload, rows[1].not_before) == ({"run_id": 1}, LATER)


def test_only_the_waiting_letters_of_the_event_are_taken_back() -> None:
    match = factories.match()
    event, other = event_of(match), event_of(match)
    letters = {
        name: outbox.queue_letter("match_released", [factories.user()], now=NOW, event=of)[0]
        for name, of in (("waiting", event), ("gone", event), ("other", other), ("none", None))
    }
    letters["gone"].status = JobStatus.DONE
    db.session.flush()
    assert outbox.cancel_letters(event, now=LATER) == 1
    db.session.expire_all()
    assert {name: job.status for name, job in letters.items()} == {
        "waiting": JobStatus.CANCELLED,
        "gone": JobStatus.DONE,
        "other": JobStatus.WAITING,
        "none": JobStatus.WAITING,
    }
    assert letters["waiting"].finished_at == LATER
