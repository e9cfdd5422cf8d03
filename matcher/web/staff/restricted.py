"""Restricted ideas, for leads: who may see each, and which pairs wait for a second person."""

from __future__ import annotations

from flask import render_template

from matcher.services import idea_lists
from matcher.web.access import get_actor
from matcher.web.staff.blueprint import bp


@bp.get("/restricted")
def list_restricted() -> str:
    """Show the restricted ideas with the people named for them."""
    actor = get_actor()
    rows = idea_lists.list_restricted(actor)
    ids = [row.id for row in rows]
    return render_template(
        "staff/restricted.html",
        ideas=rows,
        clearances=idea_lists.list_clearances(ids),
        seconding=idea_lists.list_seconding(actor, ids),
    )
