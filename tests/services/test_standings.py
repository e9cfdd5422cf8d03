"""What waits on the list of a community's ideas: the same as on the page of each idea."""

from __future__ import annotations

import pytest
import sqlalchemy as sa

from matcher.extensions import db
from matcher.models.idea import Idea, IdeaConfirmation, IdeaStatus
from matcher.models.match import MatchStatus
from matcher.models.user import Membership, Role
from matcher.services import following, ideas
from matcher.services.following import Need
from tests import factories
from tests.factories import NOW

pytestmark = pytest.mark.usefixtures("session")
TODAY = NOW.date()


def unchanged(author: Membership) -> Idea:
    """Make an idea whose text stands as it was submitted."""
    idea = factories.idea(author)
    idea.revisions[-1].content = ideas.snapshot(idea)
    return idea


def test_the_list_names_what_waits_and_how_far_the_best_pair_is() -> None:
    author = factories.seat(Role.EDITOR)
    plain, wanted, known, returned = (unchanged(author) for _ in range(4))
    returned.status = IdeaStatus.CHANGES_REQUESTED
    factories.match(plain, status=MatchStatus.SUGGESTED)
    factories.match(wanted, status=MatchStatus.RELEASED)
    factories.match(wanted, status=MatchStatus.INTERESTED)
    factories.match(wanted, status=MatchStatus.DECLINED)
    factories.match(known, status=MatchStatus.INTRODUCED)
    rows = following.standings(author, [plain, wanted, known, returned], today=TODAY)
    assert [row.need for row in rows[wanted.id].needs] == [Need.CONFIRM]
    assert [row.need for row in rows[returned.id].needs] == [Need.CHANGE]
    assert rows[plain.id].needs == rows[known.id].needs == []
    assert [rows[idea.id].furthest for idea in (plain, wanted, known)] == [
        None,
        MatchStatus.INTERESTED,
        MatchStatus.INTRODUCED,
    ]


def test_a_confirmed_idea_waits_for_nobody() -> None:
    author = factories.seat(Role.EDITOR)
    idea = unchanged(author)
    factories.match(idea, status=MatchStatus.INTERESTED)
    factories.add(
        IdeaConfirmation(idea_id=idea.id, revision=idea.revision, by_id=author.user_id, at=NOW)
    )
    assert following.standings(author, [idea], today=TODAY)[idea.id].needs == []


def test_the_list_asks_no_query_for_each_idea() -> None:
    author = factories.seat(Role.EDITOR)
    rows = [factories.idea(author) for _ in range(6)]
    for idea in rows:
        factories.match(idea, status=MatchStatus.INTERESTED)

    def queries(count: int) -> int:
        asked: list[str] = []
        db.session.flush()
        db.session.expire_all()
        chosen = [db.session.get_one(Idea, idea.id) for idea in rows[:count]]
        db.session.refresh(author)
        event = (db.engine, "before_cursor_execute")

        def note(_c: object, _cur: object, statement: str, *_rest: object) -> None:
            asked.append(statement)

        sa.event.listen(*event, note)
        following.standings(author, chosen, today=TODAY)
        sa.event.remove(*event, note)
        return len(asked)

    assert queries(6) <= queries(1) + 1
