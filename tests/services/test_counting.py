"""The numbers of the menu: of guarded rows alone, whatever the order of the list."""

from __future__ import annotations

import pytest
import sqlalchemy as sa

from matcher.models.idea import Idea, IdeaStatus
from matcher.models.match import MatchStatus
from matcher.models.user import Role
from matcher.services.counting import count, menu_counts
from tests import factories

pytestmark = pytest.mark.usefixtures("rolled_back")


def test_an_ordered_statement_counts_its_rows() -> None:
    author = factories.seat(Role.EDITOR)
    for _ in range(3):
        factories.idea(author)
    statement = sa.select(Idea).where(Idea.organisation_id == author.organisation_id)
    assert count(statement.order_by(Idea.updated_at)) == 3
    assert count(statement.where(sa.false())) == 0


@pytest.mark.parametrize("status", list(MatchStatus))
def test_a_pair_waits_for_the_donor_or_the_office_or_nobody(status: MatchStatus) -> None:
    funded = {"funded_amount": 1, "funded_currency": "EUR", "funded_on": factories.NOW.date()}
    match = factories.match(status=status, **(funded if status is MatchStatus.FUNDED else {}))
    donor = factories.seat(Role.DONOR, match.profile.organisation)
    waits_for_donor = status is MatchStatus.RELEASED
    waits_for_office = status.value in {"question", "interested", "approved"}
    assert menu_counts(donor) == {"matches": int(waits_for_donor)}
    assert menu_counts(factories.seat(Role.STAFF))["pairs"] == int(waits_for_office)


@pytest.mark.parametrize("status", list(IdeaStatus))
def test_an_idea_waits_for_its_community_or_the_office_or_nobody(status: IdeaStatus) -> None:
    author = factories.seat(Role.EDITOR)
    head = factories.seat(Role.HEAD, author.organisation)
    factories.idea(author, status=status)
    returned = status is IdeaStatus.CHANGES_REQUESTED
    unsigned = status is IdeaStatus.AWAITING_SIGNOFF
    assert menu_counts(author) == {"needs_action": int(returned)}
    assert menu_counts(head) == {"needs_action": int(returned or unsigned)}
    staff = menu_counts(factories.seat(Role.STAFF))
    assert staff["ideas"] == int(status is IdeaStatus.SUBMITTED)
