"""A community's change of a published idea is ranked at once, as a publication is."""

from __future__ import annotations

import re

import sqlalchemy as sa

from matcher.extensions import db
from matcher.models.match import Match, MatchStatus
from matcher.models.user import Role
from matcher.services import ideas
from tests import factories


def hidden(response) -> dict[str, str]:
    """Return the hidden fields of a page's forms."""
    html = response.get_data(as_text=True)
    return dict(re.findall(r'name="(version|seen|key)"[^>]*value="([^"]*)"', html))


def test_a_new_revision_is_ranked_at_once(app, client_as):
    with app.app_context():
        author = factories.seat(Role.EDITOR)
        idea = factories.idea(author)
        idea.revisions[-1].content = ideas.snapshot(idea)
        idea.summary = "Лікарні потрібні свердловина та насос для чистої питної води."
        factories.match(idea, band="weak")
        factories.profile()
        seat_id, idea_id = author.id, idea.id
        db.session.commit()
    editor = client_as(seat_id=seat_id)
    url = f"/community/ideas/{idea_id}/check"
    answer = editor.post(url, data=hidden(editor.get(url)) | {"consent": "y"})
    assert answer.status_code == 302
    with app.app_context():
        rows = db.session.scalars(sa.select(Match).where(Match.idea_id == idea_id)).all()
        assert rows
        assert {row.idea_revision.number for row in rows} == {2}
        assert all(row.status is MatchStatus.SUGGESTED for row in rows)
