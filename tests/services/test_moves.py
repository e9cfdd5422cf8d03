"""The table of moves, the making of one and the undoing of one."""

from datetime import timedelta

import pytest
import sqlalchemy as sa

from matcher.errors import NotAllowed, Stale, WrongState
from matcher.extensions import db
from matcher.models.audit import AuditEvent
from matcher.models.codes import Reason
from matcher.models.job import Job, JobStatus
from matcher.models.match import MatchEvent, MatchStatus, Suppression
from matcher.models.user import Role
from matcher.services import decisions, moves, ranking
from tests import factories
from tests.conftest import NOW
from tests.services.machine import CLOSED, PATHS

pytestmark = pytest.mark.usefixtures("session")
S = MatchStatus
TODAY = NOW.date()
# What ends a pair by itself, and what brings a closed one back when its texts have changed.
BY_ITSELF = {("approved", "lapse"), *((s, "suggest_again") for s in CLOSED)}


def test_the_table_holds_the_paths_of_the_contract_and_no_other():
    for act, move in moves.MOVES.items():
        for status in S:
            allowed = status in move.sources
            wanted = PATHS.get(status.value, {}).get(act)
            if wanted is not None:
                assert allowed, (status, act)
                assert move.target == wanted
            else:
                assert not allowed or (status.value, act) in BY_ITSELF, (status, act)


@pytest.mark.parametrize("status", sorted({*CLOSED, "approved"} - {"funded"}))
def test_a_move_that_does_not_start_here_is_refused(status):
    match = factories.match(status=S(status))
    with pytest.raises(WrongState) as refused:
        moves.make_move(match, "talks", None, now=NOW)
    assert refused.value.details["status"] == status
    assert match.status == status
    assert not match.events


def test_a_move_writes_state_event_and_audit_together():
    actor, match = factories.seat(Role.STAFF), factories.match()
    later = NOW + timedelta(hours=1)
    event = moves.make_move(
        match, "dismiss", actor, now=later, reason=Reason.OTHER, note="таємні слова"
    )
    assert (match.status, match.status_at) == (S.DISMISSED, later)
    assert (event.from_status, event.to_status) == (S.SUGGESTED, S.DISMISSED)
    assert (event.by_id, event.role, event.reason) == (actor.user_id, Role.STAFF, Reason.OTHER)
    entry = db.session.scalars(sa.select(AuditEvent)).one()
    assert (entry.act, entry.subject_id, entry.user_id) == (
        "match.dismiss",
        match.id,
        actor.user_id,
    )
    assert entry.old == {"status": "suggested"}
    assert entry.new == {"status": "dismissed", "reason": "other"}
    assert "таємні" not in f"{entry.old}{entry.new}"


def test_every_event_counts_as_a_change_for_other_readers():
    match = factories.match()
    before = match.version
    moves.add_event(match, "question_relayed", match.status, None, now=NOW)
    assert match.version == before + 1


def test_another_version_is_stale_and_none_is_not_asked_about():
    match = factories.match()
    moves.check_version(match, match.version)
    moves.check_version(match, None)
    for version in (match.version - 1, match.version + 1):
        with pytest.raises(Stale):
            moves.check_version(match, version)


@pytest.mark.parametrize(
    "do", [decisions.release_match, decisions.dismiss_match, decisions.approve_match]
)
def test_decisions_look_at_the_version(do):
    match = factories.match()
    more = {"reason": Reason.CAPACITY} if do is decisions.dismiss_match else {"today": TODAY}
    with pytest.raises(Stale):
        do(factories.seat(Role.STAFF), match.id, now=NOW, version=match.version + 1, **more)


# Suppression


def test_a_no_keeps_the_pair_away_until_a_text_changes():
    match = factories.match()
    moves.make_move(match, "dismiss", None, now=NOW, reason=Reason.NOT_READY)
    row = db.session.scalars(sa.select(Suppression)).one()
    assert (row.idea_revision, row.profile_revision, row.reason) == (1, 1, Reason.NOT_READY)
    pair = {(match.idea_id, match.profile_id)}
    assert ranking.suppressed_pairs([match.idea_id]) == pair
    match.idea.revision = 2
    db.session.flush()
    assert ranking.suppressed_pairs([match.idea_id]) == set()


