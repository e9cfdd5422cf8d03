"""What decisions and opinions say about the ranking, and what profiles may learn from them."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

import pytest

from matcher.extensions import db
from matcher.models.codes import Reason
from matcher.models.idea import Sensitivity
from matcher.models.match import Feedback, FeedbackValue, Match, MatchStatus
from matcher.models.user import Conflict, Role
from matcher.services import decisions, judgements, moves, quality, ranking
from matcher.services.corpus import documents_id
from matcher.services.index import Index
from tests import factories
from tests.factories import NOW

pytestmark = pytest.mark.usefixtures("rolled_back")
AT = {"now": NOW, "today": NOW.date()}
S = MatchStatus


def pair(status=S.RELEASED, *, profile=None, score=0.2, rank=1, band="strong", **idea) -> Match:
    """Make a pair with the engine's figures."""
    more = {"score": score, "rank_for_idea": rank, "band": band}
    return factories.match(factories.idea(**idea), profile, status=status, **more)


def say(match: Match, value: FeedbackValue, *, later: int = 0) -> None:
    """Let somebody of the office give an opinion."""
    seat = factories.seat(Role.STAFF)
    at = NOW + timedelta(minutes=later)
    row = Feedback(match_id=match.id, by_id=seat.user_id, role=seat.role, value=value, at=at)
    row.engine_version = "2.0"
    db.session.add(row)
    db.session.flush()


def move(match: Match, act: str, reason: Reason | None = None):
    return moves.make_move(match, act, factories.seat(Role.STAFF), now=NOW, reason=reason)


def verdicts() -> dict[int, bool]:
    return {one.match.id: one.is_good for one in judgements.judged(judgements.all_pairs())}


def test_interest_is_good_and_a_no_for_the_subject_is_not() -> None:
    good, bad, other, silent = pair(), pair(), pair(), pair()
    move(good, "interested")
    move(bad, "decline", Reason.NOT_OUR_THEME)
    move(other, "decline", Reason.AMOUNT_OUT_OF_RANGE)
    assert verdicts() == {good.id: True, bad.id: False}
    assert silent.id not in verdicts()


def test_the_latest_decision_counts_and_an_undone_one_never() -> None:
    match = pair()
    move(match, "interested")
    move(match, "decline", Reason.NOT_OUR_THEME)
    assert verdicts() == {match.id: False}
    other = pair()
    seat = factories.seat(Role.STAFF)
    moves.make_move(other, "decline", seat, now=NOW, reason=Reason.NOT_OUR_THEME)
    decisions.undo(seat, other.id, now=NOW + timedelta(minutes=1))
    assert other.id not in verdicts()


def test_opinions_count_where_nobody_decided() -> None:
    liked, wrong, changed, decided = pair(), pair(), pair(), pair()
    say(liked, FeedbackValue.GOOD)
    say(wrong, FeedbackValue.PROFILE_WRONG)
    say(changed, FeedbackValue.GOOD)
    say(changed, FeedbackValue.NOT_RELEVANT, later=5)
    say(decided, FeedbackValue.NOT_RELEVANT)
    move(decided, "interested")
    assert verdicts() == {liked.id: True, changed.id: False, decided.id: True}


def test_the_order_of_scores_is_compared_within_a_profile() -> None:
    profile = factories.profile()
    for score, act in ((0.5, True), (0.3, False), (0.1, True), (None, False)):
        match = pair(profile=profile, score=score)
        if act:
            move(match, "interested")
        else:
            move(match, "decline", Reason.NOT_OUR_THEME)
    found = judgements.order_kept(judgements.judged(judgements.all_pairs()))
    # .5 > .3 alone: the other accepted one is lower, and what has no score counts against it.
    assert found.mean == pytest.approx(0.25)
    assert found.n_queries == 1


