"""Which suggestions the office should look at first: the best few donors of each idea."""

from __future__ import annotations

import sqlalchemy as sa

from matcher.engine import Band
from matcher.models.match import Match, MatchStatus
from matcher.models.user import Membership
from matcher.services import access

BEST_DONORS = 5
FITS = (Band.VERY_STRONG, Band.STRONG, Band.MODERATE)


def worth_a_look(actor: Membership) -> sa.ColumnElement[bool]:
    """Return that a pair is a suggestion of moderate fit or better whose rules do not say no.

    Of each idea the best five count, among those that this person may see; what a colleague
    added by hand, or asks a second person for, counts always.
    """
    fits = access.matches_seen_by(actor).where(
        Match.status == MatchStatus.SUGGESTED,
        Match.band.in_([band.value for band in FITS]),
        Match.eligibility != "not_eligible",
    )
    place = sa.func.row_number().over(
        partition_by=Match.idea_id,
        order_by=[sa.func.coalesce(Match.score, -1.0).desc(), Match.id],
    )
    placed = (
        fits.with_only_columns(Match.id, place.label("place"), maintain_column_froms=True)
        .order_by(None)
        .subquery()
    )
    best = sa.select(placed.c.id).where(placed.c.place <= BEST_DONORS)
    return sa.and_(
        Match.status == MatchStatus.SUGGESTED,
        sa.or_(Match.id.in_(best), Match.is_manual, Match.seconding_act.is_not(None)),
    )
