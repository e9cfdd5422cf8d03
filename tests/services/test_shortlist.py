"""The suggestions to look at first: moderate or better, no rule against, five of an idea."""

from __future__ import annotations

import pytest

from matcher.extensions import db
from matcher.models.match import Match, MatchStatus
from matcher.models.user import Conflict, Membership, Role
from matcher.services import access, agenda, queue
from matcher.services.agenda import Kind
from matcher.services.shortlist import BEST_DONORS, worth_a_look
from tests import factories
from tests.factories import NOW

pytestmark = pytest.mark.usefixtures("session")


def looked_at(actor: Membership) -> set[int]:
    """Return the pairs of the short list."""
    statement = access.matches_seen_by(actor).where(worth_a_look(actor))
    return {match.id for match in db.session.scalars(statement)}


@pytest.mark.parametrize("band", ["very_strong", "strong", "moderate", "weak", "too_little_text"])
def test_a_weak_fit_waits_in_another_view(band: str) -> None:
    match = factories.match(band=band)
    wanted = {match.id} if band in ("very_strong", "strong", "moderate") else set()
    assert looked_at(factories.seat(Role.STAFF)) == wanted


@pytest.mark.parametrize("verdict", ["eligible", "unclear", "not_eligible"])
def test_only_a_rule_that_says_no_keeps_a_pair_away(verdict: str) -> None:
    match = factories.match(eligibility=verdict)
    assert looked_at(factories.seat(Role.STAFF)) == (
        set() if verdict == "not_eligible" else {match.id}
    )


def test_the_best_five_donors_of_each_idea_come_first() -> None:
    idea, other = factories.idea(), factories.match()
    pairs = [factories.match(idea, score=place / 10) for place in range(7)]
    best = {pair.id for pair in pairs[-BEST_DONORS:]}
    assert looked_at(factories.seat(Role.STAFF)) == best | {other.id}


def test_a_pair_in_conflict_takes_no_place_among_the_five() -> None:
    actor, idea = factories.seat(Role.STAFF), factories.idea()
    pairs = [factories.match(idea, score=place / 10) for place in range(6)]
    donor = pairs[-1].profile.organisation
    factories.add(
        Conflict(
            user_id=actor.user_id,
            organisation=donor,
            note="",
            declared_by_id=actor.user_id,
            created_at=NOW,
        )
    )
    assert looked_at(actor) == {pair.id for pair in pairs[:5]}


def test_a_weak_pair_added_by_hand_is_looked_at() -> None:
    match = factories.match(band="weak", is_manual=True, manual_reason="Домовлено")
    assert looked_at(factories.seat(Role.LEAD)) == {match.id}


def test_the_first_view_holds_answers_too_and_the_second_one_all() -> None:
    weak, strong = factories.match(band="weak"), factories.match()
    answer = factories.match(band="weak", status=MatchStatus.INTERESTED)
    factories.match(status=MatchStatus.RELEASED)
    actor = factories.seat(Role.STAFF)

    def shown(view: str) -> set[int]:
        asked = queue.Filter(view=view)
        return {row.id for row in queue.list_queue(actor, asked, page=1, now=NOW).rows}

    assert shown("look") == {strong.id, answer.id}
    assert shown("waiting") == {weak.id, strong.id, answer.id}
    counts = queue.list_queue(actor, queue.Filter(), page=1, now=NOW).counts
    assert (counts["look"], counts["waiting"], counts["release"]) == (2, 3, 2)


def test_the_page_of_the_day_counts_what_is_worth_a_look() -> None:
    factories.match(band="weak")
    factories.match()
    actor = factories.seat(Role.STAFF)
    rows = {row.kind: row.count for row in agenda.list_waiting(actor, today=NOW.date())}
    assert rows[Kind.PAIRS_TO_RELEASE] == 1
    assert db.session.query(Match).count() == 2