def test_a_second_no_renews_the_suppression():
    match = factories.match()
    moves.suppress(match, Reason.CAPACITY, now=NOW)
    match.idea.revision = 2
    moves.suppress(match, Reason.OTHER, now=NOW)
    row = db.session.scalars(sa.select(Suppression)).one()
    assert (row.idea_revision, row.reason) == (2, Reason.OTHER)


def test_a_lapse_keeps_nothing_away():
    match = factories.match()
    moves.make_move(match, "lapse", None, now=NOW, reason=Reason.CAPACITY)
    assert moves.find_suppression(match) is None


# Undo


@pytest.fixture
def released():
    """Return (person, pair): the person has just released it."""
    actor = factories.seat(Role.STAFF)
    match = factories.match()
    factories.release_text(match.idea)
    factories.seat(Role.DONOR, match.profile.organisation)
    decisions.release_match(actor, match.id, now=NOW, today=TODAY)
    return actor, match


def test_undo_brings_the_state_back_and_cancels_the_letters(released):
    actor, match = released
    event = match.events[0]
    assert db.session.scalars(sa.select(Job.status)).all() == [JobStatus.WAITING]
    undone = decisions.undo(actor, match.id, now=NOW + timedelta(minutes=15))
    assert undone.status is S.SUGGESTED
    assert undone.released_at is undone.released_by_id is None
    assert db.session.scalars(sa.select(Job.status)).all() == [JobStatus.CANCELLED]
    acts = db.session.scalars(sa.select(MatchEvent).order_by(MatchEvent.id)).all()
    assert [row.act for row in acts] == ["release", "undone"]
    assert acts[1].undoes_id == event.id


def test_letters_of_an_act_that_can_be_undone_wait_for_the_window(released):
    assert db.session.scalars(sa.select(Job.not_before)).all() == [NOW + moves.UNDO_WINDOW]


def test_undo_ends_after_fifteen_minutes(released):
    actor, match = released
    with pytest.raises(NotAllowed, match="undo_late"):
        decisions.undo(actor, match.id, now=NOW + timedelta(minutes=15, seconds=1))


def test_undo_belongs_to_who_acted(released):
    _actor, match = released
    with pytest.raises(NotAllowed):
        decisions.undo(factories.seat(Role.LEAD), match.id, now=NOW)


def test_what_somebody_built_upon_cannot_be_undone(released):
    actor, match = released
    moves.make_move(match, "interested", factories.seat(Role.STAFF), now=NOW)
    with pytest.raises(NotAllowed):
        decisions.undo(actor, match.id, now=NOW)


def test_an_undo_cannot_be_undone(released):
    actor, match = released
    decisions.undo(actor, match.id, now=NOW)
    with pytest.raises(NotAllowed):
        decisions.undo(actor, match.id, now=NOW)


def test_an_introduction_cannot_be_undone():
    actor = factories.seat(Role.STAFF)
    match = factories.match(status=S.APPROVED, status_at=NOW - timedelta(hours=1))
    decisions.introduce_match(actor, match.id, now=NOW)
    with pytest.raises(NotAllowed):
        decisions.undo(actor, match.id, now=NOW)


def test_undoing_a_no_lifts_its_suppression():
    actor, match = factories.seat(Role.STAFF), factories.match()
    decisions.dismiss_match(actor, match.id, Reason.CAPACITY, now=NOW)
    assert moves.find_suppression(match) is not None
    decisions.undo(actor, match.id, now=NOW)
    assert moves.find_suppression(match) is None


def test_a_letter_that_has_left_stays_as_it_is(released):
    actor, match = released
    job = db.session.scalars(sa.select(Job)).one()
    job.status = JobStatus.DONE
    db.session.flush()
    decisions.undo(actor, match.id, now=NOW)
    db.session.refresh(job)
    assert job.status is JobStatus.DONE