def test_places_and_words_are_counted() -> None:
    for rank, band, good in ((1, "strong", True), (4, "weak", False), (99, "weak", True)):
        match = pair(rank=rank, band=band)
        move(match, "interested" if good else "decline", None if good else Reason.NOT_OUR_THEME)
    found = judgements.judged(judgements.all_pairs())
    assert judgements.good_by_rank(found, (3, 10)) == {3: (1, 0), 10: (0, 1), None: (1, 0)}
    assert judgements.good_by_band(found)["weak"].mean == pytest.approx(0.5)


def test_restricted_ideas_teach_nobody() -> None:
    taught, hidden = pair(), pair(sensitivity=Sensitivity.RESTRICTED)
    move(taught, "interested")
    move(hidden, "interested")
    [decision] = judgements.learning_decisions()
    assert decision.idea_id == documents_id(taught.idea)
    assert decision.is_accepted


# A run that learns


def teach(profile, n: int, *, word: str, act: str) -> None:
    for number in range(n):
        text = f"{word} для лікарні, вода {number}"
        match = pair(profile=profile, title=f"{word} {number}", summary=text)
        reason = None if act == "interested" else Reason.NOT_OUR_THEME
        move(match, act, reason)


@pytest.mark.parametrize(("donors", "is_used"), [(5, True), (1, False)])
def test_a_run_learns_only_what_is_proved(tmp_path: Path, donors: int, is_used: bool) -> None:
    index = Index(tmp_path / "index")
    for _ in range(donors):
        profile = factories.profile()
        teach(profile, 3, word="дах", act="interested")
        teach(profile, 3, word="колодязь", act="decline")
    run = ranking.new_run(NOW)
    db.session.flush()
    corpus = ranking.read_documents(NOW.date())
    plain = ranking.fit(corpus, lexicon=index.lexicon, progress=None)
    gain = plain.gain_from(judgements.learning_decisions())
    figures = ranking.learning_figures(gain)
    assert figures["profiles"] == donors
    assert figures["is_used"] is is_used
    assert run.figures == {}


def test_without_decisions_a_report_says_so(tmp_path: Path) -> None:
    index = Index(tmp_path / "index")
    pair()
    plain = ranking.fit(ranking.read_documents(NOW.date()), lexicon=index.lexicon, progress=None)
    assert ranking.learning_figures(plain.gain_from([])) == {"profiles": 0, "is_used": False}


# The page about quality


def test_the_report_counts_what_the_reader_may_see(tmp_path: Path) -> None:
    index = Index(tmp_path / "index")
    staff = factories.seat(Role.STAFF)
    seen, hidden = pair(), pair()
    for match in (seen, hidden):
        move(match, "decline", Reason.NOT_OUR_THEME)
    conflict = Conflict(
        user_id=staff.user_id,
        organisation_id=hidden.idea.organisation_id,
        declared_by_id=staff.user_id,
        created_at=NOW,
    )
    factories.add(conflict)
    report = quality.report(staff, index, today=NOW.date())
    assert report.judged == 1
    assert report.reasons == [(Reason.NOT_OUR_THEME, 1)]
    assert [hub.profile for hub in report.hubs] == [seen.profile]
    assert report.ranked_ideas == 1


def test_what_falls_out_of_sight_is_listed(tmp_path: Path) -> None:
    index = Index(tmp_path / "index")
    staff = factories.seat(Role.STAFF)
    met = pair(S.SUGGESTED)
    shown = pair(S.RELEASED)
    shown.released_at = NOW
    lonely = factories.profile(verified_on=None)
    missed = pair(S.SUGGESTED)
    missed.is_manual, missed.manual_reason = True, "Знаю цього донора"
    db.session.flush()
    report = quality.report(staff, index, today=NOW.date())
    assert report.unmet.first == [lonely]
    assert {idea.id for idea in report.unseen.first} == {met.idea_id, missed.idea_id}
    assert report.unverified.first == [lonely]
    assert report.by_hand.first == [missed]
    assert report.published
