"""Seconding belongs to one act; what a request for one act is worth for another."""

import pytest

from matcher.extensions import db
from matcher.models.idea import IdeaConfirmation, Sensitivity
from matcher.models.match import MatchStatus
from matcher.models.user import Role
from matcher.services import decisions
from tests import factories
from tests.conftest import NOW

pytestmark = pytest.mark.usefixtures("session")
TODAY = NOW.date()


def test_a_request_to_release_does_not_second_an_approval():
    idea = factories.idea(sensitivity=Sensitivity.RESTRICTED)
    factories.release_text(idea)
    one, two = factories.seat(Role.LEAD), factories.seat(Role.LEAD)
    db.session.add(IdeaConfirmation(idea_id=idea.id, revision=1, by_id=one.user_id, at=NOW))
    match = factories.match(idea, status=MatchStatus.INTERESTED)
    match.seconding_act, match.seconding_by_id, match.seconding_at = "release", one.user_id, NOW
    decisions.approve_match(two, match.id, now=NOW, today=TODAY)
    assert match.status is MatchStatus.INTERESTED
    assert (match.seconding_act, match.seconding_by_id) == ("approve", two.user_id)
    decisions.approve_match(one, match.id, now=NOW, today=TODAY)
    assert match.status is MatchStatus.APPROVED
